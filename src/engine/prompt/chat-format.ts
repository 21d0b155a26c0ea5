/** One chat template and what a conversation looks like in it. Knows no files and no threads. */
import type { ChatMessage, Thinking, Tool } from '../types.ts';
import { JinjaTemplate } from './jinja.ts';
import { type TemplateTraits, templateMessages, templateTools } from './template-messages.ts';
import { traitsOf } from './template-traits.ts';
import { openThought } from './thought-tags.ts';

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly Tool[];
  readonly thinking: Thinking | null;
  /** The answer that the assistant has begun to give; null when it is to begin. */
  readonly begun: string | null;
  /** Text that follows, wherever the prompt ends. */
  readonly prefill: string;
  /** Milliseconds since 1970: what a template takes for now. */
  readonly now: number;
}

export interface Rendering {
  readonly text: string;
  readonly thinkingOpened: boolean;
}

export interface TemplateSources {
  /** Jinja. */
  readonly main: string;
  /** Jinja for requests with tools, where a model has one apart. */
  readonly withTools?: string | null;
}

/** Longer than any context; a template that writes more has run away. */
const longestPrompt = 16 * 1024 * 1024;

export class ChatFormat {
  readonly traits: TemplateTraits;
  readonly #main: JinjaTemplate;
  readonly #withTools: JinjaTemplate;
  readonly #tokens: Readonly<Record<string, string>>;

  /**
   * @param tokens `bos_token`, `eos_token`, ... as far as the tokenizer has them
   * @throws for a text that is no Jinja, or cannot render a single question
   */
  constructor(sources: TemplateSources, tokens: Readonly<Record<string, string>>) {
    this.#main = new JinjaTemplate(sources.main);
    this.#withTools = sources.withTools ? new JinjaTemplate(sources.withTools) : this.#main;
    this.#tokens = tokens;
    this.traits = traitsOf(sources.main + (sources.withTools ?? ''), (messages, tools) =>
      this.#run(messages, tools, {}, new Date(0)),
    );
  }

  /** Throws `TemplateRefusal`, and anything else for a template that is broken. */
  render({ messages, tools, thinking, begun, prefill, now }: Conversation): Rendering {
    const list = tools.length > 0 ? templateTools(tools) : null;
    const asked = thinkingVariables(thinking);
    const shaped = templateMessages(messages, this.traits);
    let text = this.#run(shaped, list, asked, new Date(now));
    let closing = openThought(text);
    if (closing !== null && (thinking === false || begun !== null)) {
      text = `${text.replace(/\n*$/, '')}\n\n${closing}\n\n`;
      closing = null;
    }
    const whole = text + (begun ?? '') + prefill;
    if (whole.length > longestPrompt) throw new Error('it writes without end');
    const thinkingOpened =
      openThought(whole) !== null || (closing !== null && !prefill.includes(closing));
    return { text: whole, thinkingOpened };
  }

  #run(messages: object[], tools: object[] | null, asked: object, now: Date): string {
    const template = tools === null ? this.#main : this.#withTools;
    const variables = {
      ...this.#tokens,
      ...asked,
      messages,
      ...(tools === null ? {} : { tools }),
      add_generation_prompt: true,
    };
    return template.render(variables, now);
  }
}

/** The names that templates have for the switch; left out, the template decides. */
function thinkingVariables(thinking: Thinking | null): object {
  if (thinking === null) return {};
  const on = thinking !== false;
  const effort = typeof thinking === 'string' ? { reasoning_effort: thinking } : {};
  return { enable_thinking: on, thinking: on, ...effort };
}
