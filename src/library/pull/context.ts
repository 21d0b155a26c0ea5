import type { Board } from './choose-file.ts';
import type { Hub } from './hub.ts';
import type { HubClient } from './hub-client.ts';
import type { PullReference } from './reference.ts';
import type { Tuning } from './tuning.ts';

/** What the puller tells the log; pino's loggers fit. */
export interface PullLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What every pull of one puller shares. */
export interface PullContext {
  hubs: Record<PullReference['hub'], Hub>;
  client: HubClient;
  tuning: Tuning;
  board: () => Board;
  freeBytes: (folder: string) => Promise<number>;
  /** Told of a model before its pull is done; `path` is its file. */
  arrived: (path: string) => Promise<void>;
  log: PullLog;
}
