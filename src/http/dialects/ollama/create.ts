import * as z from 'zod';
import { ApplianceError } from '../../../errors.ts';
import { parseModelfile } from '../../../library/index.ts';
import { parseBody } from '../../body.ts';
import { NdjsonStream } from '../../ndjson.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { namedModel, nameIn, stream } from './fields.ts';
import { type Derivation, modelfileText } from './modelfile-text.ts';
import { findModel } from './names.ts';

const text = z.string().nullish();
const conversion = z
  .record(z.string(), z.unknown())
  .nullish()
  .describe('Refused: nothing is converted here.');
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const value = z.union([scalar, z.array(scalar)], 'expected a string, a number, or a list of them');

export const createRequest = namedModel.extend({
  from: text.describe('The model on disk that this one stands on.'),
  modelfile: text.describe('A whole Modelfile, which then counts alone.'),
  system: text,
  template: text,
  license: z
    .union([z.string(), z.array(z.string())], 'expected a string or a list of strings')
    .nullish(),
  parameters: z.record(z.string(), value.nullable()).nullish(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).nullish(),
  files: conversion,
  adapters: conversion,
  quantize: text.describe('Refused: nothing is converted here.'),
  stream,
});

type CreateRequest = z.output<typeof createRequest>;

/** `POST /api/create`: a model that derives from another one on disk. */
export function create({ catalogue }: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(createRequest, request);
    const name = nameIn(body);
    if (name === '') throw new ApplianceError('invalid_request', 'model is required');
    assertPossible(body);
    const modelfile =
      body.modelfile || modelfileText(derivation(body, (from) => findModel(catalogue, from).name));
    const { warnings } = parseModelfile(modelfile);
    await catalogue.create(name, modelfile);
    if (body.stream === false) {
      response.json({ status: 'success' });
      return;
    }
    const statuses = ['parsing modelfile', ...warnings, 'writing manifest', 'success'];
    await new NdjsonStream(response).run({ silenceMs, beat: () => undefined }, async (send) => {
      send(statuses.map((status) => ({ status })));
    });
  };
}

function derivation(body: CreateRequest, resolve: (from: string) => string): Derivation {
  if (!body.from) {
    throw new ApplianceError('invalid_request', "neither 'from' nor 'modelfile' was specified");
  }
  const { system, template, license, parameters, messages } = body;
  return {
    from: resolve(body.from),
    system: system ?? undefined,
    template: template ?? undefined,
    license: typeof license === 'string' ? [license] : (license ?? []),
    parameters: Object.entries(parameters ?? {}).flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).flatMap((each): [string, string][] =>
        each === null ? [] : [[key, String(each)]],
      ),
    ),
    messages: messages ?? [],
  };
}

function assertPossible({ files, adapters, quantize }: CreateRequest): void {
  const asked = Object.entries({ files, adapters, quantize }).find(
    ([, value]) => value && Object.keys(value).length > 0,
  );
  if (!asked) return;
  throw new ApplianceError(
    'unsupported',
    `${asked[0]}: models are not converted on this appliance. Derive from a model on disk with "from".`,
  );
}
