import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { writeModelFile } from '../../simulator/model-file.ts';
import { DatagramSocket } from './datagram-socket.ts';

const daemon = fileURLToPath(new URL('../../src/daemon.ts', import.meta.url));
/** Makes a daemon's event loop stand still when it gets SIGUSR2. */
const blocker = new URL('./block-on-signal.ts', import.meta.url).href;

interface ServiceOptions {
  /** Of the configuration file. */
  toml?: string;
  environment?: NodeJS.ProcessEnv;
  /** A program and its arguments that start the daemon in its turn. */
  through?: readonly string[];
  /** Names of model files. */
  models?: readonly string[];
}

/** The real daemon as systemd would run it: with a notify socket, on a home of its own. */
export class Service {
  readonly home: string;
  readonly notified: DatagramSocket;
  readonly process: ChildProcess;
  /** The log, and what went to stderr. */
  output = '';

  private constructor(home: string, { environment, through = [] }: ServiceOptions) {
    this.home = home;
    this.notified = new DatagramSocket(join(home, 'notify'));
    const [command = process.execPath, ...args] = [
      ...through,
      process.execPath,
      '--import',
      blocker,
      daemon,
    ];
    this.process = spawn(command, args, {
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        NOTIFY_SOCKET: this.notified.path,
        RKLLAMA_CONFIG: this.config,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk;
      });
    }
  }

  static async start(options: ServiceOptions = {}): Promise<Service> {
    const home = await mkdtemp(join(tmpdir(), 'rkllamad-service-'));
    const models = join(home, 'RKLLAMA', 'models');
    await mkdir(models, { recursive: true });
    for (const name of options.models ?? []) {
      await writeModelFile(join(models, name), {});
      // The catalogue takes an old file as whole at first sight.
      await utimes(join(models, name), 0, 0);
    }
    await writeFile(join(home, 'config.toml'), options.toml ?? 'server.port = 0\n');
    return new Service(home, options);
  }

  get config(): string {
    return join(this.home, 'config.toml');
  }

  get adminSocket(): string {
    return join(this.home, 'admin.sock');
  }

  /** Records of the log so far. */
  get log(): Record<string, unknown>[] {
    return this.output
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  /** Resolves with the URL when systemd has been told that it is ready. */
  async ready(): Promise<string> {
    await this.told(/^READY=1$/);
    const listening = this.log.findLast(({ msg }) => msg === 'ready')?.['listening'];
    return String(Array.isArray(listening) ? listening[0] : '');
  }

  /** Resolves when systemd has been told this. */
  async told(pattern: RegExp): Promise<void> {
    const seen = () => this.notified.messages().filter((message) => pattern.test(message));
    await expect.poll(seen, { timeout: 20_000, message: this.output }).not.toEqual([]);
  }

  /** Resolves when the log has a record whose message is like this. */
  async logged(pattern: RegExp): Promise<void> {
    const messages = () => this.log.map(({ msg }) => String(msg));
    await expect.poll(messages, { timeout: 20_000 }).toContainEqual(expect.stringMatching(pattern));
  }

  async reload(toml: string): Promise<void> {
    await writeFile(this.config, toml);
    this.process.kill('SIGHUP');
  }

  /** Resolves with the exit code. */
  async exited(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await once(this.process, 'close');
    }
    return this.process.exitCode;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGCONT');
    this.process.kill('SIGTERM');
    await this.exited();
    this.notified.close();
    await rm(this.home, { recursive: true, force: true });
  }
}
