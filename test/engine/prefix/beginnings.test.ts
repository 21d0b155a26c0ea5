import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../src/engine/index.ts';
import { beginningsOf, commonCharacters } from '../../../src/engine/prefix/beginnings.ts';
import { assistant, system, user } from './board.ts';

const common = (left: ChatMessage[], right: ChatMessage[]) =>
  commonCharacters(beginningsOf({ messages: left }), beginningsOf({ messages: right }));

describe('the beginnings of a request', () => {
  const talk = [system('Be brief.'), user('hello')];

  it('are common as far as the messages are the same', () => {
    const whole = beginningsOf({ messages: talk }).at(-1)?.characters;
    expect(common(talk, [...talk, assistant('hi'), user('and now?')])).toBe(whole);
    expect(common(talk, [system('Be brief.'), user('other')])).toBeLessThan(whole ?? 0);
    expect(common(talk, [system('Be brief.'), user('other')])).toBeGreaterThan(10);
  });

  it('end where one message is another', () => {
    const other = [system('Be long.'), ...talk.slice(1)];
    expect(common(talk, other)).toBe(common([user('a')], [user('b')]));
  });

  it('belong to their tools and their adapter', () => {
    const tools = [{ name: 'f', parameters: {} }];
    const plain = beginningsOf({ messages: talk });
    expect(commonCharacters(plain, beginningsOf({ messages: talk, tools }))).toBe(0);
    expect(commonCharacters(plain, beginningsOf({ messages: talk, lora: 'a' }))).toBe(0);
  });

  it('are pieces of a text where that is all', () => {
    const text = 'x'.repeat(2000);
    const left = beginningsOf({ prompt: text });
    expect(commonCharacters(left, beginningsOf({ prompt: `${text}y` }))).toBeGreaterThan(1500);
    expect(commonCharacters(left, beginningsOf({ prompt: `y${text}` }))).toBeLessThan(10);
  });
});
