/** One generation: from its turn at the NPU to its last event. */
import { ApplianceError } from '../errors.ts';
import type { Run, RunRequest } from '../rkllm/index.ts';
import { Answer } from './answer.ts';
import { type SilenceLimits, SilenceWatch } from './inactivity.ts';
import type { Ticket } from './npu-queue.ts';
import type { OutputOptions } from './output/index.ts';
import type { FittedPrompt } from './prompt/index.ts';
import type { Lease } from './residency.ts';
import type { ResidentModel } from './resident-model.ts';
import type { GenerationEvent, GenerationRequest } from './types.ts';
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

class PromptTooLong extends Error {}

/** Learns what the runtime says of a prompt that was longer than it looked. */
function refusal(model: ResidentModel, prompt: FittedPrompt, error: unknown): unknown {
  if (!(error instanceof ApplianceError) || error.code !== 'context_length_exceeded') return error;
  const [, tokens] = /prompt: (\d+) tokens/.exec(error.message) ?? [];
  if (prompt.tokenCount !== null || tokens === undefined) return error;
  model.prompter.learn(prompt.text, Number(tokens));
  return new PromptTooLong(error.message, { cause: error });
}

/** `uses` gets what has to be over before the model is no longer in use. */
async function* answer(
  job: GenerationJob,
  choice: number,
  ticket: Ticket,
  queuedAt: number,
  uses: Promise<unknown>[],
): AsyncGenerator<readonly GenerationEvent[]> {
  const { request, signal, cancelled, limits } = job;
  const { model } = job.lease;
  let run: Run | undefined;
  let promptCharacters = 0;
  const abort = () => run?.abort();
  try {
    await ticket.turn;
    cancelled.throwIfAborted();
    const startedAt = performance.now();
    await unlessAborted(model.readyWith(request.contextLength), cancelled);
    const loadedAt = performance.now();
    // Made now and not when it was queued: what ran before may have changed the way in.
    const prompt = await writePrompt(model, request);
    promptCharacters = prompt.text.length;
    cancelled.throwIfAborted();
    run = await model.run(runRequest(model, request, prompt));
    // Not when the last event has been read: a slow reader must not hold up the others.
    const over = run.over.then(() => ticket.release());
    uses.push(over);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    const current = new Answer({
      choice,
      output: outputOptions(model, request, prompt),
      raw: request.raw ?? false,
      promptTokens: prompt.tokenCount,
      contextLength: model.contextLength,
      droppedMessages: prompt.dropped,
      waited: { queueMs: startedAt - queuedAt, loadMs: loadedAt - startedAt },
    });
    const silence = new RunSilence(model, limits, prompt.text.length);
    try {
      for await (const batch of silence.watch(run, current)) {
        if (batch.at(-1)?.type === 'done') learn(model, prompt, current);
        yield batch;
      }
    } catch (error) {
      throw refusal(model, prompt, error);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (run) void endRun(model, limits, run, promptCharacters);
    else ticket.release();
  }
}

/** The consumer may have left early; a runtime that does not obey is ended. */
async function endRun(
  model: ResidentModel,
  limits: SilenceLimits,
  run: Run,
  promptCharacters: number,
): Promise<void> {
  run.abort();
  // An abort waits for the end of prefill.
  const silence = new SilenceWatch(limits, promptCharacters, () => model.kill());
  await run.over;
  silence.end();
}

/** Ends a runtime that gives no sign of life for too long. */
class RunSilence {
  readonly #watch: SilenceWatch;
  #silentSeconds: number | undefined;

  constructor(model: ResidentModel, limits: SilenceLimits, promptCharacters: number) {
    this.#watch = new SilenceWatch(limits, promptCharacters, (seconds) => {
      this.#silentSeconds = seconds;
      model.kill();
    });
  }

  async *watch(run: Run, current: Answer): AsyncGenerator<readonly GenerationEvent[]> {
    try {
      for await (const event of run.events) {
        this.#watch.heard();
        const events = current.take(event);
        if (current.complete) run.abort();
        if (events.length > 0) yield events;
        this.#watch.listen();
      }
    } catch (error) {
      if (this.#silentSeconds === undefined) throw error;
      throw new ApplianceError(
        'runtime_failed',
        `The runtime gave no token for ${this.#silentSeconds} s, so it was stopped.`,
        { cause: error },
      );
    } finally {
      this.#watch.end();
    }
  }
}

