/** The model's own tokenizer, from its `tokenizer.json`. */
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';

/** What the tokenizer puts around a text by itself: nothing, a beginning, or an end as well. */
export type Frame = 'none' | 'beginning' | 'whole';

export class TextTokenizer {
  /** Texts that are never part of what somebody says, `<|im_end|>` and the like. */
  readonly controlTokens: readonly string[];
  /** What the tokenizer puts before every text: the beginning-of-sequence token, mostly. */
  readonly beginning: readonly number[];
  readonly #end: readonly number[];
  readonly #tokenizer: Tokenizer;

  /** Takes seconds and a few hundred megabytes for a large vocabulary; keeps 30 to 70 of them. */
  static async load(path: string, configPath: string | null): Promise<TextTokenizer> {
    const [json, config] = await Promise.all([readObject(path), readObject(configPath)]);
    return new TextTokenizer(json, config);
  }

  private constructor(json: object, config: object) {
    addConfiguredTokens(json, config);
    this.#tokenizer = new Tokenizer(json, config);
    forgetSource(json, this.#tokenizer);
    const added = [...this.#tokenizer.get_added_tokens_decoder().values()];
    this.controlTokens = added.flatMap(({ special, content }) => (special ? [content] : []));
    [this.beginning, this.#end] = this.#addedAround('a');
  }

  /**
   * Ids of a text in which control tokens count as such.
   * @param cut a character at which the text is cut into pieces that are encoded apart; it is left out
   * @throws when the text has something that the vocabulary cannot express
   */
  encode(text: string, cut: string | null = null): number[] {
    const pieces = cut === null ? [text] : text.split(cut);
    const ids = pieces.flatMap((piece) => this.#encode(piece, false));
    if (ids.some((id) => !Number.isInteger(id))) {
      throw new Error('the vocabulary lacks a token that the text needs');
    }
    return ids;
  }

  /** As `encode`, of a text that follows another: some tokenizers put a blank before what begins. */
  encodeBehind(text: string, cut: string | null): number[] {
    const before = this.#encode('\n', false);
    return (cut === null ? [text] : text.split(cut)).flatMap((piece) => {
      const both = this.encode(`\n${piece}`);
      const apart = before.every((id, i) => both[i] === id);
      return apart ? both.slice(before.length) : this.encode(piece);
    });
  }

  /** As `encode`; a beginning that the text brings itself is not doubled. */
  encodeFramed(text: string, frame: Frame): number[] {
    const bare = this.encode(text);
    if (frame === 'none') return bare;
    const begun = this.beginning.every((id, i) => bare[i] === id);
    const before = begun ? [] : this.beginning;
    return [...before, ...bare, ...(frame === 'whole' ? this.#end : [])];
  }

  /** Whether the ids are a way of writing the text; false for ids that no vocabulary has. */
  spells(ids: readonly number[], text: string): boolean {
    if (ids.some((id) => this.#tokenizer.id_to_token(id) === undefined)) return false;
    // Some decoders take a blank off the beginning.
    const anchor = this.#encode('a', false);
    return this.#decode([...anchor, ...ids]) === this.#decode(anchor) + text;
  }

  #decode(ids: number[]): string {
    return this.#tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
  }

  #encode(text: string, withBeginning: boolean): number[] {
    if (text === '') return [];
    return this.#tokenizer.encode(text, { add_special_tokens: withBeginning }).ids;
  }

  #addedAround(text: string): [number[], number[]] {
    const bare = this.#encode(text, false);
    const full = this.#encode(text, true);
    for (let start = 0; start + bare.length <= full.length; start++) {
      if (bare.every((id, i) => full[start + i] === id)) {
        return [full.slice(0, start), full.slice(start + bare.length)];
      }
    }
    return [[], []];
  }
}

/**
 * Some models name special tokens in `tokenizer_config.json` only (InternLM2); transformers adds them
 * to the tokenizer, the library does not.
 */
function addConfiguredTokens(json: object, config: object): void {
  const listed: unknown = Reflect.get(json, 'added_tokens');
  const configured: unknown = Reflect.get(config, 'added_tokens_decoder');
  if (!Array.isArray(listed) || typeof configured !== 'object' || configured === null) return;
  const known = new Set(listed.map((token: { id?: unknown }) => Number(token?.id)));
  for (const [id, token] of Object.entries(configured)) {
    if (!known.has(Number(id)) && typeof token?.content === 'string') {
      listed.push({ ...token, id: Number(id) });
    }
  }
}

async function readObject(path: string | null): Promise<object> {
  const parsed: unknown = path === null ? {} : JSON.parse(await readFile(path, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new Error('it holds no JSON object');
  return parsed;
}

/**
 * The library keeps the file's own lists beside the tables that it built out of them, which doubles
 * what the tokenizer costs. Nothing reads them again (@huggingface/tokenizers 0.2.0).
 */
function forgetSource(json: object, tokenizer: Tokenizer): void {
  const source: unknown = Reflect.get(json, 'model');
  if (typeof source === 'object' && source !== null) {
    Reflect.set(source, 'vocab', {});
    Reflect.set(source, 'merges', []);
  }
  if (tokenizer.model && Reflect.has(tokenizer.model, 'merges')) {
    Reflect.set(tokenizer.model, 'merges', []);
  }
}
