import { describe, expect, it } from 'vitest';
import { coerceArguments } from '../../../../src/engine/output/tools/coerce.ts';

const choice = { enum: ['Low', 'high', 3] };
const list = { type: 'array', items: { type: 'integer' } };
const either = { anyOf: [{ type: 'integer' }, { type: 'null' }] };
const object = { type: 'object', properties: { n: { type: 'number' } } };

describe('coerceArguments', () => {
  it.each<[schema: object, value: unknown, result: unknown]>([
    [{ type: 'integer' }, '3', 3],
    [{ type: 'integer' }, ' -3 ', -3],
    [{ type: 'integer' }, '3.0', 3],
    [{ type: 'integer' }, '3.5', '3.5'],
    [{ type: 'integer' }, 3.5, 3.5],
    [{ type: 'integer' }, 'three', 'three'],
    [{ type: 'integer' }, '', ''],
    [{ type: 'integer' }, '50%', '50%'],
    [{ type: 'integer' }, '12345678901234567890', '12345678901234567890'],
    [{ type: 'number' }, '0.5', 0.5],
    [{ type: 'number' }, '1e3', 1000],
    [{ type: 'number' }, 'Infinity', 'Infinity'],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'False', false],
    [{ type: 'boolean' }, 'on', 'on'],
    [{ type: 'boolean' }, 1, 1],
    [{ type: 'string' }, 42, '42'],
    [{ type: 'string' }, true, 'true'],
    [{ type: 'string' }, null, null],
    [{ type: 'string' }, { a: 1 }, { a: 1 }],
    [{ type: ['integer', 'null'] }, '3', 3],
    [{ type: ['integer', 'null'] }, null, null],
    [{ type: ['integer', 'string'] }, '3', '3'],
    [{ type: ['integer', 'boolean'] }, 'true', true],
    [list, [1, 2], [1, 2]],
    [list, ['1', '2'], [1, 2]],
    [list, '[1, "2"]', [1, 2]],
    [list, '5', [5]],
    [list, 5, [5]],
    [list, null, null],
    [{ type: 'array' }, 'light', ['light']],
    [object, '{"n": "1"}', { n: 1 }],
    [object, { n: '1', more: '1' }, { n: 1, more: '1' }],
    [object, 'text', 'text'],
    [choice, 'low', 'Low'],
    [choice, 'HIGH', 'high'],
    [choice, '3', 3],
    [choice, 'medium', 'medium'],
    [{ enum: ['a', 'A'] }, 'a', 'a'],
    [{ enum: ['on', 'On'] }, 'ON', 'ON'],
    [either, '3', 3],
    [either, null, null],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, '3', '3'],
    [{ anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] }, 'a', ['a']],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'x', 'x'],
    [{}, '3', '3'],
    [{ description: 'no type' }, 'light', 'light'],
  ])('for %j makes of %j: %j', (schema, value, result) => {
    expect(coerceArguments({ x: value }, { properties: { x: schema } })).toEqual({ x: result });
  });

  it('leaves what the schema does not know', () => {
    expect(coerceArguments({ toString: '3', b: 1 }, { properties: {} })).toEqual({
      toString: '3',
      b: 1,
    });
    expect(coerceArguments({ a: '3' }, {})).toEqual({ a: '3' });
  });
});
