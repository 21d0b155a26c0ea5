import type { ToolCall } from '../../types.ts';
import { MarkerSet, MarkerSplitter } from '../markers.ts';
import { TrailingSpace } from '../trailing-space.ts';
import type { ToolFormat } from './formats.ts';
import { ItemReader } from './item-reader.ts';
import type { ToolBox } from './tool-box.ts';

/** Characters of the longest call; a longer one is text. */
const longestCall = 256 * 1024;
/** Characters of text that may be looked at again, for each that was looked at once. */
const secondLooks = 2;
/** Characters that are taken at once, so that a long push is not copied with each step. */
const bite = 1024;
const separators = /^[\s,;)}\]]+/;
const longestSeparator = 64;
const fence = '```';

/** A stretch of text, or calls (or none) with the text that they were read from. */
export type Finding =
  | { type: 'text'; text: string }
  | { type: 'calls'; calls: readonly ToolCall[]; raw: string };

type State =
  | { at: 'text' }
  /** The answer begins here, and may be a call without a tag. */
  | { at: 'start' }
  | ({ at: 'item'; item: ItemReader } & Candidate)
  /** Behind a call: tags, separators and white space here belong to it. */
  | ({ at: 'behind'; held: string } & Within);

/** What is open around a call. */
interface Within {
  tagged: boolean;
  fenced: boolean;
}

interface Candidate extends Within {
  /** Its text so far. */
  raw: string;
  /** The tag that `raw` begins with; empty where there is none. */
  opener: string;
}

/**
 * Finds the calls in an answer. What looks like one is held back until it is whole, and comes out
 * as the text it was if it never becomes one.
 */
export class CallFinder {
  readonly #format: ToolFormat;
  readonly #tools: ToolBox;
  readonly #splitter: MarkerSplitter;
  readonly #space = new TrailingSpace();
  readonly #start: State;
  #state: State;
  #findings: Finding[] = [];
  /** Characters of the stream so far. */
  #pushed = 0;
  /** Characters of the stream before the end of the furthest candidate that was given up. */
  #seen = 0;
  #seenAgain = 0;

  /** `bare`: an answer that begins like a call is one, though no tag says so. */
  constructor(format: ToolFormat, tools: ToolBox, { bare }: { bare: boolean }) {
    this.#format = format;
    this.#tools = tools;
    this.#splitter = new MarkerSplitter(new MarkerSet([...format.openers, ...format.namedOpeners]));
    this.#start = bare ? { at: 'start' } : { at: 'text' };
    this.#state = this.#start;
  }

  push(text: string): Finding[] {
    for (let at = 0; at < text.length; at += bite) {
      const taken = text.slice(at, at + bite);
      this.#pushed += taken.length;
      this.#feed(taken);
    }
    return this.#taken();
  }

  /** Everything held back, as calls where they are whole and as text where not. */
  end(): Finding[] {
    // What a candidate gives back may hold another one, and is shorter each time.
    while (this.#state.at === 'item') {
      if (this.#state.item.finish()) this.#found(this.#state);
      else this.#feed(this.#giveUp(this.#state, ''));
    }
    if (this.#state.at === 'behind') this.#text(this.#state.held.replace(separators, ''));
    this.#text(this.#splitter.flush());
    this.#say(this.#space.take());
    this.#state = this.#start;
    return this.#taken();
  }

  #feed(text: string): void {
    for (let rest = text; rest !== ''; ) rest = this.#step(rest);
  }

  /** Takes the beginning of `text`, and gives back what is left of it. */
  #step(text: string): string {
    switch (this.#state.at) {
      case 'text':
        return this.#inText(text);
      case 'start':
        return this.#atStart(text);
      case 'item':
        return this.#inItem(this.#state, text);
      case 'behind':
        return this.#behind(this.#state, text);
    }
  }

  #inText(text: string): string {
    const { before, marker, rest } = this.#splitter.push(text);
    this.#text(before);
    if (marker !== null) {
      const named = this.#format.namedOpeners.includes(marker);
      const fenced = marker.startsWith(fence);
      this.#begin({ raw: marker, opener: marker, tagged: true, fenced }, named ? marker : '');
    }
    return rest;
  }

  #atStart(text: string): string {
    const rest = text.trimStart();
    this.#text(text.slice(0, text.length - rest.length));
    if (rest !== '') this.#beginBare('', rest.charAt(0), { tagged: false, fenced: false });
    return rest;
  }

  #beginBare(raw: string, first: string, { tagged, fenced }: Within): void {
    const named = tagged || this.#format.bareNames;
    if (/[{[`]/.test(first) || (named && /[\p{L}_]/u.test(first))) {
      this.#begin({ raw, opener: '', tagged, fenced });
    } else {
      this.#state = { at: 'text' };
      this.#text(raw);
    }
  }

  #begin(candidate: Candidate, head = ''): void {
    const closers = [...this.#format.closers, fence];
    const item = new ItemReader({ tools: this.#tools, closers, bare: !candidate.tagged }, head);
    this.#state = { ...candidate, at: 'item', item };
  }

  #inItem(state: Extract<State, { at: 'item' }>, text: string): string {
    for (let i = 0; i < text.length; i++) {
      const progress = state.item.push(text.charAt(i));
      if (progress === 'more' && state.raw.length + i < longestCall) continue;
      const rest = text.slice(i + 1);
      state.raw += text.slice(0, i + 1);
      if (progress !== 'done') return this.#giveUp(state, rest);
      this.#found(state);
      return rest;
    }
    state.raw += text;
    return '';
  }

  /** Turns a candidate back into text. Something in it may be a call, if there is time to look. */
  #giveUp({ raw, opener }: Candidate, rest: string): string {
    this.#state = { at: 'text' };
    this.#seen = Math.max(this.#seen, this.#pushed - rest.length);
    const again = this.#seenAgain + raw.length - opener.length;
    if (again > secondLooks * this.#seen || raw.length >= longestCall) {
      this.#text(raw);
      return rest;
    }
    this.#seenAgain = again;
    this.#text(opener);
    return raw.slice(opener.length) + rest;
  }

  #found({ item, raw, tagged, fenced }: Extract<State, { at: 'item' }>): void {
    this.#findings.push({ type: 'calls', calls: item.calls, raw: this.#space.take() + raw });
    this.#state = { at: 'behind', held: '', tagged, fenced: fenced || item.fenced };
  }

  #behind(state: Extract<State, { at: 'behind' }>, text: string): string {
    const tokens = state.fenced ? [...this.#format.closers, fence] : this.#format.closers;
    for (let i = 0; i < text.length; i++) {
      state.held += text.charAt(i);
      const token = state.held.replace(separators, '');
      const short = state.held.length <= longestSeparator;
      if (state.held.trim() === '' || tokens.includes(token)) {
        this.#skip(state.held);
        state.held = '';
        if (token === '') continue;
        state.tagged = false;
        if (token === fence) state.fenced = false;
      } else if (!short || (token !== '' && !tokens.some((one) => one.startsWith(token)))) {
        const between = state.held.slice(0, state.held.length - token.length);
        this.#beginBare(between, token.charAt(0), state);
        return token + text.slice(i + 1);
      }
    }
    return '';
  }

  /** What belongs to a call but says nothing. */
  #skip(raw: string): void {
    this.#findings.push({ type: 'calls', calls: [], raw });
  }

  #text(text: string): void {
    this.#say(this.#space.push(text));
  }

  #say(text: string): void {
    if (text !== '') this.#findings.push({ type: 'text', text });
  }

  #taken(): Finding[] {
    const findings = this.#findings;
    this.#findings = [];
    return findings;
  }
}
