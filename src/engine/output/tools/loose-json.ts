/**
 * Reads one JSON value, or one call in Python's notation, a character at a time, as small models
 * write them: single or no quotes, trailing commas, Python's constants, newlines and quotes inside
 * strings, `=` for `:`, Gemma's `<|"|>` quotes, closing brackets left out. It never looks back, so
 * the work per character is constant; it holds no recursion, so depth is no danger.
 */
import { closing, type Frame, frameValue } from './loose-frame.ts';
import { unescaped, wordValue } from './loose-word.ts';

export interface ReaderOptions {
  /** The value is a call or a list of calls, and is given up as soon as it cannot be. */
  calls: boolean;
  /**
   * Told the first key of each outermost object, then that key with its value; false gives up.
   */
  accepts?: (key: string, value?: unknown) => boolean;
}

export type Progress = 'more' | 'done' | 'failed';

type State = 'key' | 'colon' | 'value' | 'string' | 'quote' | 'word' | 'delimited' | 'behind';

const quotes = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
]);
/** Quotes that are tokens of their own: Gemma 4, FunctionGemma. */
const delimiters = ['<|"|>', '<escape>'];
const deepest = 100;
const space = /\s/;
const callName = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;

export class LooseReader {
  readonly #options: ReaderOptions;
  readonly #frames: Frame[] = [];
  #state: State = 'value';
  #result: unknown;
  /** The text of the string, word or delimiter that is being read. */
  #token: string[] = [];
  #quote = '';
  #escaped = false;
  /** White space since a quote that may have closed its string. */
  #afterQuote = '';

  /** Begins behind the opening bracket. */
  constructor(bracket: '{' | '[' | '(', options: ReaderOptions) {
    this.#options = options;
    this.#open(bracket === '{' ? 'object' : bracket === '[' ? 'list' : 'call', '');
  }

  get value(): unknown {
    return this.#result;
  }

  get inString(): boolean {
    return this.#state === 'string' || this.#state === 'delimited';
  }

  /** The keys whose values are open, the outermost first. */
  get openKeys(): string[] {
    return this.#frames.flatMap(({ key }) => key ?? []);
  }

  push(char: string): Progress {
    switch (this.#state) {
      case 'string':
        return this.#inString(char);
      case 'quote':
        return this.#afterString(char);
      case 'delimited':
        return this.#inDelimited(char);
      case 'word':
        return this.#inWord(char);
      case 'key':
        return this.#key(char);
      case 'colon':
        if (space.test(char)) return 'more';
        return char === ':' || char === '=' ? this.#to('value') : 'failed';
      case 'value':
        return this.#value(char);
      case 'behind':
        return this.#behind(char);
    }
  }

  /** Closes what is still open, at the end of the text; false where a value is cut in two. */
  finish(): boolean {
    if (this.#state === 'word' && (this.#token[0] === '<' || this.#endWord() === 'failed')) {
      return false;
    }
    if (this.#state === 'quote') this.#endString();
    if (this.inString || this.#state === 'colon') return false;
    if (this.#state === 'value' && this.#top().key !== null) return false;
    while (this.#frames.length > 0) if (this.#close() === 'failed') return false;
    return true;
  }

  // Strings. A quote closes its string only where something follows that may follow a string, so
  // that unescaped quotes and apostrophes are text.

  #inString(char: string): Progress {
    if (!this.#escaped && char === this.#quote) {
      this.#afterQuote = '';
      return this.#to('quote');
    }
    this.#escaped = !this.#escaped && char === '\\';
    this.#token.push(char);
    return 'more';
  }

  #afterString(char: string): Progress {
    if (space.test(char)) {
      this.#afterQuote += char;
      return 'more';
    }
    const lineEnded = this.#afterQuote.includes('\n') && !this.#awaitsKey() && quotes.has(char);
    if (lineEnded || this.#mayFollow(char)) {
      const progress = this.#endString();
      return progress === 'more' ? this.push(char) : progress;
    }
    this.#token.push(this.#quote, this.#afterQuote);
    this.#to('string');
    return this.#inString(char);
  }

  #mayFollow(char: string): boolean {
    if (this.#awaitsKey()) return char === ':' || char === '=';
    return char === ',' || this.#frames.some(({ kind }) => closing[kind] === char);
  }

  #endString(): Progress {
    return this.#put(unescaped(this.#take()));
  }

  #inDelimited(char: string): Progress {
    this.#token.push(char);
    const last = this.#quote.length;
    const ended = char === '>' && this.#token.slice(-last).join('') === this.#quote;
    return ended ? this.#put(this.#take().slice(0, -last)) : 'more';
  }

  // Words: numbers, constants, keys and strings without quotes, names of calls.

  #inWord(char: string): Progress {
    const [first] = this.#token;
    if (first === '<') return this.#inDelimiter(char);
    if (this.#endsWord(char)) {
      const progress = this.#endWord(char);
      return progress === 'more' ? this.push(char) : progress;
    }
    if (char === '(' && this.#onlyCalls()) {
      const name = this.#take().trim();
      return callName.test(name) ? this.#open('call', name) : 'failed';
    }
    if (this.#onlyCalls() && !callName.test(`a${char}`)) return 'failed';
    this.#token.push(char);
    return 'more';
  }

