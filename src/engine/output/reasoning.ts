import type { Segment } from './event.ts';
import { HarmonySplitter } from './harmony.ts';
import { MarkerSet, MarkerSplitter } from './markers.ts';
import { harmonyOpeners, type ReasoningStyle, reasoningStyles } from './reasoning-styles.ts';
import { longestSpace, TrailingSpace } from './trailing-space.ts';

const openers = [...reasoningStyles.map(({ open }) => open), ...harmonyOpeners];
const closersOf = new Map(reasoningStyles.map((style) => [style.open, closers([style])]));
const anyCloser = closers(reasoningStyles);

function closers(styles: readonly ReasoningStyle[]): MarkerSet {
  return new MarkerSet(styles.map(({ close }) => close));
}

/**
 * Splits reasoning from the answer. Tags count at the output's beginning only (and right behind
 * other reasoning): further on they are what the answer talks about. White space around the
 * reasoning belongs to neither.
 */
export class ReasoningSplitter {
  /** `opening`: it is open whether or not the model repeats the tag. */
  #state: 'start' | 'opening' | 'reasoning' | 'behind' | 'answer' | 'harmony';
  readonly #harmony: HarmonySplitter;
  /** What may still become an opening tag. */
  #lead = '';
  #reasoning = new MarkerSplitter(anyCloser);
  readonly #space = new TrailingSpace();
  #began = false;

  /** `opened`: the prompt ended with the opening tag. `tools`: there are tools to be called. */
  constructor(options: { opened: boolean; tools: boolean }) {
    this.#state = options.opened ? 'opening' : 'start';
    this.#harmony = new HarmonySplitter(options);
  }

  /** True between the end of the reasoning and the first word of the answer. */
  get closed(): boolean {
    return this.#state === 'behind';
  }

  push(text: string): Segment[] {
    const segments: Segment[] = [];
    for (let rest = text; rest !== ''; ) rest = this.#step(rest, segments);
    return segments;
  }

  end(): Segment[] {
    const lead = this.#lead;
    this.#lead = '';
    switch (this.#state) {
      case 'harmony':
        return this.#harmony.end();
      case 'opening':
        return this.#think(lead);
      case 'reasoning':
        return this.#think(this.#reasoning.flush());
      case 'behind':
        return [{ type: 'text', text: lead.trimStart() }];
      default:
        return [{ type: 'text', text: lead }];
    }
  }

  /** Takes the beginning of `text`, and gives back what is left of it. */
  #step(text: string, segments: Segment[]): string {
    switch (this.#state) {
      case 'answer':
        segments.push({ type: 'text', text });
        return '';
      case 'harmony':
        segments.push(...this.#harmony.push(text));
        return '';
      case 'reasoning': {
        const { before, marker, rest } = this.#reasoning.push(text);
        segments.push(...this.#think(before));
        if (marker !== null) this.#state = 'behind';
        return rest;
      }
      default:
        return this.#open(text);
    }
  }

  #open(text: string): string {
    this.#lead += text;
    const tag = this.#lead.trimStart();
    const undecided = tag === '' ? this.#lead.length <= longestSpace : couldOpen(tag);
    if (undecided) return '';
    const all = this.#state === 'behind' ? tag : this.#lead;
    this.#lead = '';
    const opener = openers.find((open) => tag.startsWith(open));
    if (opener !== undefined) {
      const closing = closersOf.get(opener);
      if (closing === undefined) {
        this.#state = 'harmony';
        return tag;
      }
      this.#reason(closing);
      return tag.slice(opener.length);
    }
    if (this.#state === 'opening') this.#reason(anyCloser);
    else this.#state = 'answer';
    return all;
  }

  #reason(closing: MarkerSet): void {
    this.#state = 'reasoning';
    this.#reasoning = new MarkerSplitter(closing);
    this.#space.take();
    this.#began = false;
  }

  #think(text: string): Segment[] {
    const said = this.#space.push(this.#began ? text : text.trimStart());
    if (said === '') return [];
    this.#began = true;
    return [{ type: 'reasoning', text: said }];
  }
}

function couldOpen(tag: string): boolean {
  return openers.some((open) => open.length > tag.length && open.startsWith(tag));
}
