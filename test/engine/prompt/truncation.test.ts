import { describe, expect, it } from 'vitest';
import { shorterVersions } from '../../../src/engine/prompt/truncation.ts';
import type { ChatMessage } from '../../../src/engine/types.ts';

/** Letters for roles, in order: s, u, a, c (a call), t (its result). */
function conversation(letters: string): ChatMessage[] {
  return [...letters].map((letter, i): ChatMessage => {
    const content = `${letter}${i}`;
    if (letter === 's') return { role: 'system', content };
    if (letter === 'u') return { role: 'user', content };
    if (letter === 't') return { role: 'tool', content };
    const toolCalls = letter === 'c' ? [{ name: 'x', arguments: {} }] : [];
    return { role: 'assistant', content, toolCalls };
  });
}

describe('the shorter versions of a conversation', () => {
  it.each([
    ['u', ['u0']],
    ['su', ['s0 u1']],
    ['uau', ['u0 a1 u2', 'u2']],
    ['suauau', ['s0 u1 a2 u3 a4 u5', 's0 u3 a4 u5', 's0 u5']],
    ['uuu', ['u0 u1 u2', 'u1 u2', 'u2']],
    ['auau', ['a0 u1 a2 u3', 'u1 a2 u3', 'u3']],
    ['uausau', ['u0 a1 u2 s3 a4 u5', 'u2 s3 a4 u5', 's3 u5']],
    ['uctau', ['u0 c1 t2 a3 u4', 'u4']],
    ['uauct', ['u0 a1 u2 c3 t4', 'u2 c3 t4', 'c3 t4']],
    ['uauctctt', ['u0 a1 u2 c3 t4 c5 t6 t7', 'u2 c3 t4 c5 t6 t7', 'u2 c5 t6 t7', 'c5 t6 t7']],
    ['sct', ['s0 c1 t2']],
    ['t', ['t0']],
    ['s', ['s0']],
  ])('of %s', (letters, expected) => {
    const versions = shorterVersions(conversation(letters));
    expect(versions.map((kept) => kept.map(({ content }) => content).join(' '))).toEqual(expected);
  });
});
