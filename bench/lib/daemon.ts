/** The built daemon under measurement, and what the kernel knows about its processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { daemonCommand, daemonEnvironment } from '../../scripts/lib/daemon-command.ts';

const running = new Set<BenchDaemon>();

export class BenchDaemon {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its word that it listens. */
  readonly readyMs: number;
  readonly #end: () => Promise<void>;

  private constructor(url: string, pid: number, readyMs: number, end: () => Promise<void>) {
    this.url = url;
    this.pid = pid;
    this.readyMs = readyMs;
    this.#end = end;
  }

  static async start(environment: NodeJS.ProcessEnv): Promise<BenchDaemon> {
    const started = performance.now();
    const child = spawn(process.execPath, daemonCommand, {
      env: {
        ...daemonEnvironment,
        ...process.env,
        RKLLAMA_PORT: '0',
        RKLLAMA_LOG_LEVEL: 'error',
        ...environment,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [url] = await once(child, 'message');
    const end = async () => {
      child.kill('SIGTERM');
      await once(child, 'close');
    };
    const daemon = new BenchDaemon(String(url), child.pid ?? 0, performance.now() - started, end);
    running.add(daemon);
    return daemon;
  }

  /** The worker of the one model that is loaded. */
  get workerPid(): number {
    const pid = readdirSync('/proc').find((name) => {
      try {
        const { ppid, command } = processFacts(Number(name));
        return ppid === this.pid && command.includes('worker.js');
      } catch {
        return false;
      }
    });
    if (pid === undefined) throw new Error('no model is loaded');
    return Number(pid);
  }

  /** Ends what a failed measurement left running. */
  static async stopAll(): Promise<void> {
    await Promise.all([...running].map((daemon) => daemon.stop()));
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.#end();
  }
}

function processFacts(pid: number): { ppid: number; command: string } {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const [, ppid] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { ppid: Number(ppid), command };
}

/** Processor time of a process so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10;
}

/** Memory in MiB: `rss` counts pages that are shared with other processes, `pss` divides them. */
export function memoryMib(pid: number): { rss: number; pss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024;
  return { rss: field('Rss'), pss: field('Pss') };
}
