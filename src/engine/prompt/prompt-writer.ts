/**
 * Turns conversations into text and ids for one model, out of its files or its family's format.
 * It blocks whatever thread it runs in: for files from elsewhere that is `prompt-worker.ts`.
 */
import { ChatFormat, type Conversation } from './chat-format.ts';
import { ControlTokens } from './control-tokens.ts';
import { familyOf } from './families/index.ts';
import type { PromptFiles } from './prompt-files.ts';
import { StableBeginning } from './stable-beginning.ts';
import { readSpecialTokens, readTemplate } from './template-files.ts';
import type { TemplateTraits } from './template-messages.ts';
import { TemplateRefusal } from './template-refusal.ts';
import type { Frame, TextTokenizer } from './text-tokenizer.ts';

export interface WriterSpec {
  readonly name: string;
  readonly architecture: string | null;
  /** A piece of the template inside the model file, where one can be read. */
  readonly hint: string | null;
  readonly files: PromptFiles;
  /** The Modelfile's TEMPLATE, in Jinja. */
  readonly template: string | null;
}

export interface Description {
  readonly family: string;
  readonly templateSource: 'modelfile' | 'tokenizer' | 'family';
  readonly traits: TemplateTraits;
  /** What was left out and why. */
  readonly warnings: readonly string[];
}

export interface Written {
  readonly text: string;
  readonly thinkingOpened: boolean;
  /** Only for `tokens`, and only with a tokenizer. */
  readonly ids: Int32Array<ArrayBuffer> | null;
  /** Exact, with the tokens that the runtime adds by itself; null without a tokenizer. */
  readonly count: number | null;
  /** Tokens that every conversation with this system prompt and these tools begins with; 0 for `text`. */
  readonly stable: number;
  readonly warnings: readonly string[];
}

/** A part of an answer that goes back into the prompt. */
export interface AnswerPiece {
  readonly text: string;
  /** Of the tokens that the model generated for it; left out: it was not generated in whole tokens. */
  readonly ids?: readonly number[];
}

interface Opened {
  format: ChatFormat;
  family: ChatFormat;
  bos: string | null;
  description: Description;
}

export class PromptWriter {
  readonly #spec: WriterSpec;
  readonly #stable = new StableBeginning();
  #opened: Opened | undefined;
  #tokenizer: { text: TextTokenizer; control: ControlTokens } | null = null;

  constructor(spec: WriterSpec) {
    this.#spec = spec;
  }

  /** Finds the template and tries it out. Does not touch the tokenizer. */
  async open(): Promise<Description> {
    this.#opened ??= await this.#open();
    return this.#opened.description;
  }

