import { describe, expect, it } from 'vitest';
import { anyObject, compileGuide, type Guide } from '../../../src/engine/guide/index.ts';

function behind(guide: Guide, text: string) {
  const { state, accepted } = guide.start.accept(text);
  expect(accepted).toBe(text.length);
  return state;
}

const lamp = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    state: { enum: ['on', 'off'] },
    level: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
    mode: { const: 'eco' },
  },
  required: ['name', 'state', 'level', 'tags', 'mode'],
  additionalProperties: false,
};

describe('forced text', () => {
  it.each([
    ['', '{"name": "'],
    ['{', '"name": "'],
    ['{\n  ', '"name": "'],
    ['{"na', 'me": "'],
    ['{"name"', ': "'],
    ['{"name":', ' "'],
    ['{"name": ', '"'],
    ['{"name": "a', ''],
    // Both begin with an o, but the model's tokens begin at the quote.
    ['{"name": "a"', ', "state": "'],
    ['{"name": "a", "state": "of', 'f", "level":'],
    // A number's blank is left to the model.
    ['{"name": "a", "state": "on"', ', "level":'],
    ['{"name": "a", "state": "on", "level": 1', ''],
    ['{"name": "a", "state": "on", "level": 1,', ' "tags": ["'],
    ['{"name": "a", "state": "on", "level": 1, "tags": ["b"', ''],
    ['{"name": "a", "state": "on", "level": 1, "tags": ["b"]', ', "mode": "eco"}'],
  ])('behind %j is %j', async (text, forced) => {
    expect(behind(await compileGuide(lamp), text).forced).toBe(forced);
  });

  it('leads to a state that is the same as when the model had written it', async () => {
    const guide = await compileGuide(lamp);
    const compact = behind(guide, '{"name":"a","state":"on","level":1,"tags":["b"],"mode":"eco"}');
    expect([compact.complete, compact.ended, compact.forced]).toEqual([true, true, '']);
  });

  it('comes in pieces where there is very much of it', async () => {
    const value = 'x'.repeat(10_000);
    const guide = await compileGuide({
      prefixItems: [{ const: `${value}.` }],
      minItems: 1,
      items: false,
    });
    let { start: state } = guide;
    let text = '';
    while (!state.ended && text.length < 20_000) {
      const piece = state.forced === '' ? state.closing().slice(0, 100) : state.forced;
      text += piece;
      state = behind({ ...guide, start: state }, piece);
    }
    expect(text).toBe(`["${value}."]`);
  });
});

describe('the end of a text', () => {
  it('is certain behind a bracket, and open behind a number', async () => {
    const number = behind(await compileGuide({ type: 'number' }), '12');
    expect([number.complete, number.ended, number.closing()]).toEqual([true, false, '']);
    const object = behind(anyObject, '{}');
    expect([object.complete, object.ended, object.accept(' ').accepted]).toEqual([true, true, 0]);
  });

  it.each([
    ['', '{"name":"","state":"on","level":0,"tags":[""],"mode":"eco"}'],
    ['{"name": "a\\', '"","state":"on","level":0,"tags":[""],"mode":"eco"}'],
    ['{"name": "a\\ud83d', '\\udc00","state":"on","level":0,"tags":[""],"mode":"eco"}'],
    ['{"name": "a", "state": "o', 'n","level":0,"tags":[""],"mode":"eco"}'],
    ['{"name": "a", "state": "on", "level": -', '0,"tags":[""],"mode":"eco"}'],
    ['{"name": "a", "state": "on", "level": 7, "tags": ["b",', '""],"mode":"eco"}'],
  ])('behind %j is %j', async (text, closing) => {
    const guide = await compileGuide(lamp);
    expect(behind(guide, text).closing()).toBe(closing);
    expect(await guide.validate(text + closing)).toBeNull();
  });
});

describe('the end of an object that may hold itself', () => {
  const itself = { $ref: '#' };

  it.each([
    ['', { properties: { a: itself }, minProperties: 1 }, '{"a":{"":0}}'],
    ['{"a":{"a":{', { properties: { a: itself }, minProperties: 1 }, '"a":{"":0}}}}'],
    [
      '',
      {
        properties: { a: itself },
        required: ['b'],
        additionalProperties: { type: 'null' },
        minProperties: 2,
      },
      '{"a":{"b":null,"":null},"b":null}',
    ],
    [
      '',
      {
        properties: { a: itself, b: { type: 'string', minLength: 20 } },
        minProperties: 1,
        additionalProperties: false,
      },
      `{"b":"${'-'.repeat(20)}"}`,
    ],
    [
      '',
      {
        properties: { a: { items: itself, minItems: 1 } },
        patternProperties: { '^x$': { type: 'null' } },
        additionalProperties: false,
        minProperties: 1,
      },
      '{"a":[{"x":null}]}',
    ],
  ])('behind %j of %j is %j', async (text, rules, closing) => {
    const guide = await compileGuide({ type: 'object', ...rules });
    expect(behind(guide, text).closing()).toBe(closing);
    expect(await guide.validate(text + closing)).toBeNull();
  });

  it('has declared members rather than shorter ones of invented names', async () => {
    const guide = await compileGuide({
      properties: {
        lamp: { $ref: '#/$defs/lamp' },
        room: { properties: { lamp: { $ref: '#/$defs/lamp' } }, minProperties: 1 },
      },
      required: ['lamp', 'room'],
      $defs: { lamp: { properties: { level: { type: 'integer' } }, required: ['level'] } },
    });
    expect(guide.start.closing()).toBe('{"lamp":{"level":0},"room":{"lamp":{"level":0}}}');
  });
});

describe('whitespace', () => {
  it('may be as any printer writes it', async () => {
    const guide = await compileGuide(lamp);
    const value = { name: 'a', state: 'on', level: 1, tags: ['b', 'c'], mode: 'eco' };
    for (const text of [
      JSON.stringify(value),
      JSON.stringify(value, null, 2),
      JSON.stringify(value, null, '\t'),
    ])
      expect(behind(guide, text).ended).toBe(true);
  });

  it('ends: at most a line break and 64 blanks in a row', () => {
    expect(anyObject.start.accept(`{\n${' '.repeat(64)}"`).accepted).toBe(67);
    expect(anyObject.start.accept(`{\n${' '.repeat(65)}"`).accepted).toBe(66);
    expect(anyObject.start.accept('{\n\n').accepted).toBe(2);
  });
});

describe('a state', () => {
  it('goes on in several ways', () => {
    const state = behind(anyObject, '{"a": [');
    expect(state.accept('1]}').state.complete).toBe(true);
    expect(state.accept('"b"').accepted).toBe(3);
    expect(state.accept(']}').state.complete).toBe(true);
  });

  it('takes a text in any pieces alike', () => {
    const text = '{"a😀\\n": [1.5e3, "b", {"c": null}], "d": true}';
    let state = anyObject.start;
    for (const character of text) {
      const { state: next, accepted } = state.accept(character);
      expect([character, accepted]).toEqual([character, character.length]);
      state = next;
    }
    expect(state.ended).toBe(true);
  });

  it('never takes half a character', () => {
    const state = behind(anyObject, '{"');
    expect(state.accept('a\ud83d').accepted).toBe(1);
    expect(state.accept('\ude00').accepted).toBe(0);
  });

  it('holds at a hundred levels', () => {
    const start = anyObject.start.accept('{"a":'.repeat(200));
    expect(start.accepted).toBe(5 * 100);
    expect(() => JSON.parse('{"a":'.repeat(100) + start.state.closing())).not.toThrow();
  });
});
