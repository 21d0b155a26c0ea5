/** From chat messages to what goes into the runtime, for one model. */
import { ApplianceError } from '../../errors.ts';
import { toolFormatOf } from '../output/index.ts';
import type { ChatMessage } from '../types.ts';
import type { Conversation } from './chat-format.ts';
import { ConversationDates } from './conversation-dates.ts';
import {
  contextExceeded,
  firstThatFits,
  isFarTooLong,
  limitOf,
  type PromptBudget,
  stableLimit,
} from './fitting.ts';
import { PromptSource } from './prompt-source.ts';
import type {
  FittedPrompt,
  PromptCapabilities,
  PrompterOptions,
  PromptInput,
  PromptLog,
  PromptModel,
  RenderedPrompt,
} from './prompt-types.ts';
import type { AnswerPiece, Written } from './prompt-writer.ts';
import { charactersIn, hasImages, textOf } from './template-messages.ts';
import { TemplateRefusal } from './template-refusal.ts';
import { TokenEstimate } from './token-estimate.ts';
import { shorterVersions } from './truncation.ts';
import { TurnMemory } from './turn-memory.ts';

const silent: PromptLog = { warn() {} };

/** What the runtime's own template may add to a text, in tokens. */
const runtimeTemplateTokens = 64;

export class Prompter {
  readonly #model: PromptModel;
  readonly #source: PromptSource;
  readonly #runtimeTemplate: boolean;
  readonly #dates: ConversationDates;
  readonly #turns = new TurnMemory();
  readonly #estimate = new TokenEstimate();

  /** Loads nothing yet. */
  constructor(model: PromptModel, options: PrompterOptions = {}) {
    this.#model = model;
    this.#source = new PromptSource(model, options.log ?? silent, options.limits ?? {});
    this.#runtimeTemplate = options.runtimeTemplate ?? true;
    this.#dates = new ConversationDates(options.now ?? Date.now);
  }

