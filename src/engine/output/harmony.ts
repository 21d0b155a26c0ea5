import type { Segment } from './event.ts';
import { MarkerSet, MarkerSplitter } from './markers.ts';

const headerEnd = new MarkerSet(['<|message|>']);
const messageEnd = new MarkerSet(['<|end|>', '<|return|>', '<|call|>', '<|start|>', '<|channel|>']);
const headerStart = new MarkerSet(['<|start|>', '<|channel|>']);

/** Longer than any header; what follows is not one. */
const longestHeader = 512;

/**
 * The messages of gpt-oss (openai/harmony, docs/format.md): `<|channel|>analysis<|message|>...<|end|>`
 * is reasoning, `final` and `commentary` are the answer. A message to a function
 * (`to=functions.name`) goes on as it was written, with its tags, for the tool calls to be read.
 */
export class HarmonySplitter {
  readonly #tools: boolean;
  #state: 'between' | 'header' | 'message' = 'between';
  #splitter = new MarkerSplitter(headerStart);
  #header = '';
  #message: 'text' | 'reasoning' | 'call' = 'text';
  #strayed = false;

  constructor({ tools }: { tools: boolean }) {
    this.#tools = tools;
  }

  push(text: string): Segment[] {
    const segments: Segment[] = [];
    for (let rest = text; rest !== ''; ) rest = this.#step(rest, segments);
    return segments;
  }

  end(): Segment[] {
    const held = this.#splitter.flush();
    if (this.#state === 'header') return [{ type: 'text', text: this.#header + held }];
    if (this.#state === 'between') return [{ type: 'text', text: this.#strayText(held) }];
    return [this.#segment(held)];
  }

  #step(text: string, segments: Segment[]): string {
    const { before, marker, rest } = this.#splitter.push(text);
    switch (this.#state) {
      case 'between':
        segments.push({ type: 'text', text: this.#strayText(before) });
        if (marker !== null) this.#startHeader(marker);
        break;
      case 'header':
        this.#header += before;
        if (marker !== null) {
          segments.push(...this.#startMessage(this.#header + marker));
        } else if (this.#header.length > longestHeader) {
          segments.push({ type: 'text', text: this.#header });
          this.#go('between', headerStart);
        }
        break;
      case 'message':
        segments.push(this.#segment(before));
        if (marker !== null) this.#endMessage(marker, segments);
    }
    return rest;
  }

  #startHeader(marker: string): void {
    this.#header = marker;
    this.#go('header', headerEnd);
  }

  #startMessage(header: string): Segment[] {
    this.#go('message', messageEnd);
    this.#message = 'text';
    if (/\bto=/.test(header)) {
      if (!this.#tools) return [];
      this.#message = 'call';
      return [{ type: 'text', text: header }];
    }
    if (/<\|channel\|>\s*analysis/.test(header)) this.#message = 'reasoning';
    return [];
  }

  #endMessage(marker: string, segments: Segment[]): void {
    if (marker === '<|start|>' || marker === '<|channel|>') {
      this.#startHeader(marker);
      return;
    }
    if (this.#message === 'call') segments.push({ type: 'text', text: marker });
    this.#message = 'text';
    this.#go('between', headerStart);
  }

  #go(state: 'between' | 'header' | 'message', markers: MarkerSet): void {
    this.#state = state;
    this.#strayed = false;
    this.#splitter = new MarkerSplitter(markers);
  }

  /** Text outside of every message; white space there separates messages. */
  #strayText(text: string): string {
    const shown = this.#strayed ? text : text.trimStart();
    if (shown !== '') this.#strayed = true;
    return shown;
  }

  #segment(text: string): Segment {
    return { type: this.#message === 'reasoning' ? 'reasoning' : 'text', text };
  }
}
