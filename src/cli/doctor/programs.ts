/** What programs of the system tell; null where a program is missing or says nothing of use. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Service {
  /** `active`, `inactive`, `failed`, ... */
  state: string;
  /** Starts at boot. */
  enabled: boolean;
  /** Why it ended last: `success`, `exit-code`, `watchdog`, `oom-kill`, ... */
  result: string;
  restarts: number;
  mainPid: number | null;
  sandbox: Sandbox;
}

export interface Sandbox {
  /** All that it may write, with what is below; null: whatever its user may. */
  writable: readonly string[] | null;
  /** What is in /home, /root and /run/user is kept from it. */
  hidesHomes: boolean;
}

/** The unit rkllamad.service; null where there is no systemd, or no such unit. */
export async function readService(): Promise<Service | null> {
  const names = [
    ...['LoadState', 'ActiveState', 'UnitFileState', 'Result', 'NRestarts', 'MainPID'],
    ...['ProtectSystem', 'ProtectHome', 'StateDirectory', 'ReadWritePaths', 'BindPaths'],
  ];
  const text = await outputOf('systemctl', ['show', 'rkllamad.service', `--property=${names}`]);
  const values = new Map(
    (text ?? '').split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  if (values.get('LoadState') !== 'loaded') return null;
  return {
    state: values.get('ActiveState') ?? 'unknown',
    enabled: values.get('UnitFileState') === 'enabled',
    result: values.get('Result') ?? 'unknown',
    restarts: Number(values.get('NRestarts') ?? 0),
    mainPid: Number(values.get('MainPID')) || null,
    sandbox: sandboxOf(values),
  };
}

function sandboxOf(values: ReadonlyMap<string, string>): Sandbox {
  const wordsOf = (name: string) => (values.get(name) ?? '').split(' ').filter(Boolean);
  const bound = wordsOf('BindPaths').map((each) => each.split(':')[1] ?? each);
  const named = wordsOf('ReadWritePaths').map((path) => path.replace(/^[-+]+/, ''));
  const own = wordsOf('StateDirectory').map((name) => `/var/lib/${name.split(':')[0]}`);
  return {
    writable: values.get('ProtectSystem') === 'strict' ? [...own, ...named, ...bound] : null,
    hidesHomes: ['yes', 'tmpfs'].includes(values.get('ProtectHome') ?? ''),
  };
}

export async function isTimeSynchronized(): Promise<boolean | null> {
  const text = await outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  return text === 'yes' ? true : text === 'no' ? false : null;
}

/** Whether the loader's cache knows a library. */
export async function hasSharedLibrary(name: string): Promise<boolean | null> {
  const text = await outputOf('/sbin/ldconfig', ['-p']);
  return text?.includes(`${name} `) ?? null;
}

async function outputOf(program: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: 5000 });
    return stdout.trim();
  } catch {
    return null;
  }
}
