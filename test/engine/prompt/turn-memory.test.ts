import { describe, expect, it } from 'vitest';
import { TurnMemory } from '../../../src/engine/prompt/turn-memory.ts';
import type { ChatMessage } from '../../../src/engine/types.ts';

/** A turn that wrote a file, and how the model put it. */
function turn(number: number, characters = 10) {
  const call = { name: 'write_file', arguments: { number, text: 'x'.repeat(characters) } };
  const message: ChatMessage & { role: 'assistant' } = {
    role: 'assistant',
    content: '',
    toolCalls: [call],
  };
  return { message, generated: `<tool_call> ${JSON.stringify(call)} </tool_call>` };
}

/** How many of so many turns are known when all have been remembered. */
function known(count: number, characters: number): number[] {
  const memory = new TurnMemory();
  const turns = Array.from({ length: count }, (_, number) => turn(number, characters));
  for (const { message, generated } of turns) memory.remember(message, generated);
  return turns.flatMap(({ message }, number) => (memory.restore([message]) ? [number] : []));
}

describe('TurnMemory', () => {
  it('gives a turn back as it was generated, however its keys are ordered', () => {
    const memory = new TurnMemory();
    const { message, generated } = turn(1);
    memory.remember(message, generated);
    const [call] = message.toolCalls ?? [];
    const entries = Object.entries(call?.arguments ?? {}).reverse();
    const again = {
      ...message,
      toolCalls: [{ name: 'write_file', arguments: Object.fromEntries(entries) }],
    };
    expect(memory.restore([again])).toEqual([{ role: 'assistant', content: generated }]);
    expect(memory.restore([turn(2).message])).toBeNull();
  });

  it('keeps the latest turns, a bounded number', () => {
    const kept = known(600, 10);
    expect(kept).toHaveLength(512);
    expect(kept.at(-1)).toBe(599);
  });

  it('keeps fewer of long ones', () => {
    const kept = known(200, 50_000);
    expect(kept.length).toBeLessThan(50);
    expect(kept.length).toBeGreaterThan(30);
    expect(kept.at(-1)).toBe(199);
  });

  it('counts a turn once that comes again', () => {
    const memory = new TurnMemory();
    const { message, generated } = turn(1, 50_000);
    const other = turn(2);
    memory.remember(other.message, other.generated);
    for (let time = 0; time < 200; time++) memory.remember(message, generated);
    expect(memory.restore([other.message])).not.toBeNull();
  });
});