  /** Loads the tokenizer unless it is there. @throws what is wrong with its files */
  async load(): Promise<void> {
    const { tokenizer, config } = this.#spec.files;
    if (this.#tokenizer || tokenizer === null) return;
    const { TextTokenizer } = await import('./text-tokenizer.ts');
    const text = await TextTokenizer.load(tokenizer, config);
    this.#tokenizer = { text, control: new ControlTokens(text.controlTokens) };
  }

  /** Throws `TemplateRefusal` with the template's own words. */
  async write(conversation: Conversation, kind: 'tokens' | 'text'): Promise<Written> {
    this.#opened ??= await this.#open();
    const opened = this.#opened;
    const { bos } = opened;
    const tokenizer = this.#tokenizer;
    const { conversation: safe, cut } =
      tokenizer && kind === 'tokens'
        ? tokenizer.control.disarm(conversation)
        : { conversation, cut: null };
    const { text, thinkingOpened, byFamily, warnings } = this.#render(opened, safe);
    const facts = { thinkingOpened, warnings };
    if (kind === 'text') {
      // The runtime puts the beginning before a text by itself.
      const bare = bos !== null && text.startsWith(bos) ? text.slice(bos.length) : text;
      const beginning = tokenizer?.text.beginning.length ?? 0;
      const count = tokenizer ? beginning + tokenizer.text.encode(bare).length : null;
      return { ...facts, text: bare, ids: null, count, stable: 0 };
    }
    const plain = cut === null ? text : text.replaceAll(cut, '');
    if (!tokenizer) return { ...facts, text: plain, ids: null, count: null, stable: 0 };
    // A template of its own says where the beginning stands, as with transformers; ours leave it out.
    const beginning = byFamily ? tokenizer.text.beginning : [];
    const encode = (part: string) => [...beginning, ...tokenizer.text.encode(part, cut)];
    const ids = Int32Array.from(encode(text));
    const render = (asked: Conversation) => this.#render(opened, asked).text;
    const stable = this.#stable.tokensOf(safe, ids, render, encode);
    return { ...facts, text: plain, ids, count: ids.length, stable };
  }

  /**
   * Ids of what follows a prompt; null without a tokenizer. Generated tokens keep their ids where
   * those spell their text; no other text becomes a control token.
   */
  extend(pieces: readonly AnswerPiece[]): Int32Array<ArrayBuffer> | null {
    if (!this.#tokenizer) return null;
    const { text: tokenizer, control } = this.#tokenizer;
    const ids: number[] = [];
    let pending = '';
    const encodePending = () => {
      const { text, cut } = control.disarmText(pending);
      ids.push(...tokenizer.encodeBehind(text, cut));
      pending = '';
    };
    for (const piece of pieces) {
      if (piece.ids && tokenizer.spells(piece.ids, piece.text)) {
        encodePending();
        ids.push(...piece.ids);
      } else pending += piece.text;
    }
    encodePending();
    return Int32Array.from(ids);
  }

  /** Ids of a text as it is; null without a tokenizer. */
  encode(text: string, frame: Frame): Int32Array<ArrayBuffer> | null {
    return this.#tokenizer ? Int32Array.from(this.#tokenizer.text.encodeFramed(text, frame)) : null;
  }

  /** With the model's own template, or with its family's when the own one breaks at these messages. */
  #render({ format, family }: Opened, conversation: Conversation) {
    try {
      const byFamily = format === family;
      return { ...format.render(conversation), byFamily, warnings: [] };
    } catch (error) {
      if (error instanceof TemplateRefusal || format === family) throw error;
      const warning = `Its chat template failed and its family's took its place: ${words(error)}`;
      return { ...family.render(conversation), byFamily: true, warnings: [warning] };
    }
  }

  async #open(): Promise<Opened> {
    const { name, architecture, hint, files } = this.#spec;
    const warnings: string[] = [];
    const tokens = await this.#specialTokens(files.config, warnings);
    const found = await this.#ownFormat(tokens, warnings);
    const family = familyOf({ name, architecture, template: found?.text ?? hint });
    const fallback = new ChatFormat({ main: family.template }, tokens);
    const format = found?.format ?? fallback;
    return {
      format,
      family: fallback,
      bos: tokens['bos_token'] ?? null,
      description: {
        family: family.name,
        templateSource: found?.source ?? 'family',
        traits: format.traits,
        warnings,
      },
    };
  }

  async #specialTokens(path: string | null, warnings: string[]): Promise<Record<string, string>> {
    try {
      return path === null ? {} : await readSpecialTokens(path);
    } catch (error) {
      warnings.push(`${path} is left out: ${words(error)}`);
      return {};
    }
  }

  /** The first template that works: the Modelfile's, then those of the tokenizer files. */
  async #ownFormat(
    tokens: Readonly<Record<string, string>>,
    warnings: string[],
  ): Promise<{ format: ChatFormat; text: string; source: 'modelfile' | 'tokenizer' } | null> {
    const { template, files } = this.#spec;
    if (template !== null) {
      try {
        const format = new ChatFormat({ main: template }, tokens);
        return { format, text: template, source: 'modelfile' };
      } catch (error) {
        warnings.push(`The Modelfile's TEMPLATE is left out: ${words(error)}`);
      }
    }
    for (const path of files.templates) {
      try {
        const sources = await readTemplate(path);
        if (sources === null) continue;
        const format = new ChatFormat(sources, tokens);
        return { format, text: sources.main, source: 'tokenizer' };
      } catch (error) {
        warnings.push(`The chat template in ${path} is left out: ${words(error)}`);
      }
    }
    return null;
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
