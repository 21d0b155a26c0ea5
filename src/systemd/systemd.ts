/** What the daemon tells systemd, and what it was given by it (sd_notify(3), sd_listen_fds(3)). */
import { type LibSystemd, loadLibSystemd } from './libsystemd.ts';

/** The first descriptor that is handed over. */
const firstFd = 3;

export class Systemd {
  /** Listening sockets that systemd opened for this process (socket activation). */
  readonly sockets: readonly number[];
  /** The service is killed when it is silent for this long; null without a watchdog. */
  readonly watchdogMs: number | null;
  /** Whether anybody reads what is told. */
  readonly isThere: boolean;
  readonly #library: LibSystemd | null;
  #status = '';

  constructor(library: LibSystemd | null, environment: NodeJS.ProcessEnv) {
    const count = library && environment['LISTEN_FDS'] ? library.listenFds() : 0;
    this.sockets = Array.from({ length: count }, (_, index) => firstFd + index);
    this.watchdogMs = library && watchdogMs(environment);
    this.isThere = library !== null && Boolean(environment['NOTIFY_SOCKET']);
    this.#library = library;
  }

  /** Requests are answered now, or again after `reloading`. */
  ready(): void {
    this.#send({ READY: 1 });
  }

  /** One line for `systemctl status`; the same one again is not sent. */
  status(text: string): void {
    const line = text.replaceAll(/\p{Cc}+/gu, ' ');
    if (line === this.#status) return;
    this.#status = line;
    this.#send({ STATUS: line });
  }

  reloading(): void {
    this.#send({ RELOADING: 1, MONOTONIC_USEC: process.hrtime.bigint() / 1000n });
  }

  stopping(): void {
    this.#send({ STOPPING: 1 });
  }

  /** Asks for so much time from now on before a start or a stop counts as failed. */
  extend(ms: number): void {
    this.#send({ EXTEND_TIMEOUT_USEC: ms * 1000 });
  }

  feedWatchdog(): void {
    this.#send({ WATCHDOG: 1 });
  }

  #send(fields: Record<string, string | number | bigint>): void {
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    this.#library?.notify(lines.join('\n'));
  }
}

/** Does nothing at all where systemd did not start this process, or its library is not there. */
export async function connectSystemd(environment: NodeJS.ProcessEnv): Promise<Systemd> {
  const isService = environment['NOTIFY_SOCKET'] || environment['LISTEN_FDS'];
  return new Systemd(isService ? await loadLibSystemd() : null, environment);
}

function watchdogMs(environment: NodeJS.ProcessEnv): number | null {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment;
  if (pid && pid !== String(process.pid)) return null;
  const ms = Math.floor(Number(microseconds ?? 0) / 1000);
  return ms > 0 ? ms : null;
}
