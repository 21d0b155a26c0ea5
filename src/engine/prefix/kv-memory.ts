/** What the runtime holds in its KV cache, as far as the daemon knows. */
import type { ModelProcess, RunEvent, RunRequest } from '../../rkllm/index.ts';
import type { Beginning } from './beginnings.ts';
import type { Tokens } from './tokens.ts';

/** A request of the engine to a model, with what tells how its prompt came about. */
export interface PrefixRun extends RunRequest {
  /** Tokens at the beginning that every conversation with this system prompt and these tools has. */
  stableTokens?: number;
  /** Of the request that the prompt was written for. */
  beginnings?: readonly Beginning[];
  /** It goes on with the answer of the run before, for the same request. */
  continuation?: boolean;
}

export interface Held {
  process: ModelProcess;
  /** Prompt and answer; nothing where the prompt went in as text. */
  ids: Tokens;
  /** Of these, the prompt. */
  promptTokens: number;
  lora: string | null;
  stable: number;
  beginnings: readonly Beginning[];
}

const noTokens: Tokens = new Int32Array();

/** The ids of a prompt that can be saved and compared; null for any other run. */
export function idsOf({ input, options }: RunRequest): Tokens | null {
  const isPlain = (options.mode ?? 'generate') === 'generate' && !options.keepHistory;
  return isPlain && input.type === 'tokens' ? input.ids : null;
}

export class KvMemory {
  #held: Held | null = null;

  /** What the last run left in this worker; null when that is nothing, or nobody knows. */
  of(process: ModelProcess): Held | null {
    return this.#held?.process === process && process.pid !== null ? this.#held : null;
  }

  get beginnings(): readonly Beginning[] {
    return this.#held?.beginnings ?? [];
  }

  set(held: Held): void {
    this.#held = held;
  }

  forget(): void {
    this.#held = null;
  }
}

type Finished = Extract<RunEvent, { type: 'finished' }>;

/** Watches a run for what it leaves behind. */
export class RunWatch {
  readonly #request: PrefixRun;
  readonly #generated: number[] = [];
  #knowsNext = true;
  finished: Finished | null = null;

  constructor(request: PrefixRun) {
    this.#request = request;
  }

  take(event: RunEvent): void {
    if (event.type === 'finished') this.finished = event;
    if (event.type !== 'tokens') return;
    for (const id of event.ids) {
      // A token without an id: what comes after it is of no use.
      this.#knowsNext &&= id >= 0;
      if (this.#knowsNext) this.#generated.push(id);
    }
  }

  /** Null where it leaves nothing, or nothing that is known. */
  held(process: ModelProcess): Held | null {
    const { options, stableTokens = 0, beginnings = [] } = this.#request;
    const isPlain = (options.mode ?? 'generate') === 'generate' && !options.keepHistory;
    if (!isPlain || !this.finished) return null;
    const prompt = idsOf(this.#request);
    return {
      process,
      ids: prompt ? joined(prompt, this.#generated) : noTokens,
      promptTokens: prompt?.length ?? 0,
      lora: options.lora ?? null,
      stable: stableTokens,
      beginnings,
    };
  }
}

function joined(prompt: Tokens, generated: readonly number[]): Tokens {
  const ids = new Int32Array(prompt.length + generated.length);
  ids.set(prompt);
  ids.set(generated, prompt.length);
  return ids;
}
