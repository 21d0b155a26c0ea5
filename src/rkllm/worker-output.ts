/** What a worker prints: the runtime's log lines, put in order with its reports by sync lines. */

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { failureReason } from './failure-reason.ts';
import {
  CounterTable,
  factsOf,
  type LogRecord,
  type ModelFacts,
  parseLogLine,
} from './log-lines.ts';
import { syncLine } from './protocol.ts';
import type { Counters } from './result.ts';

/** Lines kept for the reason of a failure. */
const keptRecords = 50;
/** How long to wait for a sync line of a worker that lives. */
const syncTimeoutMs = 1000;
/** Errors that come without the log's prefix: of the embedded RKNN part, and last words. */
const barePattern =
  /^(rkllm: |failed to |load model file error)|GGML_ASSERT|[Aa]ssert|terminate called|what\(\):|error while loading/;

export class WorkerOutput {
  /** What the runtime told about itself and the model while loading. */
  readonly facts: ModelFacts = {};
  readonly #log: (record: LogRecord) => void;
  readonly #table = new CounterTable();
  #records: LogRecord[] = [];
  #waiting: { line: string; resolve: () => void } | undefined;
  readonly #seen = new Set<string>();

  constructor(log: (record: LogRecord) => void) {
    this.#log = log;
  }

  read(stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
      this.#onLine(line),
    );
  }

  /** Forgets earlier failures, before something new is asked of the worker. */
  begin(): void {
    this.#records = [];
    this.#seen.clear();
    this.#table.take();
  }

  /** Resolves when everything printed before the sync line of `run` has been read. */
  async sync(run: number): Promise<void> {
    const line = syncLine(run);
    if (this.#seen.delete(line)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, syncTimeoutMs);
      this.#waiting = {
        line,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
    });
    this.#waiting = undefined;
  }

  /** Counters of the run that just ended, from the runtime's table; null without one. */
  takeCounters(): Counters | null {
    return this.#table.take();
  }

  /** Why the last thing failed, in words; null when nothing was printed. */
  reason(): string | null {
    return failureReason(this.#records, this.facts);
  }

  /** True when a line since `begin` matches. */
  logged(pattern: RegExp): boolean {
    return this.#records.some(({ message }) => pattern.test(message));
  }

  #onLine(line: string): void {
    if (line.startsWith('@rkllamad ')) {
      this.#onSync(line);
      return;
    }
    const record = parseLogLine(line) ?? bareRecord(line);
    if (record === null) return;
    Object.assign(this.facts, factsOf(record));
    this.#table.add(record);
    this.#records.push(record);
    if (this.#records.length > keptRecords) this.#records.shift();
    this.#log(record);
  }

  #onSync(line: string): void {
    if (this.#waiting?.line === line) this.#waiting.resolve();
    else this.#seen.add(line);
  }
}

function bareRecord(line: string): LogRecord | null {
  if (!barePattern.test(line)) return null;
  return { level: 'error', source: 'worker', message: line.trim().slice(0, 500) };
}
