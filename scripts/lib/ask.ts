import { createInterface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

const errorBody = z.object({ error: z.string() });
const modelsBody = z.object({ models: z.array(z.string()) });
const step = z.object({
  choices: z.array(z.object({ content: z.string() })),
  error: z.string().optional(),
});

/**
 * Loads a model, asks it over HTTP and writes the answer as it comes.
 * @param preferred the model to ask where it is there, else the first one
 */
export async function ask(
  url: string,
  question: string,
  out: Writable,
  preferred?: string,
): Promise<void> {
  const model = await someModel(url, preferred);
  await post(url, '/load_model', { model_name: model });
  const response = await post(url, '/generate', { messages: question, stream: true });
  if (!response.body) throw new Error('The answer has no body.');
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    if (line.trim() === '') continue;
    const { choices, error } = step.parse(JSON.parse(line));
    if (error !== undefined) throw new Error(error);
    out.write(choices[0]?.content ?? '');
  }
  out.write('\n');
}

/** A model that was copied in a moment ago is listed once it has stopped growing. */
async function someModel(url: string, preferred: string | undefined): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(new URL('/models', url));
    const { models } = modelsBody.parse(await response.json());
    const model = models.find((name) => name === preferred) ?? models[0];
    if (model !== undefined) return model;
    await sleep(100);
  }
  throw new Error('There is no model in the models folder. Copy an .rkllm file into it.');
}

async function post(url: string, path: string, body: object): Promise<Response> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return response;
  const { error } = errorBody.parse(await response.json());
  throw new Error(`${path}: ${error}`);
}
