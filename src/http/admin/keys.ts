import * as z from 'zod';
import { parseBody } from '../body.ts';
import type { Handler } from '../routing.ts';
import type { HttpServices, KeyInfo } from '../services.ts';
import { parameter } from './parameters.ts';

export const keyRequest = z.object({
  name: z
    .string()
    .max(64, 'expected at most 64 characters')
    .describe('Who uses it: home-assistant.'),
  scope: z
    .enum(['inference', 'admin'])
    .nullish()
    .transform((scope) => scope ?? 'inference')
    .describe('What it opens; admin includes inference. inference when left out.'),
});

/** `GET /admin/keys` */
export function listKeys({ keys }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ required: keys.required, keys: keys.list().map(keyObject) });
  };
}

/** `POST /admin/keys`: the one answer that ever has the key. */
export function addKey({ keys }: HttpServices): Handler {
  return async (request, response) => {
    const { name, scope } = parseBody(keyRequest, request);
    const { key, secret } = await keys.add(name, scope);
    response.json({ ...keyObject(key), key: secret });
  };
}

/** `DELETE /admin/keys/:id` */
export function revokeKey({ keys }: HttpServices): Handler {
  return async (request, response) => {
    const { id, name } = await keys.revoke(parameter(request, 'id'));
    response.json({ id, name, remaining: keys.list().length });
  };
}

function keyObject({ id, name, scope, createdAt, lastUsedAt }: KeyInfo) {
  return { id, name, scope, created_at: createdAt, last_used_at: lastUsedAt };
}
