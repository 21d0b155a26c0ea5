import type { ToolCall } from '../types.ts';

/** What a model's output is made of. */
export type OutputEvent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  /** Whole, never partial. */
  | { type: 'tool_call'; call: ToolCall };

/** A stretch of the output, as its tags tell what it is. */
export interface Segment {
  type: 'text' | 'reasoning';
  text: string;
}

/** The same events, with neighbours of the same kind joined and empty ones left out. */
export function joined(events: readonly OutputEvent[]): OutputEvent[] {
  const result: OutputEvent[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (event.type === 'tool_call') result.push(event);
    else if (event.text === '') continue;
    else if (last?.type === event.type) last.text += event.text;
    else result.push({ ...event });
  }
  return result;
}
