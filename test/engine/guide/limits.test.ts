import { describe, expect, it } from 'vitest';
import { compileGuide } from '../../../src/engine/guide/index.ts';

const numbered = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

const nested = (levels: number) =>
  numbered(levels, () => 0).reduce<object>((schema) => ({ properties: { a: schema } }), {});

/** Each level needs two of the next. */
const doubling = {
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries([
    ...numbered(40, (index) => {
      const next = { $ref: `#/$defs/d${index + 1}` };
      return [`d${index}`, { properties: { x: next, y: next }, required: ['x', 'y'] }];
    }),
    ['d40', { type: 'null' }],
  ]),
};

/** Nobody can tell the first two apart. */
const endless = {
  anyOf: [
    { type: 'object', properties: { c: { $ref: '#' } } },
    { type: 'object', properties: { c: { $ref: '#' } }, title: 'the same' },
    { type: 'null' },
  ],
};

describe('a hostile schema is refused', () => {
  it.each([
    ['too deep', nested(65), 'properties'],
    ['too many schemas', { anyOf: numbered(5_001, () => ({})) }, '$defs'],
    ['too many values', { enum: numbered(10_001, String) }, 'enum'],
    ['too much text', { const: 'x'.repeat(1_000_001) }, 'const'],
    [
      'too many combinations',
      { allOf: numbered(10, () => ({ anyOf: [{ type: 'null' }, {}] })) },
      'anyOf',
    ],
    ['a document that doubles', doubling, '$ref'],
    [
      'a pattern that is long when written out',
      { pattern: '^((a{1,50}){1,50}){1,50}$' },
      'pattern',
    ],
    ['a pattern of too many states', { pattern: '(a|b)*a(a|b){20}$' }, 'pattern'],
    ['a pattern that takes long to read', { pattern: '^(\\p{L}?){3000}$' }, 'pattern'],
    [
      'many patterns that are each just small enough',
      {
        properties: Object.fromEntries(
          numbered(1_000, (at) => [`p${at}`, { pattern: `(a|b)*a(a|b){12}c${at}$` }]),
        ),
      },
      'pattern',
    ],
    [
      'many patterns of large lengths',
      {
        properties: Object.fromEntries(
          numbered(50, (at) => [`p${at}`, { pattern: `^[a-z]{1500}${at}$` }]),
        ),
      },
      'pattern',
    ],
    ['a long pattern', { pattern: 'a'.repeat(2_001) }, 'pattern'],
    [
      'a long pattern of names',
      { patternProperties: { ['a'.repeat(2_001)]: {} } },
      'patternProperties',
    ],
    ['many values that are objects', { enum: numbered(257, (at) => ({ at })) }, 'enum'],
    [
      'many different items',
      { items: { type: 'integer' }, uniqueItems: true, minItems: 257 },
      'minItems',
    ],
    ['many properties', { minProperties: 257 }, 'minProperties'],
  ])('%s', async (_, schema, keyword) => {
    await expect(compileGuide(schema)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(`Schema keyword ${keyword} `),
    });
  });
});

const nest = (levels: number, open: string, inner: string, close: string): unknown =>
  JSON.parse(open.repeat(levels) + inner + close.repeat(levels));

describe('a schema that no stack is deep enough for is refused', () => {
  it.each([
    ['of schemas', nest(20_000, '{"items":', '{}', '}')],
    ['of a value', { default: nest(20_000, '[', '', ']') }],
  ])('%s', async (_, schema) => {
    await expect(compileGuide(schema)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a large schema is followed', () => {
  it.each([
    [
      'many properties',
      { properties: Object.fromEntries(numbered(2_000, (at) => [`p${at}`, { type: 'string' }])) },
    ],
    [
      'many required properties',
      {
        properties: Object.fromEntries(numbered(2_000, (at) => [`p${at}`, { type: 'string' }])),
        required: numbered(2_000, (at) => `p${at}`),
      },
    ],
    ['many values', { enum: numbered(9_000, (at) => `value ${at}`) }],
    [
      'many branches',
      {
        anyOf: numbered(250, (at) => ({ properties: { kind: { const: at } }, required: ['kind'] })),
      },
    ],
    ['a pattern with a large length', { type: 'string', pattern: '^[a-z ]+$', maxLength: 5_000 }],
    ['a pattern without an end', { type: 'string', pattern: '^[a-z ]+$', maxLength: 1e9 }],
    [
      'a record of many names',
      {
        propertyNames: { enum: numbered(500, (at) => `light.room_${at}`) },
        additionalProperties: { enum: ['on', 'off'] },
        minProperties: 1,
      },
    ],
    ['many that hold at once', { allOf: numbered(1_000, () => ({ type: 'integer' })) }],
    ['an address', { type: 'string', format: 'email', maxLength: 255 }],
    [
      'a link, as pydantic has it',
      { type: 'string', format: 'uri', minLength: 1, maxLength: 2083 },
    ],
    ['an array without an end', { items: { type: 'integer' }, minItems: 1, maxItems: 1e9 }],
    ['a pattern that regular expressions choke on', { type: 'string', pattern: '^(a+)+$' }],
  ])('%s', async (_, schema) => {
    const guide = await compileGuide(schema);
    expect(await guide.validate(guide.start.closing())).toBeNull();
  });

  it('reads a text that two branches fit at every level without losing it', async () => {
    const guide = await compileGuide(endless);
    const { state, accepted } = guide.start.accept('{"c":'.repeat(60));
    expect(accepted).toBe(300);
    expect(await guide.validate('{"c":'.repeat(60) + state.closing())).toBeNull();
  });

  it('judges a text that a backtracking expression would never finish', async () => {
    const guide = await compileGuide({ type: 'string', pattern: '^(a+)+$' });
    expect(await guide.validate(JSON.stringify(`${'a'.repeat(60)}!`))).toContain('pattern');
  });
});