  /** What the template can do. Does not need the tokenizer. */
  get capabilities(): Promise<PromptCapabilities> {
    return this.#source.description().then(({ traits, family, templateSource }) => ({
      tools: traits.tools,
      thinking: traits.thinking,
      vision: traits.vision,
      family,
      templateSource,
    }));
  }

  /** Reads template and tokenizer now, so that the first prompt does not wait for them. */
  async prepare(): Promise<void> {
    await this.#source.hasTokenizer();
  }

  /**
   * Throws `invalid_request` in the template's words, or `unsupported`.
   * @param ownTemplate whether the template inside the model file can still be used
   */
  async render(input: PromptInput, ownTemplate = this.#runtimeTemplate): Promise<RenderedPrompt> {
    return this.#render(this.#conversation(input), ownTemplate);
  }

  /**
   * Renders what fits into the context: the whole, or by Ollama's rule without the oldest turns.
   * Throws `context_length_exceeded` with the numbers when not even the last message fits, or when
   * `overflow` is `error`; else as `render`.
   */
  async fit(input: PromptInput, budget: PromptBudget): Promise<FittedPrompt> {
    const conversation = this.#conversation(input);
    const limit = limitOf(budget);
    const ownTemplate = budget.ownTemplate ?? this.#runtimeTemplate;
    const characters = charactersIn(conversation.messages);
    const whole = isFarTooLong(characters, limit)
      ? { tokenCount: null, tokensAtMost: Math.ceil(characters / 4) }
      : await this.#render(conversation, ownTemplate);
    if ('kind' in whole && whole.tokensAtMost <= limit) return { ...whole, dropped: 0 };
    if (budget.overflow === 'error') throw contextExceeded(whole, budget);
    const versions = shorterVersions(conversation.messages);
    const attempt = async (index: number, most: number) => {
      const messages = versions[index] ?? conversation.messages;
      if (isFarTooLong(charactersIn(messages), limit)) return { fits: false, result: null };
      const result = await this.#render({ ...conversation, messages }, ownTemplate).catch(
        refusedOnly,
      );
      const fits = result !== null && result.tokensAtMost <= most;
      return { fits, result };
    };
    for (const most of stableLimit(whole.tokensAtMost, limit, budget)) {
      const found = await firstThatFits(versions.length, (index) => attempt(index, most));
      const kept = found && versions[found.index];
      if (found?.result && kept)
        return { ...found.result, dropped: conversation.messages.length - kept.length };
    }
    const least = await attempt(versions.length - 1, limit);
    throw contextExceeded(least.result ?? whole, budget);
  }

  /** Tells how many tokens the runtime counted for a prompt of `render`, all of them. */
  learn(text: string, tokens: number): void {
    this.#estimate.learn(text, tokens);
  }

  /** Tells how a turn was generated, without its thought, so that it is written in the same way again. */
  remember(message: ChatMessage & { role: 'assistant' }, generated: string): void {
    this.#turns.remember(message, generated);
  }

  /**
   * A text without any template, for completions and embeddings; control tokens in it count as such.
   * @param frame what the tokenizer puts around it: a beginning of sequence, or an end as well, as
   * embedding models want it
   */
  async renderPlain(text: string, frame: 'beginning' | 'whole'): Promise<RenderedPrompt> {
    const ids = await this.#source.encode(text, frame);
    const asText = ids === null || this.#model.modelfile.promptMode === 'text';
    const tokensAtMost = ids?.length ?? this.#estimate.atMost(text);
    const { family } = await this.#source.description();
    const toolFormat = toolFormatOf(family);
    const common = { text, tokensAtMost, thinkingOpened: false, toolFormat };
    return asText
      ? { ...common, kind: 'text', tokenCount: ids?.length ?? null }
      : { ...common, kind: 'tokens', ids, tokenCount: ids.length };
  }

  /** Tokens in a text, rather too many than too few, as far as can be told without a tokenizer. */
  estimate(text: string): number {
    return this.#estimate.atMost(text);
  }

  /** Ids of a text as it is, without a beginning; null without a tokenizer. */
  tokenize(text: string): Promise<Int32Array<ArrayBuffer> | null> {
    return this.#source.encode(text, 'none');
  }

  /** Ids of what follows a prompt, as `PromptWriter.extend`; null without a tokenizer. */
  extend(pieces: readonly AnswerPiece[]): Promise<Int32Array<ArrayBuffer> | null> {
    return this.#source.extend(pieces);
  }

  /** Gives the memory of template and tokenizer back. What is asked after it fails with `model_unloaded`. */
  close(): Promise<void> {
    return this.#source.close();
  }

  #conversation(input: PromptInput): Conversation {
    const { system, messages: before = [], enableThinking } = this.#model.modelfile;
    const messages: ChatMessage[] = [...before, ...input.messages];
    if (system && !messages.some(({ role }) => role === 'system')) {
      messages.unshift({ role: 'system', content: system });
    }
    let begun: string | null = null;
    const last = messages.at(-1);
    if (last?.role === 'assistant' && !last.toolCalls?.length && messages.length > 1) {
      messages.pop();
      begun = last.content;
    }
    const thinking = input.thinking ?? enableThinking ?? null;
    const now = this.#dates.of(input.messages);
    const { tools = [], prefill = '' } = input;
    return { messages, tools, thinking, begun, prefill, now };
  }

  async #render(conversation: Conversation, ownTemplate: boolean): Promise<RenderedPrompt> {
    await this.#assertAble(conversation);
    const { family } = await this.#source.description();
    const toolFormat = toolFormatOf(family);
    const hasTokenizer = await this.#source.hasTokenizer();
    if (ownTemplate && (await this.#leavesToRuntime(conversation, hasTokenizer))) {
      const [message] = conversation.messages;
      const text = message ? textOf(message) : '';
      const tokensAtMost = this.#estimate.atMost(text) + runtimeTemplateTokens;
      const common = { text, tokensAtMost, thinkingOpened: false, toolFormat };
      return { ...common, kind: 'runtime', tokenCount: null };
    }
    const { promptMode } = this.#model.modelfile;
    if (promptMode === 'tokens' && !hasTokenizer) {
      this.#source.warn('The Modelfile asks for prompts in tokens, but there is no tokenizer.');
    }
    const mode = promptMode ?? 'tokens';
    // The runtime takes images with a text only.
    const asText = mode !== 'tokens' || !hasTokenizer || conversation.messages.some(hasImages);
    const written = await this.#write(conversation, asText ? 'text' : 'tokens');
    const { text, thinkingOpened, ids, count, stable } = written;
    return {
      kind: ids === null ? 'text' : 'tokens',
      text,
      ...(ids === null ? {} : { ids, stableTokens: stable }),
      tokenCount: count,
      tokensAtMost: count ?? this.#estimate.atMost(text),
      thinkingOpened,
      toolFormat,
    };
  }

  async #write(conversation: Conversation, kind: 'tokens' | 'text'): Promise<Written> {
    const restored = this.#turns.restore(conversation.messages);
    try {
      if (restored) return await this.#source.write({ ...conversation, messages: restored }, kind);
    } catch (error) {
      // Some templates want to see the calls themselves.
      if (!(error instanceof TemplateRefusal)) throw error;
    }
    try {
      return await this.#source.write(conversation, kind);
    } catch (error) {
      if (!(error instanceof TemplateRefusal)) throw error;
      const words = `The chat template of ${this.#model.name} refuses these messages: ${error.message}`;
      throw new ApplianceError('invalid_request', words, { cause: error });
    }
  }

  /** The template inside the file knows one question, no tools and no switch. */
  async #leavesToRuntime(conversation: Conversation, hasTokenizer: boolean): Promise<boolean> {
    const { messages, tools, begun, prefill, thinking } = conversation;
    const [only] = messages;
    const simple = messages.length === 1 && only?.role === 'user' && !hasImages(only);
    if (!simple || tools.length > 0 || begun !== null || prefill !== '') return false;
    const { templateSource, traits } = await this.#source.description();
    const { promptMode } = this.#model.modelfile;
    if (promptMode === 'runtime') return !traits.thinking || thinking === null;
    // The runtime's own switch is off unless it is set; the family's template has the usual default.
    return (
      promptMode !== 'text' && !hasTokenizer && templateSource === 'family' && !traits.thinking
    );
  }

  async #assertAble({ messages, tools }: Conversation): Promise<void> {
    const { traits } = await this.#source.description();
    if (!traits.vision && messages.some(hasImages)) {
      throw new ApplianceError(
        'unsupported',
        `${this.#model.name} cannot see images: its chat template has no place for them.`,
      );
    }
    if (!traits.tools && tools.length > 0) {
      throw new ApplianceError(
        'unsupported',
        `${this.#model.name} does not support tools: its chat template has no place for them.`,
      );
    }
  }
}

/** A version that the template refuses is none; any other failure is one of the whole request. */
function refusedOnly(error: unknown): null {
  if (error instanceof ApplianceError && error.code === 'invalid_request') return null;
  throw error;
}
