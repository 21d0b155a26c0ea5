/** A run of a loaded model, as the daemon sees it. */
import type { RunCommand } from './protocol.ts';
import type { Counters, Matrix } from './result.ts';

export type RunRequest = Omit<RunCommand, 'type' | 'run'>;

export type RunEvent =
  /** One entry per token; an empty text belongs to a character that is not whole yet. */
  | { type: 'tokens'; texts: readonly string[]; ids: readonly number[] }
  | ({ type: 'matrix'; kind: 'hidden' | 'logits' } & Matrix)
  /** `limit`: the token limit ended the run; `aborted`: the caller did, or an unload. */
  | {
      type: 'finished';
      ending: 'end' | 'limit' | 'aborted';
      tokens: number;
      counters: Counters | null;
      /** Entries in the KV cache after the run (from 1.2.1 on). */
      kvEntries: number | null;
      /** The runtime said that it could not save the prompt cache. */
      saveFailed?: true;
    };

export interface Run {
  /**
   * Ends with `finished`, also when the model is unloaded meanwhile (`aborted`); throws
   * `runtime_failed` or `runtime_crashed`.
   */
  events: AsyncIterableIterator<RunEvent, undefined>;
  /** Asks the runtime to stop: at the next token, after prefill at the earliest. */
  abort(): void;
  /** Resolves, never rejects, when the model can take the next run. */
  over: Promise<void>;
}
