import { describe, expect, it } from 'vitest';
import { compileGuide } from '../../../src/engine/guide/index.ts';

/** `accepted`: whole documents. `stopped`: texts with `|` before the first character that is refused. */
interface Case {
  schema: unknown;
  accepted?: readonly string[];
  stopped?: readonly string[];
}

const cases: Record<string, readonly Case[]> = {
  type: [
    { schema: { type: 'null' }, accepted: ['null', ' null'], stopped: ['n|one', '|0'] },
    { schema: { type: 'boolean' }, accepted: ['true', 'false'], stopped: ['tru|th'] },
    {
      schema: { type: 'integer' },
      accepted: ['0', '-12'],
      stopped: ['1|.0', '1|e3', '0|1', '|+1'],
    },
    {
      schema: { type: 'number' },
      accepted: ['1.50', '-0.5e-3'],
      stopped: ['1.|x', '1e12|3', '|.5'],
    },
    { schema: { type: ['string', 'null'] }, accepted: ['""', 'null'], stopped: ['|1'] },
    { schema: { type: 'object' }, accepted: ['{}', '{"a": [1, {}]}'], stopped: ['|[', '{|,'] },
    { schema: {}, accepted: ['1', '"a"', '[]', '{}', 'null'] },
    { schema: true, accepted: ['[true]'] },
  ],
  nullable: [
    { schema: { type: 'string', nullable: true }, accepted: ['null', '"a"'], stopped: ['|1'] },
    { schema: { type: 'string', enum: ['a'], nullable: true }, accepted: ['null', '"a"'] },
    {
      schema: { $ref: '#/$defs/a', nullable: true, $defs: { a: { type: 'integer' } } },
      accepted: ['null', '1'],
    },
  ],
  'enum and const': [
    {
      schema: { enum: ['on', 'off', 1, null] },
      accepted: ['"on"', '1', 'null'],
      stopped: ['"o|x"', '|2'],
    },
    { schema: { enum: [1, 12] }, accepted: ['1', '12'], stopped: ['1|1', '12|0'] },
    { schema: { const: 'é' }, accepted: ['"é"'], stopped: ['"|\\u00e9"'] },
    {
      schema: { const: { a: [1, 'x'] } },
      accepted: ['{"a": [1, "x"]}', '{"a":[1,"x"]}'],
      stopped: ['{"a": [1|]}', '{"a": [|2'],
    },
    {
      schema: { enum: [3, 8, 'a'], type: 'integer', minimum: 5 },
      accepted: ['8'],
      stopped: ['|3', '|"a"'],
    },
    { schema: { enum: [[], {}] }, accepted: ['[]', '{}'], stopped: ['[|1'] },
  ],
  properties: [
    {
      schema: { type: 'object', properties: { a: { type: 'integer' }, b: {} }, required: ['a'] },
      accepted: ['{"a": 1}', '{"a":1,"b":[]}', '{"a": 1, "c": "more"}', '{\n  "a": 1\n}'],
      stopped: ['{|}', '{"|b": 1', '{"a": |"', '{"a": 1, "a|"'],
    },
    {
      schema: { properties: { a: {}, b: {} }, required: ['b'], additionalProperties: false },
      accepted: ['{"b": 1}', '{"a": 1, "b": 1}'],
      stopped: ['{"b": 1|, "a"', '{"|c"', '{"a": 1|}'],
    },
    {
      schema: { required: ['x'], additionalProperties: { type: 'boolean' } },
      accepted: ['{"x": true, "y": false}'],
      stopped: ['{"|y"', '{"x": |1'],
    },
    {
      schema: { properties: { a: false }, type: 'object' },
      accepted: ['{}', '{"b": 1}'],
      stopped: ['{"a|"'],
    },
  ],
  'numbers of properties': [
    {
      schema: { type: 'object', minProperties: 2 },
      accepted: ['{"a": 1, "b": 2}'],
      stopped: ['{|}', '{"a": 1|}', '{"a": 1, "a|"'],
    },
    {
      schema: {
        properties: { a: {}, b: {}, c: {} },
        additionalProperties: false,
        minProperties: 2,
      },
      accepted: ['{"b": 1, "c": 1}'],
      stopped: ['{"|c"'],
    },
    {
      schema: { properties: { a: {}, b: {} }, required: ['b'], maxProperties: 1 },
      accepted: ['{"b": 1}'],
      stopped: ['{"|a"', '{"b": 1|,'],
    },
  ],
  'patternProperties and propertyNames': [
    {
      schema: { patternProperties: { '^x-': { type: 'integer' } }, additionalProperties: false },
      accepted: ['{"x-a": 1}', '{}'],
      stopped: ['{"|y', '{"x-a": |"'],
    },
    {
      schema: {
        patternProperties: { '^x-': { type: 'integer' } },
        additionalProperties: { type: 'string' },
      },
      accepted: ['{"x-a": 1, "y": "b"}'],
      stopped: ['{"y": |1'],
    },
    {
      schema: { type: 'object', propertyNames: { enum: ['a', 'b'] } },
      accepted: ['{"b": 1, "a": 2}'],
      stopped: ['{"|c'],
    },
    {
      schema: { type: 'object', propertyNames: { minLength: 3, maxLength: 2 } },
      accepted: ['{}'],
      stopped: ['{|"'],
    },
    {
      schema: { type: 'object', propertyNames: { maxLength: 2 } },
      accepted: ['{"ab": 1}'],
      stopped: ['{"ab|c'],
    },
  ],
  'arrays of items': [
    {
      schema: { type: 'array', items: { type: 'integer' } },
      accepted: ['[]', '[1, 2]', '[ 1 ,2\n]'],
      stopped: ['[|"a"', '[1,|]', '[|,'],
    },
    {
      schema: { type: 'array', minItems: 2, maxItems: 3, items: { type: 'null' } },
      accepted: ['[null, null]'],
      stopped: ['[|]', '[null|]', '[null, null, null|,'],
    },
    {
      schema: { prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false },
      accepted: ['[]', '["a", 1]'],
      stopped: ['[|1', '["a", 1|,'],
    },
    {
      schema: { type: 'array', items: [{ type: 'string' }], additionalItems: false },
      accepted: ['["a"]'],
      stopped: ['["a"|,'],
    },
  ],
  uniqueItems: [
    {
      schema: { type: 'array', uniqueItems: true, items: { enum: ['a', 'ab'] } },
      accepted: ['["ab", "a"]'],
      stopped: ['["a", "a|"', '["ab", "a|b'],
    },
    {
      schema: { type: 'array', uniqueItems: true, items: { enum: ['a', 'b'] } },
      accepted: ['["b", "a"]'],
      stopped: ['["a", "|a', '["a", "b"|,'],
    },
    {
      schema: {
        type: 'array',
        uniqueItems: true,
        items: { type: 'integer', minimum: 9, maximum: 10 },
      },
      accepted: ['[10, 9]'],
      stopped: ['[9, |9', '[10, |1'],
    },
    {
      schema: { type: 'array', uniqueItems: true, items: { type: 'number' } },
      accepted: ['[1, 2.0]'],
      stopped: ['[1, 1.0|]', '[1, 1|]'],
    },
    {
      schema: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^[ab]$' } },
      accepted: ['["a", "b"]'],
      stopped: ['["b", "|b', '["b", "a"|,'],
    },
    {
      schema: {
        type: 'array',
        uniqueItems: true,
        minItems: 3,
        items: { type: 'string', pattern: '^[ab]*$', maxLength: 1 },
      },
      accepted: ['["", "b", "a"]'],
      stopped: ['["", "a", "|a', '["b", "|b', '["", "a", "b"|,'],
    },
    {
      schema: { type: 'array', uniqueItems: true, items: { type: 'string' } },
      accepted: ['["é", "e"]'],
      stopped: ['["é", "\\u00e9|"'],
    },
  ],
  'bounds of numbers': [
    {
      schema: { type: 'integer', minimum: 10, maximum: 99 },
      accepted: ['10', '99'],
      stopped: ['|-', '10|0', '|0'],
    },
    {
      schema: { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 3 },
      accepted: ['1', '2'],
      stopped: ['|3', '|0'],
    },
    {
      schema: { type: 'number', minimum: 0.5, exclusiveMaximum: 1 },
      accepted: ['0.5', '0.999'],
      stopped: ['|1', '0.|4'],
    },
    {
      schema: { type: 'number', maximum: -2.5 },
      accepted: ['-2.5', '-30'],
      stopped: ['|1', '-2.|4'],
    },
    {
      schema: { type: 'number', minimum: 5, exclusiveMinimum: true, maximum: 6 },
      accepted: ['5.1', '6'],
    },
    {
      schema: { type: 'number', format: 'int32' },
      accepted: ['2147483647'],
      stopped: ['214748364|8', '1|.5'],
    },
  ],
  multipleOf: [
    { schema: { type: 'integer', multipleOf: 5 }, accepted: ['0', '15'] },
    // Ajv does not know a quotient of 1e21 and more for a whole number.
    {
      schema: { type: 'integer', multipleOf: 1e-7 },
      accepted: ['99999999999999'],
      stopped: ['10000000000000|0'],
    },
    {
      schema: { type: 'number', multipleOf: 0.01, minimum: 0, maximum: 1 },
      accepted: ['0.25', '0.5'],
      stopped: ['0.25|5'],
    },
    // 0.3 / 0.1 is no whole number in doubles, and validators say so.
    {
      schema: { type: 'number', multipleOf: 0.1, minimum: 0, maximum: 1 },
      accepted: ['0.2'],
      stopped: ['0.|3'],
    },
    {
      schema: { type: 'integer', multipleOf: 7, minimum: 20, maximum: 22 },
      accepted: ['21'],
      stopped: ['2|2'],
    },
  ],
  'lengths of strings': [
    {
      schema: { type: 'string', minLength: 2, maxLength: 3 },
      accepted: ['"ab"', '"a\\nb"', '"😀😀😀"', '"\\ud83d\\ude00a"'],
      stopped: ['"a|"', '"abc|d'],
    },
    {
      schema: { type: 'string' },
      accepted: ['"\\u00e9\\/"', '""'],
      stopped: [
        '"\\ud83d|x',
        '"\\ud83d\\u|0041',
        '"\\ud83d\\ud|83d',
        '"\\ud|c00x',
        '"\\|x',
        '"a|\n',
        '"\\u00|g',
      ],
    },
  ],
  pattern: [
    {
      schema: { type: 'string', pattern: '^light\\.[a-z]+$' },
      accepted: ['"light.a"'],
      stopped: ['"|x', '"light.|"'],
    },
    { schema: { type: 'string', pattern: 'b' }, accepted: ['"abc"', '"b"'], stopped: ['"a|"'] },
    {
      schema: { type: 'string', pattern: '^\\S+$', maxLength: 2 },
      accepted: ['"é"', '"\\u00e9"'],
      stopped: ['"| ', '"ab|c'],
    },
    {
      schema: { type: 'string', pattern: '^[a-z]+(-[a-z]+)*$', maxLength: 4 },
      accepted: ['"a"', '"ab-c"'],
      stopped: ['"abcd|e', '"abc|-', '"a-|"'],
    },
    {
      schema: { type: 'string', pattern: '^a*b$', minLength: 2, maxLength: 3 },
      accepted: ['"aab"', '"ab"'],
      stopped: ['"|b', '"aa|a'],
    },
    {
      schema: { type: 'string', pattern: '^(?=.*\\d)(?!x)[a-z0-9]{2,}$' },
      accepted: ['"a1"'],
      stopped: ['"|x', '"ab|"'],
    },
    {
      schema: { type: 'string', pattern: '^a\\b.*$' },
      accepted: ['"a b"', '"a"'],
      stopped: ['"a|b'],
    },
    { schema: { type: 'string', pattern: '^a\\_b\\-c$' }, accepted: ['"a_b-c"'] },
  ],
  format: [
    {
      schema: { type: 'string', format: 'date' },
      accepted: ['"2024-02-29"'],
      stopped: ['"2023-02-2|9', '"2024-|2', '"2024-04-3|1'],
    },
    {
      schema: { type: 'string', format: 'time' },
      accepted: ['"12:30:00Z"', '"12:30:00.5+01:00"'],
      stopped: ['"2|4', '"12:30:00|"'],
    },
    {
      schema: { type: 'string', format: 'date-time' },
      accepted: ['"2024-01-31T23:59:59Z"'],
      stopped: ['"2024-01-31| '],
    },
    {
      schema: { type: 'string', format: 'entity_id' },
      accepted: ['"light.living_room"'],
      stopped: ['"|_', '"light|"', '"light.|.'],
    },
    {
      schema: { type: 'string', format: 'RFC 5646' },
      accepted: ['"de"', '"pt-BR"', '"zh-Hant-TW"'],
      stopped: ['"d|"'],
    },
    {
      schema: { type: 'string', format: 'ISO 3166-1 alpha-2' },
      accepted: ['"CH"'],
      stopped: ['"|c', '"CH|E'],
    },
    {
      schema: { type: 'string', format: 'uuid' },
      accepted: ['"123e4567-e89b-12d3-a456-426614174000"'],
      stopped: ['"1|-'],
    },
    { schema: { type: 'string', format: 'ipv4' }, accepted: ['"192.168.0.1"'], stopped: ['"25|6'] },
    {
      schema: { type: 'string', format: 'email' },
      accepted: ['"a.b@example.org"'],
      stopped: ['"a|"'],
    },
    {
      schema: { type: 'string', format: 'url' },
      accepted: ['"http://a.de/#x"', '"https://a-b.de:80/?q=1"', '"http://a.de"'],
      stopped: ['"http://a.de|#x', '"http://a.de|?x', '"http://a-|-b.de'],
    },
    { schema: { type: 'string', format: 'jinja2' }, accepted: ['"{{ states(\'sun.sun\') }}"'] },
    { schema: { type: 'string', format: 'nobody-knows' }, accepted: ['"x"'] },
  ],
  anyOf: [
    {
      schema: {
        anyOf: [
          {
            type: 'object',
            properties: { a: { const: 1 }, x: { type: 'string' } },
            required: ['a', 'x'],
            additionalProperties: false,
          },
          {
            type: 'object',
            properties: { a: { const: 2 }, y: {} },
            required: ['a', 'y'],
            additionalProperties: false,
          },
        ],
      },
      accepted: ['{"a": 1, "x": ""}', '{"a": 2, "y": 5}'],
      stopped: ['{"a": 2, "|x"', '{"a": |3', '{"a": 1|}'],
    },
    {
      schema: { type: 'string', anyOf: [{ minLength: 2 }, { const: 'a' }] },
      accepted: ['"a"', '"bc"'],
      stopped: ['"b|"'],
    },
  ],
  oneOf: [
    { schema: { oneOf: [{ type: 'string' }, { type: 'integer' }] }, accepted: ['"a"', '1'] },
    {
      schema: { oneOf: [{ const: 'a', title: 'A' }, { const: 'b' }] },
      accepted: ['"b"'],
      stopped: ['"|c'],
    },
    {
      schema: {
        oneOf: [
          { type: 'object', properties: { k: { const: 'a' } } },
          { type: 'object', properties: { k: { const: 'b' } } },
        ],
      },
      accepted: ['{"k": "a"}', '{"k": "b", "more": 1}'],
      stopped: ['{|}'],
    },
  ],
  allOf: [
    {
      schema: {
        allOf: [{ properties: { a: { type: 'integer' } } }, { required: ['a'] }],
        type: 'object',
      },
      accepted: ['{"a": 1}'],
      stopped: ['{|}', '{"a": |"'],
    },
    {
      schema: { allOf: [{ minimum: 3 }, { maximum: 5 }], type: 'integer' },
      accepted: ['4'],
      stopped: ['|2', '|6'],
    },
    {
      schema: { allOf: [{ pattern: '^a' }, { pattern: 'z$' }], type: 'string' },
      accepted: ['"az"'],
      stopped: ['"|b', '"a|"'],
    },
  ],
  $ref: [
    {
      schema: {
        $ref: '#/$defs/node',
        $defs: {
          node: {
            type: 'object',
            properties: {
              value: { type: 'integer' },
              next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
            },
            required: ['value', 'next'],
          },
        },
      },
      accepted: ['{"value": 1, "next": {"value": 2, "next": null}}'],
      stopped: ['{"value": 1, "next": |1'],
    },
    {
      schema: {
        properties: { a: { $ref: '#/definitions/~1b%20c' } },
        required: ['a'],
        definitions: { '/b c': { const: 1 } },
      },
      accepted: ['{"a": 1}'],
      stopped: ['{"a": |2'],
    },
    { schema: { type: 'array', items: { $ref: '#' } }, accepted: ['[[], [[]]]'], stopped: ['[|1'] },
  ],
  'annotations and dialects': [
    {
      schema: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'https://example.org/a',
        type: 'integer',
        title: 't',
        description: 'd',
        default: 1,
        examples: [1],
        deprecated: true,
        readOnly: true,
        'x-anything': 1,
        $comment: 'c',
      },
      accepted: ['1'],
      stopped: ['|"'],
    },
    {
      schema: {
        type: 'object',
        properties: { a: { type: 'string', enum: null, pattern: null, minLength: null } },
        required: null,
        additionalProperties: null,
      },
      accepted: ['{"a": "x", "b": 1}', '{}'],
      stopped: ['{"a": |1'],
    },
    {
      schema: { type: 'object', properties: { a: { type: 'string', required: true } } },
      accepted: ['{}'],
    },
    {
      schema: { properties: { title: { type: 'integer' } } },
      accepted: ['{"title": 1}'],
      stopped: ['|1'],
    },
    {
      schema: { properties: { a: {} }, unevaluatedProperties: false },
      accepted: ['{"a": 1}'],
      stopped: ['{"|b'],
    },
  ],
};

