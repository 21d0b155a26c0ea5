/** An answer that has a certain form, in as many runs as that takes. */
import { ApplianceError } from '../../errors.ts';
import { Channel } from '../../rkllm/index.ts';
import type { Turn } from '../generation.ts';
import type { Guide } from '../guide/index.ts';
import type { Logger } from '../logger.ts';
import { RepetitionWatch } from '../output/repetition.ts';
import type { FittedPrompt } from '../prompt/index.ts';
import { tokenLimit, writePrompt } from '../run-request.ts';
import type { FinishReason, GenerationEvent, GenerationRequest, ToolCall } from '../types.ts';
import type { Form } from './form.ts';
import { ModelText } from './model-text.ts';
import { Thought } from './thought.ts';
import { type Ending, GuidedWriter } from './writer.ts';

export interface Guidance {
  form: Form;
  log: Logger;
}

type Batch = readonly GenerationEvent[];

/** Throws `internal_error` when the answer is not what was promised. */
export async function* guidedAnswer(turn: Turn, guidance: Guidance): AsyncGenerator<Batch> {
  const { model, request, runs, cancelled } = turn;
  const { form } = guidance;
  const prompt = await writePrompt(model, form.told(request), { ownTemplate: false });
  const thought = await thoughtBefore(turn, prompt);
  cancelled.throwIfAborted();
  const left = new AbortController();
  const batches = new Channel<Batch>();
  const { family } = await model.prompter.capabilities;
  const guide = form.guideFor(family);
  const pass = (batch: Batch) => batches.push(batch);
  const answer = new GuidedAnswer(turn, prompt, { ...guidance, guide, pass });
  // At its own pace: a slow reader must not hold up the next run, and with it everybody else.
  const written = answer.write(thought, () => left.signal.aborted || cancelled.aborted);
  void written
    .then(
      () => batches.close(),
      (error) => batches.fail(error),
    )
    .finally(() => runs.last());
  try {
    yield* batches;
  } finally {
    left.abort();
  }
}

/** Null for a model that answers at once. */
async function thoughtBefore(
  { model, request }: Turn,
  prompt: FittedPrompt,
): Promise<Thought | null> {
  if (request.prompt !== undefined) return null;
  const { thinking } = await model.prompter.capabilities;
  const thinks = thinking && (request.thinking ?? model.file.modelfile.enableThinking) !== false;
  if (!thinks && !prompt.thinkingOpened) return null;
  return new Thought(prompt.text, prompt.thinkingOpened);
}

interface AnswerOptions extends Guidance {
  guide: Guide;
  /** Gets the events. */
  pass: (batch: Batch) => void;
}

class GuidedAnswer {
  readonly #turn: Turn;
  readonly #prompt: FittedPrompt;
  readonly #options: AnswerOptions;
  readonly #source: ModelText;
  #events: GenerationEvent[] = [];
  /** Tokens of text that is not shown because it is a call. */
  #hiddenTokens = 0;

  constructor(turn: Turn, prompt: FittedPrompt, options: AnswerOptions) {
    this.#turn = turn;
    this.#prompt = prompt;
    this.#options = options;
    this.#source = new ModelText(turn, prompt);
  }

  async write(thought: Thought | null, cancelled: () => boolean): Promise<void> {
    const { request, model, choice } = this.#turn;
    const { form, guide } = this.#options;
    const writer: GuidedWriter = new GuidedWriter({
      guide,
      source: this.#source,
      thought,
      maxTokens: tokenLimit(model, request),
      triesPerPlace: isDeterministic(this.#turn) ? 1 : 2,
      ...(request.stopOnRepetition && { repetition: new RepetitionWatch({}) }),
      onText: (text, tokens) => {
        if (form.isCall(writer.document)) this.#hiddenTokens += tokens;
        else this.#events.push({ type: 'text', choice, text, tokens });
      },
      onReasoning: (text, tokens) => this.#events.push({ type: 'reasoning', choice, text, tokens }),
      flush: () => this.#flush(),
      cancelled,
    });
    const ending = await writer.write();
    const call = ending === 'cancelled' ? null : await this.#finished(writer.document);
    if (call) this.#call(call, writer.document);
    this.#events.push(this.#done(writer, finishReason(ending, call)));
    this.#flush();
  }

  #flush(): void {
    if (this.#events.length > 0) this.#options.pass(this.#events);
    this.#events = [];
  }

  /** The call that a whole document is; null when it is the answer itself. */
  async #finished(document: string): Promise<ToolCall | null> {
    const { form, guide, log } = this.#options;
    const problem = await guide.validate(document);
    if (problem === null) return form.isCall(document) ? form.callIn(document) : null;
    log.error({ model: this.#turn.model.file.name, problem }, 'a guided answer is not valid');
    throw new ApplianceError(
      'internal_error',
      'The answer is not what the schema asks for. This is a defect; please report the schema.',
    );
  }

  #call(call: ToolCall, document: string): void {
    const { model, choice } = this.#turn;
    const message = { role: 'assistant', content: '', toolCalls: [call] } as const;
    model.prompter.remember(message, document);
    this.#events.push({ type: 'tool_call', choice, call, tokens: this.#hiddenTokens });
  }

  #done(writer: GuidedWriter, reason: FinishReason): GenerationEvent {
    const { choice, waited } = this.#turn;
    const { completionTokens, reasoningTokens, counts } = writer;
    return {
      type: 'done',
      choice,
      finishReason: reason,
      usage: { ...this.#source.usage, completionTokens, reasoningTokens },
      timings: { ...waited, ...this.#source.timings },
      droppedMessages: this.#prompt.dropped,
      guided: counts,
    };
  }
}

function finishReason(ending: Ending, call: ToolCall | null): FinishReason {
  if (ending === 'cancelled') return 'abort';
  if (ending === 'limit') return 'length';
  return call ? 'tool_calls' : 'stop';
}

/** The model would say the same again at the same place. */
function isDeterministic({ model, request }: Turn): boolean {
  const sampling: GenerationRequest['sampling'] = model.capabilities.perRunSampling
    ? { ...model.sampling, ...request.sampling }
    : model.sampling;
  return sampling.temperature === 0 || sampling.topK === 1;
}
