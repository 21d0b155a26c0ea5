/** One generation: from its turn at the NPU to its last event. */
import { freeAnswer } from './free-answer.ts';
import type { Guidance } from './guided/guided-answer.ts';
import type { RunCosts } from './guided/index.ts';
import type { SilenceLimits } from './inactivity.ts';
import { ModelRuns } from './model-runs.ts';
import type { Ticket } from './npu-queue.ts';
import { PromptTooLong } from './prompt-too-long.ts';
import type { Lease } from './residency.ts';
import type { ResidentModel } from './resident-model.ts';
import type { GenerationEvent, GenerationRequest, Timings } from './types.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface GenerationJob {
  request: GenerationRequest;
  lease: Lease;
  /** A place in the queue, taken when the request came. */
  ticket: Ticket;
  /** Another place, for the next choice. */
  join: () => Ticket;
  /** Aborts when the client leaves. */
  signal: AbortSignal;
  /** Aborts when the client leaves, or the model is unloaded. */
  cancelled: AbortSignal;
  limits: SilenceLimits;
  /** What runs of the model cost. */
  costs: RunCosts;
  /** What the answer is guaranteed to be; null: it is free. */
  guided: Guidance | null;
}

/** What an answer has when it is its turn. */
export interface Turn {
  request: GenerationRequest;
  choice: number;
  /** Loaded. */
  model: ResidentModel;
  runs: ModelRuns;
  costs: RunCosts;
  cancelled: AbortSignal;
  waited: Pick<Timings, 'queueMs' | 'loadMs'>;
}

/** Waits for the turn, runs, and gives the turn back when the runtime is free again. */
export function generate(job: GenerationJob): AsyncGenerator<readonly GenerationEvent[]> {
  const { cancelled, ticket, lease } = job;
  // A generator that nobody has begun to read runs no `finally`.
  const giveUp = () => {
    ticket.release();
    lease.release();
  };
  cancelled.addEventListener('abort', giveUp);
  if (cancelled.aborted) giveUp();
  return answers(job, performance.now(), () => cancelled.removeEventListener('abort', giveUp));
}

async function* answers(
  job: GenerationJob,
  queuedAt: number,
  begun: () => void,
): AsyncGenerator<readonly GenerationEvent[]> {
  begun();
  const uses: Promise<unknown>[] = [];
  try {
    yield* fittedAnswer(job, 0, job.ticket, queuedAt, uses);
    for (let choice = 1; choice < (job.request.choices ?? 1); choice++) {
      yield* fittedAnswer(job, choice, job.join(), performance.now(), uses);
    }
  } finally {
    void Promise.all(uses).then(() => job.lease.release());
  }
}

/** Most runs of which the runtime says that their prompts are too long. */
const mostRefusals = 3;

/**
 * Without a tokenizer a prompt may be longer than it looks. The runtime then refuses it, and says
 * how long it is: it is cut again with that in mind.
 */
async function* fittedAnswer(
  job: GenerationJob,
  choice: number,
  first: Ticket,
  queuedAt: number,
  uses: Promise<unknown>[],
): AsyncGenerator<readonly GenerationEvent[]> {
  let ticket = first;
  for (let refusals = 1; ; refusals++) {
    try {
      yield* answer(job, choice, ticket, queuedAt, uses);
      return;
    } catch (error) {
      if (!(error instanceof PromptTooLong)) throw error;
      if (refusals === mostRefusals || job.request.overflow === 'error') throw error.cause;
      ticket = job.join();
    }
  }
}

/** `uses` gets what has to be over before the model is no longer in use. */
async function* answer(
  { request, signal, cancelled, limits, costs, guided, lease: { model } }: GenerationJob,
  choice: number,
  ticket: Ticket,
  queuedAt: number,
  uses: Promise<unknown>[],
): AsyncGenerator<readonly GenerationEvent[]> {
  const runs = new ModelRuns({ model, signal, limits, ticket, uses });
  try {
    await ticket.turn;
    cancelled.throwIfAborted();
    const startedAt = performance.now();
    await unlessAborted(model.readyWith(request.contextLength), cancelled);
    const waited = { queueMs: startedAt - queuedAt, loadMs: performance.now() - startedAt };
    const turn = { request, choice, model, runs, costs, cancelled, waited };
    if (guided) {
      const { guidedAnswer } = await import('./guided/guided-answer.ts');
      yield* guidedAnswer(turn, guided);
    } else yield* freeAnswer(turn);
  } finally {
    void runs.end();
  }
}