describe.each(Object.entries(cases))('%s', (_, list) => {
  it.each(list)('$schema', async ({ schema, accepted = [], stopped = [] }) => {
    const guide = await compileGuide(schema);
    for (const text of accepted) {
      const { state, accepted: count } = guide.start.accept(text);
      expect([text, text.slice(count), state.complete]).toEqual([text, '', true]);
      expect([text, await guide.validate(text)]).toEqual([text, null]);
    }
    for (const marked of stopped) {
      const text = marked.replace('|', '');
      const { state, accepted: count } = guide.start.accept(text);
      expect(`${text.slice(0, count)}|${text.slice(count)}`).toBe(marked);
      expect(await guide.validate(text.slice(0, count) + state.closing())).toBeNull();
    }
  });
});

describe('a schema that cannot be guaranteed', () => {
  it.each([
    [{ properties: { a: { not: { type: 'null' } } } }, 'not', '/properties/a'],
    [{ if: {}, else: {} }, 'if', 'the root'],
    [{ type: 'array', contains: {} }, 'contains', 'the root'],
    [{ dependentRequired: { a: ['b'] } }, 'dependentRequired', 'the root'],
    [{ allOf: [{}], unevaluatedProperties: false }, 'unevaluatedProperties', 'the root'],
    [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, 'oneOf', 'the root'],
    [{ oneOf: [{ required: ['a'] }, { minimum: 1 }] }, 'oneOf', 'the root'],
    [{ type: 'array', uniqueItems: true, items: { type: 'object' } }, 'uniqueItems', 'the root'],
    [{ $ref: 'https://example.org/schema' }, '$ref', 'the root'],
    [{ $ref: '#/$defs/none' }, '$ref', 'the root'],
    [{ anyOf: [{ $ref: '#' }] }, '$ref', 'the root'],
    [{ type: 'string', pattern: '([a-z]+)\\1' }, 'pattern', 'the root'],
    [{ type: 'string', pattern: 'a(?=bc)' }, 'pattern', 'the root'],
    [{ type: 'string', pattern: '(' }, 'pattern', 'the root'],
    [{ type: 'string', pattern: '(a|b)*a(a|b){18}$' }, 'pattern', 'the root'],
    [{ properties: { a: { type: 'strin' } } }, 'type', '/properties/a'],
    [{ items: { minimum: '1' } }, 'minimum', '/items'],
    [{ properties: { a: 1 } }, 'a', '/properties/a'],
    [{ properties: { a: { enum: 'b' } } }, 'enum', '/properties/a'],
    [{ anyOf: [] }, 'anyOf', 'the root'],
    [{ multipleOf: 0 }, 'multipleOf', 'the root'],
    [{ maxLength: -1 }, 'maxLength', 'the root'],
    [{ required: [''] }, 'required', 'the root'],
    [{ properties: { '\ud83d': {} } }, 'properties', 'the root'],
    [{ patternProperties: { '\ud83d': {} } }, 'patternProperties', 'the root'],
    // What JSON.parse makes of 1e999.
    [{ items: { enum: [1, Infinity] } }, 'enum', '/items'],
    [{ const: { a: [-Infinity] } }, 'const', '/properties/a/prefixItems/0'],
    [{ type: null }, 'type', 'the root'],
    ['text', 'schema', 'the root'],
  ])('%j names %s at %s', async (schema, keyword, place) => {
    const text = `Schema keyword ${keyword} at ${place}:`;
    const refused = expect(compileGuide(schema)).rejects;
    await refused.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(text),
    });
  });
});

