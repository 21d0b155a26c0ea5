import * as z from 'zod';
import { clientField } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { nanoseconds } from './answer.ts';
import * as fields from './fields.ts';
import { findModel } from './names.ts';

export const embedRequest = z.object({
  model: fields.name,
  input: z
    .union(
      [z.string(), z.array(z.string()).max(2048)],
      'expected a string or a list of up to 2048 strings',
    )
    .nullish()
    .describe('A text, or up to 2048.'),
  truncate: z.boolean().nullish().describe('False: a text that is too long is an error.'),
  dimensions: z.int().min(0).nullish().describe('Cuts the vectors; 0: not.'),
  keep_alive: fields.keepAlive,
});

export const embeddingsRequest = z.object({
  model: fields.name,
  prompt: z.string().nullish(),
  keep_alive: fields.keepAlive,
});

/** `POST /api/embed`: a vector of length 1 for each text. */
export function embed({ engine, catalogue }: HttpServices): Handler {
  return async (request, response) => {
    const body = parseBody(embedRequest, request);
    const name = body.model ?? '';
    const model = findModel(catalogue, name);
    const inputs = typeof body.input === 'string' ? [body.input] : (body.input ?? []);
    const isEmpty = inputs.every((text) => text === '');
    const embeddings = isEmpty
      ? undefined
      : await engine.embed(
          {
            model: model.name,
            inputs,
            overflow: body.truncate === false ? 'error' : 'truncate',
            ...(body.dimensions && { dimensions: body.dimensions }),
            ...fields.keepAliveMs(body.keep_alive),
            ...clientField(request),
          },
          clientSignal(response),
        );
    const { timings } = embeddings ?? {};
    response.json({
      model: name,
      embeddings: embeddings?.vectors.map((vector) => Array.from(vector)) ?? [],
      total_duration: nanoseconds(timings?.totalMs ?? 0),
      load_duration: nanoseconds(timings?.loadMs ?? 0),
      prompt_eval_count: embeddings?.promptTokens ?? 0,
    });
  };
}

/** `POST /api/embeddings`: one vector, as the first clients ask for it. */
export function embeddings({ engine, catalogue }: HttpServices): Handler {
  return async (request, response) => {
    const body = parseBody(embeddingsRequest, request);
    const model = findModel(catalogue, body.model ?? '');
    if (!body.prompt) {
      response.json({ embedding: [] });
      return;
    }
    const { vectors } = await engine.embed(
      {
        model: model.name,
        inputs: [body.prompt],
        ...fields.keepAliveMs(body.keep_alive),
        ...clientField(request),
      },
      clientSignal(response),
    );
    response.json({ embedding: Array.from(vectors[0] ?? []) });
  };
}
