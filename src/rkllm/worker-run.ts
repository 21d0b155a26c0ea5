/** One run inside the worker: what the callbacks of the runtime become. */
import { callState } from './abi.ts';
import type { Capabilities } from './capabilities.ts';
import type { Address } from './memory.ts';
import type { FinishedReport, Report, RunCommand } from './protocol.ts';
import type { Counters, Matrix, ResultReader } from './result.ts';
import { TextJoiner } from './text-joiner.ts';
import { TokenBatch } from './token-batch.ts';

export class WorkerRun {
  readonly id: number;
  readonly #mode: 'generate' | 'hidden' | 'logits';
  readonly #maxTokens: number;
  readonly #limitByAbort: boolean;
  readonly #release: 0 | 2;
  readonly #stopTokenIds: ReadonlySet<number>;
  readonly #send: (report: Report) => void;
  /** Asks the runtime to stop, unless it is being asked; acts a token or more later. */
  readonly #abort: () => void;
  readonly #joiner = new TextJoiner();
  readonly #batch: TokenBatch;
  #tokens = 0;
  #ending: FinishedReport['ending'] = 'end';
  /** True once the runtime was asked to stop: later tokens are not part of the answer. */
  #stopped = false;
  #failed = false;
  #finished = false;
  #counters: Counters | null = null;

  /** `capabilities`: without a token limit per run, reaching it has to end the run. */
  constructor(
    command: RunCommand,
    send: (report: Report) => void,
    abort: () => void,
    capabilities: Pick<Capabilities, 'perRunSampling' | 'releasesBuffer'>,
  ) {
    this.#limitByAbort = !capabilities.perRunSampling;
    this.#release = capabilities.releasesBuffer ? 2 : 0;
    this.id = command.run;
    this.#mode = command.options.mode ?? 'generate';
    this.#maxTokens = command.maxTokens ?? Number.POSITIVE_INFINITY;
    this.#stopTokenIds = new Set(command.stopTokenIds);
    this.#send = send;
    this.#abort = abort;
    this.#batch = new TokenBatch((texts, ids) =>
      send({ type: 'tokens', run: this.id, texts, ids }),
    );
  }

  /** The client's wish to stop; nothing once the run is over, because what that does is unknown. */
  requestAbort(): void {
    if (!this.#stopped && !this.#finished) this.#stop('aborted');
  }

  /** Returns what the runtime's callback has to return. */
  onResult(reader: ResultReader, result: Address | null, state: number): 0 | 2 {
    switch (state) {
      case callState.finish:
        this.#finished = true;
        this.#counters = result === null ? null : reader.counters(result);
        return 0;
      case callState.error:
        this.#failed = true;
        return 0;
      case callState.waiting:
        if (this.#stopped) return this.#stopAgain();
        if (result !== null) this.#joiner.waiting(reader.text(result));
        this.#onToken('', result === null ? -1 : reader.tokenId(result));
        return 0;
      default:
        if (this.#stopped) return this.#stopAgain();
        return result === null ? 0 : this.#onNormal(reader, result);
    }
  }

  /**
   * After the runtime returned `status`; ends the batch. A run that was asked to stop is complete
   * whatever the runtime returns for it, which is not documented.
   */
  finish(status: number): Omit<FinishedReport, 'kvEntries'> {
    this.#batch.end();
    const ended = status === 0 && this.#finished && !this.#failed;
    this.#finished = true;
    return {
      type: 'finished',
      run: this.id,
      ok: ended || this.#stopped,
      ending: this.#endedByLength() ? 'limit' : this.#ending,
      rest: this.#joiner.flush(),
      tokens: this.#tokens,
      counters: this.#counters,
    };
  }

  #onNormal(reader: ResultReader, result: Address): 0 | 2 {
    if (this.#mode !== 'generate') {
      const matrix = this.#mode === 'hidden' ? reader.hidden(result) : reader.logits(result);
      if (matrix === null) return 0;
      this.#sendMatrix(this.#mode, matrix);
      return this.#release;
    }
    this.#onToken(this.#joiner.normal(reader.text(result)), reader.tokenId(result));
    return 0;
  }

  #onToken(text: string, id: number): void {
    if (this.#stopTokenIds.has(id)) {
      this.#stop('end');
    } else if (this.#tokens >= this.#maxTokens) {
      this.#stop('limit');
    } else {
      this.#tokens += 1;
      this.#batch.add(text, id);
      if (this.#limitByAbort && this.#tokens === this.#maxTokens) this.#stop('limit');
    }
  }

  #stop(ending: FinishedReport['ending']): void {
    this.#stopped = true;
    this.#ending = ending;
    this.#abort();
  }

  /** An abort that came before the runtime had begun is lost (rkllm_abort without a run). */
  #stopAgain(): 0 {
    this.#abort();
    return 0;
  }

  /** The runtime's own limit ended the run: it says FINISH for that as for the end of sequence. */
  #endedByLength(): boolean {
    return !this.#stopped && this.#tokens >= this.#maxTokens;
  }

  #sendMatrix(kind: 'hidden' | 'logits', { rows, columns, values }: Matrix): void {
    this.#send({ type: 'matrix', run: this.id, kind, rows, columns, values });
  }
}