describe('a schema that nothing satisfies', () => {
  it.each([
    [false, 'false', 'the root'],
    [{ type: 'integer', minimum: 5, maximum: 4 }, 'minimum', 'the root'],
    [{ type: 'string', minLength: 2, maxLength: 1 }, 'minLength', 'the root'],
    [{ type: 'array', minItems: 2, maxItems: 1 }, 'minItems', 'the root'],
    [{ type: 'object', minProperties: 2, maxProperties: 1 }, 'minProperties', 'the root'],
    [{ allOf: [{ type: 'string' }, { type: 'null' }] }, 'type', '/allOf/1'],
    [{ enum: ['a'], type: 'integer' }, 'enum', 'the root'],
    [{ type: 'string', pattern: '^a$', minLength: 2 }, 'pattern', 'the root'],
    [
      { type: 'object', properties: { a: { minimum: 2, maximum: 1 } }, required: ['a'] },
      'minimum',
      '/properties/a',
    ],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, '$ref', 'the root'],
    [{ type: 'array', minItems: 1e9 }, 'minItems', 'the root'],
    [{ type: 'string', minLength: 1e9 }, 'minLength', 'the root'],
    [
      { type: 'array', uniqueItems: true, minItems: 3, items: { type: 'boolean' } },
      '$ref',
      'the root',
    ],
  ])('%j names %s at %s', async (schema, keyword, place) => {
    const text = `Schema keyword ${keyword} at ${place}:`;
    const refused = expect(compileGuide(schema)).rejects;
    await refused.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(text),
    });
  });

  it('is no obstacle where it need not be satisfied', async () => {
    const guide = await compileGuide({ properties: { a: false, b: { minimum: 2, maximum: 1 } } });
    expect(guide.start.closing()).toBe('{}');
  });
});
