/**
 * Arguments in tags of their own: `<parameter=city>Paris</parameter>` (Qwen3-Coder, Seed-OSS),
 * `<parameter name="city">` and `<arg_key>city</arg_key><arg_value>Paris</arg_value>` (GLM-4.5).
 */
import type { JsonObject, Tool } from '../../types.ts';
import { isObject, typesOf } from './coerce.ts';

const patterns = [
  /\s*<(?:parameter|param|arg)(?:=|\s+name=)["']?([^"'<>]+?)["']?(?:\s[^<>]*)?>([\s\S]*?)<\/(?:parameter|param|arg)>/y,
  /\s*<arg_key>([^<>]+)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>/y,
];
const closers = ['</function>', '</invoke>', '</tool>', '</tool_call>'];
const longestCloser = Math.max(...closers.map(({ length }) => length));
/** A value may hold a closing tag: so often a body is tried before it is given up. */
const mostTries = 32;

export class TaggedArguments {
  readonly #tool: Tool;
  #body: string;
  /** The end of the body, which alone is looked at until it may be whole. */
  #tail: string;
  #tries = 0;
  #values: JsonObject = {};

  constructor(tool: Tool, body: string) {
    this.#tool = tool;
    this.#body = body;
    this.#tail = body;
  }

  get values(): JsonObject {
    return this.#values;
  }

  push(char: string): 'more' | 'done' | 'failed' {
    this.#body += char;
    this.#tail = (this.#tail + char).slice(-longestCloser);
    if (char !== '>') return 'more';
    const closer = closers.find((one) => this.#tail.endsWith(one));
    if (closer === undefined) return 'more';
    if (this.#read(this.#body.slice(0, -closer.length))) return 'done';
    this.#tries += 1;
    return this.#tries < mostTries ? 'more' : 'failed';
  }

  #read(body: string): boolean {
    const entries: [string, unknown][] = [];
    let at = 0;
    for (let found = true; found; ) {
      found = false;
      for (const pattern of patterns) {
        pattern.lastIndex = at;
        const [all = '', key = '', text = ''] = pattern.exec(body) ?? [];
        if (all === '') continue;
        entries.push([key.trim(), this.#value(key.trim(), text)]);
        at += all.length;
        found = true;
      }
    }
    if (body.slice(at).trim() !== '') return false;
    this.#values = Object.fromEntries(entries);
    return true;
  }

  /** Text, unless the schema wants or leaves open something else that it can be read as. */
  #value(key: string, text: string): unknown {
    const value = text.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
    const { properties } = this.#tool.parameters;
    const schema = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : null;
    const types = isObject(schema) ? typesOf(schema) : [];
    if (types.includes('string')) return value;
    const structured = /^\s*[[{]/.test(value);
    return structured || types.includes('null') ? (jsonIn(value) ?? value) : value;
  }
}

function jsonIn(text: string): unknown {
  const word = text.trim();
  if (word === 'None') return null;
  try {
    return JSON.parse(word);
  } catch {
    return undefined;
  }
}
