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
  signal: AbortSignal;
  limits: SilenceLimits;
}

const finishReasons: Record<'end' | 'limit' | 'aborted', FinishReason> = {
  end: 'stop',
  limit: 'length',
  aborted: 'abort',
};

/** Waits for the turn, runs, and gives the turn back when the runtime is free again. */
export async function* generate(job: GenerationJob): AsyncGenerator<readonly GenerationEvent[]> {
  const { model, ticket, signal } = job;
  const queued = performance.now();
  let run: Run | undefined;
  const abort = () => run?.abort();
  try {
    await ticket.turn;
    const started = performance.now();
    await model.ready();
    const loaded = performance.now();
    signal.throwIfAborted();
    // Made now and not when it was queued: what ran before may have changed the way in.
    const prompt = await model.prompt(job.messages);
    run = await model.run(prompt, job.request);
    signal.addEventListener('abort', abort);
    const waited = { queueMs: started - queued, loadMs: loaded - started };
    yield* watch(job, run, prompt, (event) => translate(event, waited));
  } finally {
    signal.removeEventListener('abort', abort);
    if (run) void endRun(job, run);
    else ticket.release();
  }
}

/** The consumer may have left early: the NPU's turn ends only when the runtime is free. */
async function endRun({ ticket, model, limits }: GenerationJob, run: Run): Promise<void> {
  run.abort();
  const watch = new SilenceWatch(limits, 0, () => model.kill());
  await run.over;
  watch.end();
  ticket.release();
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
): GenerationEvent[] {
  switch (event.type) {
    case 'tokens':
      return event.texts.map((text) => ({ type: 'text', text }));
    case 'matrix':
      return [];
    case 'finished':
      return [
        {
          type: 'done',
          finishReason: finishReasons[event.ending],
          usage: usageOf(event),
          timings: {
            ...waited,
            prefillMs: event.counters?.prefillMs ?? null,
            decodeMs: event.counters?.decodeMs ?? null,
          },
        },
      ];
  }
}

/**
 * The runtime's own counters. Its prompt count leaves out what it found in the KV cache; that part
 * is what the cache holds beyond the tokens of this run, give or take the last one. When the run
 * was cut by an abort its counters include tokens that came after the cut and are not part of the
 * answer, so ours count then.
 */
function usageOf(event: Extract<RunEvent, { type: 'finished' }>): Usage {
  const { ending, tokens, counters, kvEntries } = event;
  if (counters === null)
    return { promptTokens: null, cachedTokens: null, completionTokens: tokens };
  const { prefillTokens, decodeTokens } = counters;
  const cachedTokens =
    kvEntries === null ? null : Math.max(0, kvEntries - prefillTokens - decodeTokens);
  return {
    promptTokens: prefillTokens + (cachedTokens ?? 0),
    cachedTokens,
    completionTokens: ending === 'end' ? decodeTokens : tokens,
  };
}
