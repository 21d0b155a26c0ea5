import { joined, type OutputEvent } from '../../../src/engine/output/event.ts';
import {
  type OutputOptions,
  OutputPipeline,
  toolFormatOf,
} from '../../../src/engine/output/index.ts';
import type { Tool, ToolCall } from '../../../src/engine/types.ts';
import { randomFrom } from '../../support/random.ts';

/** One event, short: answer text, reasoning, or a call. */
export type Shown = string | { think: string } | ToolCall;

/** All events of an output that comes in these pieces, as a client sees them. */
export function outputOf(options: OutputOptions, pieces: readonly string[]): Shown[] {
  const pipeline = new OutputPipeline(options);
  const events = pieces.flatMap((piece) => pipeline.push(piece));
  return joined([...events, ...pipeline.end()]).map(shown);
}

function shown(event: OutputEvent): Shown {
  if (event.type === 'text') return event.text;
  return event.type === 'reasoning' ? { think: event.text } : event.call;
}

/** The text whole, cut in two at every place, in single characters, and cut at random (seeded). */
export function cutsOf(text: string): string[][] {
  const characters = [...text];
  const cuts = characters.map((_, at) => [
    characters.slice(0, at).join(''),
    characters.slice(at).join(''),
  ]);
  const random = randomFrom(text.length + 1);
  for (let round = 0; round < 10; round++) {
    const pieces: string[] = [];
    for (let at = 0; at < characters.length; ) {
      const size = 1 + Math.floor(random() * 8);
      pieces.push(characters.slice(at, at + size).join(''));
      at += size;
    }
    cuts.push(pieces);
  }
  return [[text], characters, ...cuts];
}

export function tool(
  name: string,
  properties: Record<string, unknown> = {},
  required: string[] = [],
): Tool {
  return { name, parameters: { type: 'object', properties, required } };
}

const list: readonly Tool[] = [
  tool('get_weather', {
    city: { type: 'string' },
    days: { type: 'integer' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  }),
  tool('HassTurnOn', {
    name: { type: 'string' },
    area: { type: 'string' },
    domain: { type: 'array' },
  }),
  tool('search', { query: { type: 'string' } }, ['query']),
  tool('get_time'),
  tool('write_file', { path: { type: 'string' }, content: { type: 'string' } }),
];

/** Options with tools, for a model of this family. */
export function withTools(family = 'unknown'): OutputOptions {
  return { tools: { list, format: toolFormatOf(family) } };
}

export function weather(city: string, more: Record<string, unknown> = {}): ToolCall {
  return { name: 'get_weather', arguments: { city, ...more } };
}
