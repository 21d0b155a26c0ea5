import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

/** What Home Assistant's selectors become in the structure of an AI task, one by one. */
const selectors: Readonly<Record<string, object>> = {
  boolean: { type: 'boolean' },
  number: { type: 'number', minimum: -10, maximum: 35.5 },
  integer: { type: 'integer', minimum: 0, maximum: 255 },
  text: { type: 'string', description: 'A sentence' },
  select: { type: 'string', enum: ['low', 'medium', 'high'] },
  severalOf: {
    type: 'array',
    items: { type: 'string', enum: ['mon', 'tue', 'wed', 'thu'] },
    uniqueItems: true,
  },
  entity: { type: 'string', format: 'entity_id' },
  entities: {
    type: 'array',
    items: { type: 'string', format: 'entity_id' },
    minItems: 1,
    maxItems: 3,
  },
  date: { type: 'string', format: 'date' },
  datetime: { type: 'string', format: 'date-time' },
  time: { type: 'string', format: 'time' },
  template: { type: 'string', format: 'jinja2' },
  language: { type: 'string', format: 'RFC 5646' },
  country: { type: 'string', format: 'ISO 3166-1 alpha-2' },
  color: {
    type: 'array',
    items: { type: 'number', minimum: 0, maximum: 255 },
    minItems: 3,
    maxItems: 3,
  },
  qrCode: { type: 'string', pattern: '^[A-Z0-9]{4}-[A-Z0-9]{4}$' },
  location: {
    type: 'object',
    properties: {
      latitude: { type: 'number', minimum: -90, maximum: 90 },
      longitude: { type: 'number', minimum: -180, maximum: 180 },
      radius: { type: 'number' },
    },
    required: ['latitude', 'longitude'],
  },
  duration: {
    type: 'object',
    properties: {
      days: { type: 'number' },
      hours: { type: 'number' },
      minutes: { type: 'number' },
    },
  },
  object: { type: 'object', additionalProperties: true },
  nullable: { type: 'string', nullable: true },
  anything: {},
};

const structure = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

/** A task for each selector, and one with all of them. */
export const tasks: readonly (readonly [string, object])[] = [
  ...Object.entries(selectors).map(
    ([name, selector]) => [name, structure({ [name]: selector })] as const,
  ),
  ['all of them', structure(selectors)],
];

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addFormat('entity_id', /^[a-z0-9_]+\.[a-z0-9_]+$/);
ajv.addFormat('ISO 3166-1 alpha-2', /^[A-Z]{2}$/);
ajv.addFormat('RFC 5646', /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/);
ajv.addFormat('jinja2', true);

/** The whole text has to be one JSON value that fits. */
export function expectFitting(schema: object, text: string): void {
  const fits = ajv.validate(schema, JSON.parse(text));
  expect(fits, `${text}: ${ajv.errorsText()}`).toBe(true);
}

/** Tools as Home Assistant has them: of a house with 25 intents. */
export const intents = Array.from({ length: 25 }, (_, index) => ({
  type: 'function',
  function: {
    name: `HassIntent${index}`,
    description: `What intent ${index} does`,
    parameters: {
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 40 },
        domain: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
        brightness: { type: 'integer', minimum: 0, maximum: 100 },
        preferred_area_id: { type: 'string' },
      },
      required: index % 2 ? ['name', 'brightness'] : [],
    },
  },
}));
