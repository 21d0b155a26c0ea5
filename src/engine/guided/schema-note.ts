import type { AnswerFormat, ChatMessage, GenerationRequest } from '../types.ts';

/** Characters; a longer schema would take the room, and the time, of the conversation. */
const longestSchema = 4000;

/**
 * The request with the schema in its last question. The guide alone would do for the form, but a
 * model that does not know which values there are to choose from proposes others, over and over.
 * It stands at the end, so that the beginning of the conversation stays in the KV cache.
 */
export function withSchema(request: GenerationRequest, format: AnswerFormat): GenerationRequest {
  if (request.prompt !== undefined || format.type !== 'schema') return request;
  const schema = JSON.stringify(format.schema);
  const index = request.messages.findLastIndex(({ role }) => role === 'user');
  const question = request.messages[index];
  if (schema.length > longestSchema || question?.role !== 'user') return request;
  const note = `\n\nAnswer with JSON that fits this schema, and nothing else:\n${schema}`;
  const told: ChatMessage = {
    role: 'user',
    content:
      typeof question.content === 'string'
        ? question.content + note
        : [...question.content, { type: 'text', text: note }],
  };
  return { ...request, messages: request.messages.with(index, told) };
}
