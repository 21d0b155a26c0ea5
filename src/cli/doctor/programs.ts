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
}

/** The unit rkllamad.service; null where there is no systemd, or no such unit. */
export async function readService(): Promise<Service | null> {
  const names = ['LoadState', 'ActiveState', 'UnitFileState', 'Result', 'NRestarts', 'MainPID'];
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
