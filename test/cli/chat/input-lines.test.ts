import { describe, expect, it } from 'vitest';
import { InputLines } from '../../../src/cli/chat/input-lines.ts';

/** Lines as they are typed, and the messages that they make. */
const table: [string, string[], string[]][] = [
  ['a line', ['hello'], ['hello']],
  ['an empty line', [''], ['']],
  ['a backslash at the end', ['one\\', 'two\\', 'three'], ['one\ntwo\nthree']],
  ['two backslashes, which are one that was meant', ['C:\\\\'], ['C:\\\\']],
  ['a fence', ['"""one', 'two', '"""'], ['one\ntwo']],
  ['a fence whose last line has text', ['"""one', 'two"""'], ['one\ntwo']],
  ['a fence on a line of its own', ['"""', 'one', '', 'three', '"""'], ['one\n\nthree']],
  ['a fence in one line', ['"""one"""'], ['one']],
  ['quotes within a fence', ['"""say ""hi""', 'x"""'], ['say ""hi""\nx']],
  ['a fence that ends inside of a line', ['"""a """ b', 'c"""'], ['a """ b\nc']],
  ['quotes inside of a line, which are no fence', ['say """hi"""'], ['say """hi"""']],
  ['a backslash within a fence', ['"""a\\', 'b"""'], ['a\\\nb']],
  ['one message after the other', ['"""a', 'b"""', 'c'], ['a\nb', 'c']],
];

describe('InputLines', () => {
  it.each(table)('makes messages of %s', (_name, typed, messages) => {
    const lines = new InputLines();
    expect(typed.flatMap((line) => lines.add(line) ?? [])).toEqual(messages);
    expect(lines.isOpen).toBe(false);
  });

  it('is open until a message is whole', () => {
    const lines = new InputLines();
    lines.add('"""');
    expect(lines.isOpen).toBe(true);
    lines.add('text');
    expect(lines.isOpen).toBe(true);
    lines.clear();
    expect(lines.isOpen).toBe(false);
    expect(lines.add('next')).toBe('next');
  });

  it.each([
    ['a script', ['docker run \\', '  -it x'], 'docker run \\\n  -it x'],
    ['a program that begins with quotes', ['"""Doc."""', 'x = 1'], '"""Doc."""\nx = 1'],
    ['a message with its fences', ['"""', 'one', 'two"""', ''], 'one\ntwo'],
  ])('leaves %s that was pasted as it is', (_name, pasted, message) => {
    const lines = new InputLines();
    const last = pasted.at(-1) ?? '';
    for (const line of pasted.slice(0, -1)) expect(lines.add(line, true)).toBeUndefined();
    expect(lines.add(last)).toBe(message);
    expect(lines.isOpen).toBe(false);
  });

  it('goes on with a fence that was typed before a paste', () => {
    const lines = new InputLines();
    lines.add('"""');
    lines.add('x = """a"""', true);
    lines.add('y', true);
    expect(lines.add('"""')).toBe('x = """a"""\ny');
  });

  it('takes what was pasted at once for one message', () => {
    const lines = new InputLines();
    expect(lines.add('one', true)).toBeUndefined();
    expect(lines.add('two', true)).toBeUndefined();
    expect(lines.add('three')).toBe('one\ntwo\nthree');
  });
});
