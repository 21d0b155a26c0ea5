import { describe, expect, it } from 'vitest';
import { TextJoiner } from '../../src/rkllm/text-joiner.ts';

type Step = ['waiting' | 'normal', string | Uint8Array | null];

const bytes = (...values: number[]) => Uint8Array.from(values);

/** What the steps give, and what is left at the end. */
function join(steps: readonly Step[]): [text: string, rest: string] {
  const joiner = new TextJoiner();
  let text = '';
  for (const [state, piece] of steps) {
    if (state === 'waiting') joiner.waiting(piece);
    else text += joiner.normal(piece);
  }
  return [text, joiner.flush()];
}

const characters = ['é', 'ß', '你', '‰', '\uFEFF', '\uFFFD', '😀', '𝄞'];

/** Each way to cut a character's bytes into two or more pieces. */
function cuts(character: string): Uint8Array[][] {
  const whole = new TextEncoder().encode(character);
  return Array.from({ length: 2 ** (whole.length - 1) }, (_, mask) => {
    const pieces: number[][] = [[]];
    for (const [index, byte] of whole.entries()) {
      if (index > 0 && mask & (1 << (index - 1))) pieces.push([]);
      pieces.at(-1)?.push(byte);
    }
    return pieces.map((piece) => Uint8Array.from(piece));
  }).filter((pieces) => pieces.length > 1);
}

const conventions: Record<string, (pieces: Uint8Array[], whole: string) => Step[]> = {
  'WAITING carries nothing, NORMAL the character': (pieces, whole) => [
    ...pieces.slice(1).map((): Step => ['waiting', null]),
    ['normal', whole],
  ],
  'WAITING carries an empty text, NORMAL the character': (pieces, whole) => [
    ...pieces.slice(1).map((): Step => ['waiting', '']),
    ['normal', whole],
  ],
  'WAITING carries its own bytes, NORMAL the character': (pieces, whole) => [
    ...pieces.slice(0, -1).map((piece): Step => ['waiting', piece]),
    ['normal', whole],
  ],
  'WAITING carries its own bytes, NORMAL the last ones': (pieces) => [
    ...pieces.slice(0, -1).map((piece): Step => ['waiting', piece]),
    ['normal', pieces.at(-1) ?? null],
  ],
  'WAITING carries all bytes so far, NORMAL the character': (pieces, whole) => [
    ...pieces
      .slice(0, -1)
      .map((_, index): Step => ['waiting', Buffer.concat(pieces.slice(0, index + 1))]),
    ['normal', whole],
  ],
  'there is no WAITING, every token is NORMAL with its own bytes': (pieces) =>
    pieces.map((piece): Step => ['normal', piece]),
  'the first piece comes with text before it, WAITING carries its own bytes': (pieces, whole) => [
    ['normal', ''],
    ...pieces.slice(1, -1).map((piece): Step => ['waiting', piece]),
    ['normal', whole],
  ],
};

describe('text that is split over tokens', () => {
  describe.each(Object.entries(conventions))('where %s', (_, stepsOf) => {
    it.each(characters)('gives %j once, between what surrounds it', (character) => {
      for (const pieces of cuts(character)) {
        const steps: Step[] = [['normal', 'a '], ...stepsOf(pieces, character), ['normal', ' b']];
        expect(join(steps), JSON.stringify(pieces)).toEqual([`a ${character} b`, '']);
      }
    });

    it('gives the same character twice when it came twice', () => {
      const steps = cuts('😀').flatMap((pieces) => [
        ...stepsOf(pieces, '😀'),
        ...stepsOf(pieces, '😀'),
      ]);
      expect(join(steps)).toEqual(['😀'.repeat(2 * cuts('😀').length), '']);
    });
  });

  it.each<[string, Step[], [string, string]]>([
    ['nothing', [], ['', '']],
    ['no text at all', [['normal', null]], ['', '']],
    ['an empty text', [['normal', '']], ['', '']],
    [
      'whole text',
      [
        ['normal', 'a'],
        ['normal', '你好'],
      ],
      ['a你好', ''],
    ],
    ['a literal U+FFFD as text', [['normal', '\uFFFD!']], ['\uFFFD!', '']],
    ['a literal U+FFFD as bytes', [['normal', bytes(0xef, 0xbf, 0xbd, 0x21)]], ['\uFFFD!', '']],
    [
      'a byte-order mark at the start',
      [['normal', bytes(0xef, 0xbb, 0xbf, 0x61)]],
      ['\uFEFFa', ''],
    ],
    ['a byte that starts no character', [['normal', bytes(0x61, 0x80, 0x62)]], ['a\uFFFDb', '']],
    [
      'bytes that no UTF-8 has',
      [
        ['normal', bytes(0xff)],
        ['normal', 'a'],
        ['normal', 'b'],
      ],
      ['\uFFFDab', ''],
    ],
    [
      'a character that is given up in the middle',
      [
        ['normal', bytes(0xe4, 0xbd)],
        ['normal', 'a'],
      ],
      ['\uFFFDa', ''],
    ],
    ['an end in the middle', [['normal', bytes(0x61, 0xe4, 0xbd)]], ['a', '\uFFFD']],
    [
      'an end while waiting',
      [
        ['normal', 'a'],
        ['waiting', bytes(0xf0, 0x9f)],
      ],
      ['a', '\uFFFD'],
    ],
    [
      'an end while waiting for nothing',
      [
        ['normal', 'a'],
        ['waiting', null],
      ],
      ['a', ''],
    ],
    [
      'the end of one character with the start of the next',
      [
        ['waiting', bytes(0xe4)],
        ['normal', bytes(0xbd, 0xa0, 0xe5)],
        ['normal', bytes(0xa5, 0xbd)],
      ],
      ['你好', ''],
    ],
    [
      'whole text with the start of a character, kept back by the runtime',
      [
        ['normal', ' '],
        ['waiting', bytes(0xbd)],
        ['normal', '你'],
      ],
      [' 你', ''],
    ],
  ])('understands %s', (_, steps, expected) => {
    expect(join(steps)).toEqual(expected);
  });

  it('is forgotten at the end', () => {
    const joiner = new TextJoiner();
    joiner.waiting(bytes(0xe4));
    expect(joiner.flush()).toBe('\uFFFD');
    expect(joiner.normal('a')).toBe('a');
    expect(joiner.flush()).toBe('');
  });
});
