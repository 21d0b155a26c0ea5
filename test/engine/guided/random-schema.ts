/** Schemas as clients send them, and as they do not: repeatable, nested, with every kind of value. */
export function randomSchema(next: () => number, depth = 3): Record<string, unknown> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const upTo = (most: number) => Math.floor(next() * (most + 1));
  const chance = (share: number) => next() < share;
  const leaves = [text, number, integer, choice, literal, plain, formatted] as const;
  const nested = [object, object, array, either, reference] as const;
  return pick(depth > 0 ? [...leaves, ...nested, ...nested] : leaves)();

  function text() {
    const least = upTo(4);
    return {
      type: 'string',
      ...(chance(0.3) && { minLength: least }),
      ...(chance(0.3) && { maxLength: least + upTo(12) }),
    };
  }
  function formatted() {
    return pick([
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'time' },
      { type: 'string', format: 'entity_id' },
      { type: 'string', pattern: '^[a-z]{2,5}-[0-9]+$' },
      { type: 'string', pattern: '^(on|off|#[0-9a-f]{6})$' },
    ]);
  }
  function number() {
    const minimum = upTo(100) - 50;
    return {
      type: 'number',
      ...(chance(0.5) && { minimum, maximum: minimum + upTo(100) }),
      ...(chance(0.2) && { multipleOf: pick([0.5, 0.1, 0.01]) }),
    };
  }
  function integer() {
    const minimum = upTo(1000) - 500;
    return {
      type: 'integer',
      ...(chance(0.5) && { minimum }),
      ...(chance(0.5) && { exclusiveMaximum: minimum + 1 + upTo(50) }),
    };
  }
  function choice() {
    return { enum: [...new Set(Array.from({ length: 1 + upTo(5) }, () => pick(words)))] };
  }
  function literal() {
    return { const: pick([1, 'fixed', true, null, 'two words', -2.5]) };
  }
  function plain() {
    return pick([{ type: 'boolean' }, { type: 'null' }, { type: ['string', 'null'] }, {}]);
  }
  function object() {
    const names = [...new Set(Array.from({ length: upTo(5) }, () => pick(words)))];
    const properties = Object.fromEntries(names.map((name) => [name, inner()]));
    return {
      type: 'object',
      properties,
      required: names.filter(() => chance(0.7)),
      ...(chance(0.6) && { additionalProperties: false }),
    };
  }
  function array() {
    const minItems = upTo(2);
    return {
      type: 'array',
      items: inner(),
      ...(chance(0.5) && { minItems, maxItems: minItems + upTo(3) }),
    };
  }
  function either() {
    return { anyOf: [inner(), inner()] };
  }
  function reference() {
    return {
      type: 'object',
      properties: { value: { $ref: '#/$defs/inner' } },
      required: ['value'],
      $defs: { inner: { type: pick(['integer', 'string', 'boolean']) } },
    };
  }
  function inner(): Record<string, unknown> {
    const schema = randomSchema(next, depth - 1);
    // A reference points to the root of the document.
    return '$defs' in schema ? { type: 'integer' } : schema;
  }
}

const words = [
  'on',
  'off',
  'light',
  'kitchen',
  'living room',
  'naïve',
  'a"b',
  'x\\y',
  'brightness',
  'state',
  'entity_id',
  'temperature',
  '名前',
  'ok',
  'value',
  'items',
  'light.kitchen',
  '😀',
];
