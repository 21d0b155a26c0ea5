/** One generation: from its turn at the NPU to its last event. */
import { ApplianceError } from '../errors.ts';
import type { Run, RunEvent, RunRequest } from '../rkllm/index.ts';
import { type SilenceLimits, SilenceWatch } from './inactivity.ts';
import type { Ticket } from './npu-queue.ts';
import type { Prompt } from './prompt/index.ts';
import type { ResidentModel } from './resident-model.ts';
import type { ChatMessage, FinishReason, GenerationEvent, Timings, Usage } from './types.ts';

export interface GenerationJob {
  model: ResidentModel;
  messages: readonly ChatMessage[];
  request: Omit<RunRequest, 'input'>;
  ticket: Ticket;
  /** Aborts when the client leaves. */
  signal: AbortSignal;
  /** Aborts when the client leaves, or the model is unloaded. */
  cancelled: AbortSignal;
  limits: SilenceLimits;
}

const finishReasons: Record<'end' | 'limit' | 'aborted', FinishReason> = {
  end: 'stop',
  limit: 'length',
  aborted: 'abort',
};

/** Waits for the turn, runs, and gives the turn back when the runtime is free again. */
export function generate(job: GenerationJob): AsyncGenerator<readonly GenerationEvent[]> {
  const { cancelled, ticket } = job;
  const queuedAt = performance.now();
  // A generator that nobody has begun to read runs no `finally`.
  const giveUp = () => ticket.release();
  cancelled.addEventListener('abort', giveUp);
  return run(job, queuedAt, () => cancelled.removeEventListener('abort', giveUp));
}

async function* run(
  job: GenerationJob,
  queuedAt: number,
  begun: () => void,
): AsyncGenerator<readonly GenerationEvent[]> {
  const { model, ticket, signal, cancelled } = job;
  let current: Run | undefined;
  const abort = () => current?.abort();
  begun();
  try {
    await ticket.turn;
    cancelled.throwIfAborted();
    const started = performance.now();
    await model.ready();
    const loaded = performance.now();
    // Made now and not when it was queued: what ran before may have changed the way in.
    const prompt = await model.prompt(job.messages);
    cancelled.throwIfAborted();
    current = await model.run(prompt, job.request);
    // Not when the last event has been read: a slow reader must not hold up the others.
    void current.over.then(() => ticket.release());
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    const waited = { queueMs: started - queuedAt, loadMs: loaded - started };
    yield* watch(job, current, prompt, (event) => translate(event, waited, model.contextLength));
  } finally {
    signal.removeEventListener('abort', abort);
    if (current) void endRun(job, current);
    else ticket.release();
  }
}

/** The consumer may have left early; a runtime that does not obey is ended. */
async function endRun({ model, limits }: GenerationJob, run: Run): Promise<void> {
  run.abort();
  const silence = new SilenceWatch(limits, 0, () => model.kill());
  await run.over;
  silence.end();
}

async function* watch(
  { model, limits }: GenerationJob,
  run: Run,
  prompt: Prompt,
  translated: (event: RunEvent) => GenerationEvent[],
): AsyncGenerator<readonly GenerationEvent[]> {
  let silentSeconds: number | undefined;
  const silence = new SilenceWatch(limits, prompt.text.length, (seconds) => {
    silentSeconds = seconds;
    model.kill();
  });
  try {
    for await (const event of run.events) {
      silence.heard();
      const events = translated(event);
      if (events.length > 0) yield events;
      silence.listen();
    }
  } catch (error) {
    if (silentSeconds === undefined) throw error;
    throw new ApplianceError(
      'runtime_failed',
      `The runtime gave no token for ${silentSeconds} s, so it was stopped.`,
      { cause: error },
    );
  } finally {
    silence.end();
  }
}

function translate(
  event: RunEvent,
  waited: Pick<Timings, 'queueMs' | 'loadMs'>,
  contextLength: number,
): GenerationEvent[] {
  switch (event.type) {
    case 'tokens':
      return event.texts.map((text) => ({ type: 'text', text }));
    case 'matrix':
      return [];
    case 'finished': {
      const usage = usageOf(event);
      const cut = event.ending === 'end' && fills(usage, contextLength);
      return [
        {
          type: 'done',
          finishReason: cut ? 'length' : finishReasons[event.ending],
          usage,
          timings: {
            ...waited,
            prefillMs: event.counters?.prefillMs ?? null,
            decodeMs: event.counters?.decodeMs ?? null,
          },
        },
      ];
    }
  }
}

/** The runtime ends an answer that fills the context as if the model had ended it. */
function fills({ promptTokens, completionTokens }: Usage, contextLength: number): boolean {
  return promptTokens !== null && promptTokens + completionTokens >= contextLength;
}

/**
 * The runtime's own counters. Its prompt count leaves out what it found in the KV cache; that part
 * is what the cache holds beyond the tokens of this run. The last token of an answer that was cut
 * is not in the cache yet: only the step after it puts it there. When the run was cut by an abort
 * its counters include tokens that came after the cut and are not part of the answer, so ours count
 * then.
 */
function usageOf(event: Extract<RunEvent, { type: 'finished' }>): Usage {
  const { ending, tokens, counters, kvEntries } = event;
  if (counters === null)
    return { promptTokens: null, cachedTokens: null, completionTokens: tokens };
  const { prefillTokens, decodeTokens } = counters;
  const missing = ending !== 'end' && decodeTokens > 0 ? 1 : 0;
  const cachedTokens =
    kvEntries === null ? null : Math.max(0, kvEntries + missing - prefillTokens - decodeTokens);
  return {
    promptTokens: prefillTokens + (cachedTokens ?? 0),
    cachedTokens,
    completionTokens: ending === 'end' ? decodeTokens : tokens,
  };
}
