/** Ollama's answers (its routes.go and types.go, August 2026), with unknown fields forbidden. */
import * as z from 'zod';

const created = { model: z.string(), created_at: z.iso.datetime() };
const count = z.int().min(0);
const metrics = {
  total_duration: count,
  load_duration: count,
  prompt_eval_count: count.optional(),
  prompt_eval_duration: count,
  eval_count: count,
  eval_duration: count,
};
const toolCall = z.strictObject({
  id: z.string().regex(/^\S+$/),
  function: z.strictObject({
    index: count,
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
  }),
});
const message = z.strictObject({
  role: z.literal('assistant'),
  content: z.string(),
  thinking: z.string().min(1).optional(),
  tool_calls: z.array(toolCall).min(1).optional(),
});
const finished = { done: z.literal(true), done_reason: z.enum(['stop', 'length', 'unload']) };
const written = { response: z.string(), thinking: z.string().min(1).optional() };

export const chatLine = z.strictObject({ ...created, message, done: z.literal(false) });
export const chatAnswer = z.strictObject({ ...created, message, ...finished, ...metrics });
/** The last line of a stream has said everything before. */
export const chatEnd = chatAnswer.extend({ message: message.extend({ content: z.literal('') }) });
export const generateLine = z.strictObject({ ...created, ...written, done: z.literal(false) });
export const generateAnswer = z.strictObject({ ...created, ...written, ...finished, ...metrics });
const loaded = { done: z.literal(true), done_reason: z.enum(['load', 'unload']) };
export const chatLoaded = z.strictObject({ ...created, message, ...loaded });
export const generateLoaded = z.strictObject({ ...created, ...written, ...loaded });
export const failure = z.strictObject({ error: z.string().min(1) });

const details = z.strictObject({
  parent_model: z.string(),
  format: z.string(),
  family: z.string(),
  families: z.array(z.string()),
  parameter_size: z.string(),
  quantization_level: z.string(),
});
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const listed = { name: z.string(), model: z.string(), size: count, digest, details };

export const tags = z.strictObject({
  models: z.array(z.strictObject({ ...listed, modified_at: z.iso.datetime() })),
});
export const ps = z.strictObject({
  models: z.array(
    z.strictObject({
      ...listed,
      expires_at: z.iso.datetime(),
      size_vram: count,
      context_length: count,
    }),
  ),
});
export const show = z.strictObject({
  license: z.string(),
  modelfile: z.string(),
  parameters: z.string(),
  template: z.string(),
  system: z.string().optional(),
  details,
  messages: z.array(z.strictObject({ role: z.string(), content: z.string() })),
  model_info: z.record(z.string(), z.union([z.string(), z.number()])),
  capabilities: z.array(z.enum(['completion', 'tools', 'thinking', 'vision', 'embedding'])),
  modified_at: z.iso.datetime(),
});
export const version = z.strictObject({ version: z.string().regex(/^\d+\.\d+\.\d+$/) });
export const embedded = z.strictObject({
  model: z.string(),
  embeddings: z.array(z.array(z.number())),
  total_duration: count,
  load_duration: count,
  prompt_eval_count: count,
});
export const embedding = z.strictObject({ embedding: z.array(z.number()) });
const pullStatus = z.strictObject({
  status: z.enum(['pulling manifest', 'verifying sha256 digest', 'writing manifest', 'success']),
});
const transfer = z.strictObject({
  status: z.string().regex(/^pulling [0-9a-f]{12}$/),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  total: count,
  completed: count.optional(),
});
export const pullLine = z.union([pullStatus, transfer]);

/** The objects of a stream whose lines stand without a blank one between them, parsed as `schema`. */
async function linesOf<T>(response: Response, schema: z.ZodType<T>): Promise<T[]> {
  const type = response.headers.get('content-type');
  if (type !== 'application/x-ndjson') throw new Error(`${type}: ${await response.text()}`);
  const text = await response.text();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)));
}

/** A chat's stream: its lines, and the last one. */
export async function chatStream(response: Response) {
  const lines = await linesOf(response, z.union([chatLine, chatEnd]));
  const last = chatEnd.parse(lines.at(-1));
  const before = lines.slice(0, -1).map((line) => chatLine.parse(line).message);
  return {
    content: before.map(({ content }) => content).join(''),
    thinking: before.map(({ thinking }) => thinking ?? '').join(''),
    calls: before.flatMap(({ tool_calls }) => tool_calls ?? []),
    messages: before,
    last,
  };
}
