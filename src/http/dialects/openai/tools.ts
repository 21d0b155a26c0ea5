import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Tool, ToolCall } from '../../../engine/index.ts';
import { jsonObject } from './json-object.ts';

const mostTools = 512;

export const tools = z
  .array(
    z.looseObject({
      type: z.literal('function', 'only tools of type "function" can be called'),
      function: z.looseObject({
        name: z.string().min(1).max(256),
        description: z.string().nullish(),
        /** JSON Schema of the arguments; left out: there are none. */
        parameters: jsonObject.nullish(),
      }),
    }),
  )
  .max(mostTools)
  .transform((list): Tool[] =>
    list.map(({ function: { name, description, parameters } }) => ({
      name,
      ...(description && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    })),
  );

interface WireToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** A call on the wire: clients need an id, and arguments as text. */
export function wireToolCall({ id, name, arguments: given }: ToolCall): WireToolCall {
  return {
    id: id || `call_${randomBytes(12).toString('hex')}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(given) },
  };
}
