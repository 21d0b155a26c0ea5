/**
 * The simulator's tokenizer, learned from a text: 256 byte tokens, 16 special tokens, then byte-pair merges.
 * What is not in the text falls apart into bytes, so that any input survives the round trip and a character
 * such as "é" or "你" can take several tokens, as with the tokenizers of real models.
 */

/** Special tokens, in the order of their ids from 256 on. Control tokens never appear in generated text. */
export const SPECIAL_TOKENS = [
  { text: '<|endoftext|>', control: true },
  { text: '<|im_start|>', control: true },
  { text: '<|im_end|>', control: true },
  { text: '<think>', control: false },
  { text: '</think>', control: false },
  { text: '<tool_call>', control: false },
  { text: '</tool_call>', control: false },
  { text: '<tool_response>', control: false },
  { text: '</tool_response>', control: false },
  { text: '<|vision_start|>', control: true },
  { text: '<|vision_end|>', control: true },
  { text: '<|image_pad|>', control: true },
  { text: '<|video_pad|>', control: true },
  { text: '<|audio_start|>', control: true },
  { text: '<|audio_end|>', control: true },
  { text: '<|audio_pad|>', control: true },
] as const;

/** The end of a turn, `<|im_end|>`. */
export const EOS_TOKEN_ID = 258;
/** The first id that a merge can have. */
export const FIRST_MERGE_ID = 256 + SPECIAL_TOKENS.length;

/** Cuts text into the pieces that merges never cross. `word_length` of src/tokenizer.c cuts in the same way. */
export const PIECE_PATTERN = ' ?[A-Za-z]+| ?[0-9]| ?[^A-Za-z0-9 \\n\\t\\r]+|[ \\n\\t\\r]';

export interface Vocabulary {
  /** Pairs of ids; pair `n` makes the token `FIRST_MERGE_ID + n`. */
  readonly merges: readonly (readonly [number, number])[];
  /** The bytes of every token, by id. */
  readonly tokens: readonly Uint8Array[];
}

interface Word {
  ids: number[];
  readonly count: number;
}

/** Words that always become tokens of their own: the answers that rerankers compare. */
const ALWAYS_LEARNED = 'yes no Yes No '.repeat(64);
const PAIR = 0x100000;
const learned = new Map<string, Vocabulary>();

function countWords(text: string): Word[] {
  const counts = new Map<string, number>();
  for (const [piece] of text.matchAll(new RegExp(PIECE_PATTERN, 'gu'))) {
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts].map(([piece, count]) => ({ ids: [...Buffer.from(piece)], count }));
}

class PairCounts {
  readonly counts = new Map<number, number>();
  readonly words = new Map<number, Set<Word>>();

  add(word: Word, sign: 1 | -1): void {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const pair = (word.ids[i] ?? 0) * PAIR + (word.ids[i + 1] ?? 0);
      this.counts.set(pair, (this.counts.get(pair) ?? 0) + sign * word.count);
      if (sign === 1) this.words.set(pair, (this.words.get(pair) ?? new Set()).add(word));
    }
  }

  /** The most frequent pair, the lowest ids first among equals; undefined when none occurs twice. */
  best(): number | undefined {
    let best: number | undefined;
    let bestCount = 1;
    for (const [pair, count] of this.counts) {
      if (count > bestCount || (count === bestCount && best !== undefined && pair < best)) {
        best = pair;
        bestCount = count;
      }
    }
    return best;
  }
}

function replacePair(
  ids: readonly number[],
  left: number,
  right: number,
  merged: number,
): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(merged);
      i++;
    } else {
      out.push(ids[i] ?? 0);
    }
  }
  return out;
}

function learn(text: string, mergeLimit: number): Vocabulary {
  const specials = new RegExp(
    SPECIAL_TOKENS.map(({ text: s }) => s.replace(/[|]/g, '\\$&')).join('|'),
    'g',
  );
  const pairs = new PairCounts();
  for (const word of countWords(
    `${text.replace(specials, '\n')}\n${ALWAYS_LEARNED.split(' ').join('\n')}`,
  ))
    pairs.add(word, 1);
  const merges: [number, number][] = [];
  const tokens: Uint8Array[] = [
    ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
    ...SPECIAL_TOKENS.map(({ text: s }) => Buffer.from(s)),
  ];
  while (merges.length < mergeLimit) {
    const pair = pairs.best();
    if (pair === undefined) break;
    const left = Math.floor(pair / PAIR);
    const right = pair % PAIR;
    const merged = tokens.length;
    merges.push([left, right]);
    tokens.push(Buffer.concat([tokens[left] ?? Buffer.alloc(0), tokens[right] ?? Buffer.alloc(0)]));
    for (const word of pairs.words.get(pair) ?? []) {
      pairs.add(word, -1);
      word.ids = replacePair(word.ids, left, right, merged);
      pairs.add(word, 1);
    }
    pairs.counts.delete(pair);
    pairs.words.delete(pair);
  }
  return { merges, tokens };
}

/** Learns at most `mergeLimit` merges from `text`; the same arguments give the same vocabulary, once computed. */
export function learnVocabulary(text: string, mergeLimit: number): Vocabulary {
  const key = `${mergeLimit}:${text}`;
  const known = learned.get(key);
  if (known) return known;
  const vocabulary = learn(text, mergeLimit);
  learned.set(key, vocabulary);
  return vocabulary;
}

/** The form in which a model file carries the vocabulary (`sim.vocab`). */
export function encodeVocabulary({ merges }: Vocabulary): Uint8Array {
  const parts: Buffer[] = [Buffer.from(Uint32Array.of(SPECIAL_TOKENS.length).buffer)];
  for (const { text, control } of SPECIAL_TOKENS) {
    parts.push(
      Buffer.from(Uint32Array.of(text.length).buffer),
      Buffer.from(text),
      Buffer.from([control ? 1 : 0]),
    );
  }
  parts.push(
    Buffer.from(Uint32Array.of(merges.length).buffer),
    Buffer.from(Uint32Array.from(merges.flat()).buffer),
  );
  return Buffer.concat(parts);
}