/** Tokens kept free for the answer when the prompt has to be cut. */
function reserveFor(contextLength: number, maxTokens: number | undefined): number {
  return Math.min(maxTokens ?? contextLength, Math.ceil(contextLength / 8), 512);
}

function writePrompt(model: ResidentModel, request: GenerationRequest): Promise<FittedPrompt> {
  const { messages, tools, toolChoice, thinking, maxTokens, contextLength, overflow } = request;
  const budget = Math.min(contextLength ?? model.contextLength, model.contextLength);
  return model.prompter.fit(
    {
      messages,
      ...(tools && toolChoice !== 'none' && { tools }),
      ...(thinking !== undefined && { thinking }),
    },
    {
      contextLength: budget,
      reserve: reserveFor(budget, maxTokens),
      overflow: overflow ?? 'truncate',
      // In steps, so that the beginning stays in the KV cache for several turns.
      step: Math.ceil(budget / 8),
      ownTemplate: model.hasOwnTemplate,
    },
  );
}

function runRequest(
  model: ResidentModel,
  { sampling, maxTokens, contextLength, thinking, lora, keepHistory }: GenerationRequest,
  prompt: FittedPrompt,
): RunRequest & { ownTemplate: boolean } {
  const context = Math.min(contextLength ?? model.contextLength, model.contextLength);
  const room = prompt.tokenCount === null ? context : Math.max(1, context - prompt.tokenCount);
  return {
    input: inputOf(prompt, thinking),
    ownTemplate: prompt.kind === 'runtime',
    maxTokens: Math.min(maxTokens ?? model.maxTokens, room),
    stopTokenIds: [...model.stopTokenIds],
    options: {
      ...(lora !== undefined && { lora }),
      ...(keepHistory !== undefined && { keepHistory }),
      ...(model.capabilities.perRunSampling && { sampling: { ...model.sampling, ...sampling } }),
    },
  };
}

function inputOf(
  prompt: FittedPrompt,
  thinking: GenerationRequest['thinking'],
): RunRequest['input'] {
  if (prompt.kind === 'tokens' && prompt.ids) return { type: 'tokens', ids: prompt.ids };
  const think =
    prompt.kind === 'runtime' && thinking !== undefined ? thinking !== false : undefined;
  return {
    type: 'prompt',
    text: prompt.text,
    ...(think !== undefined && { thinking: think }),
  };
}

function outputOptions(
  model: ResidentModel,
  { raw, stop, tools, toolChoice, stopOnRepetition }: GenerationRequest,
  prompt: FittedPrompt,
): OutputOptions | null {
  const stops = [...(model.file.modelfile.stop ?? []), ...(stop ?? [])];
  if (raw && stops.length === 0 && !stopOnRepetition) return null;
  return {
    stop: stops,
    reasoning: { opened: prompt.thinkingOpened },
    ...(tools && toolChoice !== 'none' && { tools: { list: tools, format: prompt.toolFormat } }),
    ...(stopOnRepetition && { repetition: {} }),
  };
}

/** What one answer teaches about the next prompts of this model. */
function learn({ prompter }: ResidentModel, prompt: FittedPrompt, answer: Answer): void {
  const { message, generated, usage } = answer;
  if (message) prompter.remember(message, generated);
  if (prompt.kind === 'tokens' || !usage || usage.cachedTokens !== 0) return;
  if (usage.promptTokens !== null) prompter.learn(prompt.text, usage.promptTokens);
}