  #inDelimiter(char: string): Progress {
    this.#token.push(char);
    const text = this.#token.join('');
    if (delimiters.includes(text)) {
      this.#take();
      this.#quote = text;
      return this.#to('delimited');
    }
    return delimiters.some((delimiter) => delimiter.startsWith(text)) ? 'more' : 'failed';
  }

  #endsWord(char: string): boolean {
    if (this.#awaitsKey()) return char === ':' || char === '=' || char === '}' || char === ',';
    if (char === ',' || char === '\n') return true;
    const { kind, key } = this.#top();
    if (kind === 'call' && key === null && char === '=') return true;
    return this.#frames.some((frame) => closing[frame.kind] === char);
  }

  /** `char`: what ended it. */
  #endWord(char = ''): Progress {
    const word = this.#take().trim();
    if (this.#awaitsKey()) return char === ':' || char === '=' ? this.#put(word) : 'failed';
    if (char === '=' && this.#top().key === null) {
      this.#top().key = word;
      return this.#to('colon');
    }
    return this.#onlyCalls() ? 'failed' : this.#put(wordValue(word));
  }

  // Structure.

  #key(char: string): Progress {
    if (space.test(char) || char === ',') return 'more';
    if (char === '}') return this.#close();
    return this.#begin(char);
  }

  #value(char: string): Progress {
    const { kind, key } = this.#top();
    if (space.test(char)) return 'more';
    if (char === ',' && key === null) return 'more';
    if (char === closing[kind]) return key === null ? this.#close() : 'failed';
    if (char === '{') return this.#open('object', '');
    if (this.#onlyCalls()) return callName.test(char) ? this.#begin(char) : 'failed';
    if (char === '[') return this.#open('list', '');
    if ('}]():'.includes(char)) return 'failed';
    return this.#begin(char);
  }

  #begin(char: string): Progress {
    const quote = quotes.get(char);
    if (quote !== undefined) {
      this.#quote = quote;
      this.#escaped = false;
      return this.#to('string');
    }
    this.#token.push(char);
    return this.#to('word');
  }

  #behind(char: string): Progress {
    if (space.test(char)) return 'more';
    const { kind } = this.#top();
    if (char === ',') return this.#to(kind === 'object' ? 'key' : 'value');
    if (char === '}' || char === ']' || char === ')') {
      // One too many is passed over, one too few is made up for.
      if (!this.#frames.some((frame) => closing[frame.kind] === char)) return 'more';
      while (closing[this.#top().kind] !== char) if (this.#close() === 'failed') return 'failed';
      return this.#close();
    }
    if (!quotes.has(char)) return 'failed';
    // The comma is missing.
    this.#to(kind === 'object' ? 'key' : 'value');
    return this.#begin(char);
  }

  #open(kind: Frame['kind'], name: string): Progress {
    if (this.#frames.length >= deepest) return 'failed';
    this.#frames.push({ kind, name, entries: [], items: [], key: null });
    return this.#to(kind === 'object' ? 'key' : 'value');
  }

  #close(): Progress {
    const frame = this.#frames.pop();
    if (frame === undefined) return 'failed';
    const value = frameValue(frame);
    if (this.#frames.length > 0) return this.#put(value);
    this.#result = value;
    return 'done';
  }

  /** Puts a value that is complete into its place. */
  #put(value: unknown): Progress {
    const frame = this.#top();
    if (this.#awaitsKey()) {
      frame.key = String(value);
      return this.#accepted(frame, frame.key) ? this.#to('colon') : 'failed';
    }
    this.#to('behind');
    if (frame.key === null) {
      frame.items.push(value);
      return 'more';
    }
    const { key } = frame;
    const first = frame.entries.length === 0;
    frame.entries.push([key, value]);
    frame.key = null;
    return !first || this.#accepted(frame, key, value) ? 'more' : 'failed';
  }

  #accepted(frame: Frame, key: string, value?: unknown): boolean {
    const { accepts } = this.#options;
    if (accepts === undefined || frame.kind !== 'object') return true;
    if (frame.entries.length > 0 && value === undefined) return true;
    const outermost =
      frame === this.#frames[0] || (frame === this.#frames[1] && this.#frames[0]?.kind === 'list');
    return !outermost || accepts(key, value);
  }

  /** Whether a key is being read, or comes next. */
  #awaitsKey(): boolean {
    const { kind, key } = this.#top();
    return kind === 'object' && key === null;
  }

  /** Whether calls stand here: they are the items of an outermost list, or what is printed. */
  #onlyCalls(): boolean {
    return this.#options.calls && this.#frames.length === 1 && this.#top().kind !== 'object';
  }

  #top(): Frame {
    return this.#frames.at(-1) ?? { kind: 'list', name: '', entries: [], items: [], key: null };
  }

  #take(): string {
    const text = this.#token.join('');
    this.#token = [];
    return text;
  }

  #to(state: State): Progress {
    this.#state = state;
    return 'more';
  }
}
