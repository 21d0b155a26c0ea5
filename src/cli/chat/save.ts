import * as z from 'zod';
import type { Client } from '../client/client.ts';
import type { Conversation } from './conversation.ts';

const created = z.object({ status: z.literal('success') });

/** Keeps a conversation as a model of its own; returns what to tell. Throws `CliError`. */
export async function saveConversation(
  client: Client,
  conversation: Conversation,
  name: string,
): Promise<string> {
  const { model, system, parameters, turns } = conversation;
  await client.post(
    '/api/create',
    {
      model: name,
      from: model,
      stream: false,
      ...(system !== undefined && { system }),
      ...(parameters.size > 0 && { parameters: Object.fromEntries(parameters) }),
      ...(turns.length > 0 && { messages: turns }),
    },
    created,
  );
  return `Saved. Go on another day: rkllama run ${name}`;
}
