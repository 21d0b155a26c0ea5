import type { Tool, ToolCall } from '../../types.ts';
import { nameIn, taggedName } from './call-head.ts';
import { callsOf, isArgumentKey, makeCall, mayBeCall, writtenArguments } from './call-shape.ts';
import { isObject } from './coerce.ts';
import { WrittenCall } from './loose-frame.ts';
import { LooseReader, type Progress } from './loose-json.ts';
import { TaggedArguments } from './tagged-arguments.ts';
import type { ToolBox } from './tool-box.ts';

export interface ItemOptions {
  tools: ToolBox;
  /** Tags that end a call whatever is still open in it. */
  closers: readonly string[];
  /** No tag says that a call begins here: whatever cannot be one is given up at once. */
  bare: boolean;
}

type Body =
  | { at: 'head' }
  /** Behind `<function=name>`: JSON or tags. */
  | { at: 'function'; tool: Tool; space: string }
  | { at: 'json'; reader: LooseReader; tool: Tool | null }
  | { at: 'tags'; reader: TaggedArguments; tool: Tool };

/** Reads one call, or one list of calls, a character at a time. */
export class ItemReader {
  readonly #options: ItemOptions;
  #head: string;
  /** The name in the head so far. */
  #name = '';
  #body: Body = { at: 'head' };
  /** What may become a closing tag. */
  #closer = '';
  #calls: ToolCall[] = [];

  /** `head`: the part of the opening tag that the call's name belongs to. */
  constructor(options: ItemOptions, head = '') {
    this.#options = options;
    this.#head = head;
  }

  /** The calls, once they are `done`. */
  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** Whether a code fence was opened before the call. */
  get fenced(): boolean {
    return this.#head.includes('```');
  }

  push(char: string): Progress {
    const body = this.#body;
    switch (body.at) {
      case 'head':
        return this.#inHead(char);
      case 'function':
        return this.#inFunction(body, char);
      case 'tags': {
        const progress = body.reader.push(char);
        return progress === 'done'
          ? this.#done([makeCall(body.tool, body.reader.values)])
          : progress;
      }
      case 'json':
        return this.#inJson(body, char);
    }
  }

  /**
   * At the end of the output: whether the call is whole but for its last brackets. Arguments that
   * are still open may have been cut short, and are not acted upon.
   */
  finish(): boolean {
    const body = this.#body;
    if (body.at !== 'json' || body.tool !== null || this.#closer !== '') return false;
    if (body.reader.inString || body.reader.openKeys.some(isArgumentKey)) return false;
    if (!body.reader.finish() || !hasArguments(body.reader.value)) return false;
    return this.#done(callsOf(body.reader.value, this.#options.tools)) === 'done';
  }

  #inHead(char: string): Progress {
    const { tools, bare } = this.#options;
    const name = this.#name;
    if (char === '{' || char === '(' || (char === '[' && name === ''))
      return this.#open(char, name);
    this.#head += char;
    const written = nameIn(this.#head);
    this.#name = written ?? '';
    if (char === '>') return this.#tagEnded(name, written);
    if (written === null) return 'failed';
    const named =
      tools.begins(written) || ['print', 'call'].some((word) => word.startsWith(written));
    return !bare || named ? 'more' : 'failed';
  }

  #tagEnded(nameBefore: string, written: string | null): Progress {
    if (this.#head.endsWith('<arg_key>')) {
      const tool = this.#options.tools.find(nameBefore);
      if (tool === null) return 'failed';
      this.#body = { at: 'tags', tool, reader: new TaggedArguments(tool, '<arg_key>') };
      return 'more';
    }
    const name = taggedName(this.#head);
    if (name === null) return written === null ? 'failed' : 'more';
    const tool = this.#options.tools.find(name);
    if (tool === null) return 'failed';
    this.#body = { at: 'function', tool, space: '' };
    return 'more';
  }

  #inFunction({ tool, space }: Extract<Body, { at: 'function' }>, char: string): Progress {
    if (char.trim() === '') {
      this.#body = { at: 'function', tool, space: space + char };
      return 'more';
    }
    if (char === '{') return this.#read('{', tool);
    if (char !== '<') return 'failed';
    this.#body = { at: 'tags', tool, reader: new TaggedArguments(tool, '<') };
    return 'more';
  }

  #open(bracket: '{' | '[' | '(', name: string): Progress {
    if (name === '') return bracket === '(' ? 'failed' : this.#read(bracket, null);
    if (name === 'print' && bracket === '(') return this.#read(bracket, null);
    const tool = this.#options.tools.find(name);
    return tool === null ? 'failed' : this.#read(bracket, tool);
  }

  #read(bracket: '{' | '[' | '(', tool: Tool | null): Progress {
    const { tools, bare } = this.#options;
    const accepts = (key: string, value?: unknown) => mayBeCall(tools, key, value);
    const reader = new LooseReader(bracket, {
      calls: tool === null,
      ...(bare && tool === null ? { accepts } : {}),
    });
    this.#body = { at: 'json', reader, tool };
    return 'more';
  }

  #inJson(body: Extract<Body, { at: 'json' }>, char: string): Progress {
    const closer = this.#closer + char;
    const { closers } = this.#options;
    if (!body.reader.inString && closers.some((one) => one.startsWith(closer))) {
      this.#closer = closer;
      if (!closers.includes(closer)) return 'more';
      return body.reader.finish() ? this.#close(body) : 'failed';
    }
    this.#closer = '';
    for (const one of closer) {
      const progress = body.reader.push(one);
      if (progress === 'done') return this.#close(body);
      if (progress === 'failed') return 'failed';
    }
    return 'more';
  }

  #close({ reader, tool }: Extract<Body, { at: 'json' }>): Progress {
    const { value } = reader;
    if (tool === null) {
      const written = value instanceof WrittenCall ? value.positional : value;
      return this.#done(callsOf(written, this.#options.tools));
    }
    const values = value instanceof WrittenCall ? writtenArguments(tool, value) : value;
    return this.#done(isObject(values) ? [makeCall(tool, values)] : null);
  }

  #done(calls: readonly ToolCall[] | null): Progress {
    if (calls === null || calls.length === 0) return 'failed';
    this.#calls = [...calls];
    return 'done';
  }
}

/** Whether a call was given its arguments; without, they may not have been written yet. */
function hasArguments(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(hasArguments);
  if (!isObject(value)) return false;
  return Object.entries(value).some(
    ([key, inner]) => isArgumentKey(key) || (isObject(inner) && hasArguments(inner)),
  );
}
