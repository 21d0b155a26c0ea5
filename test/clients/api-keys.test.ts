/** Real clients at a board that asks for a key. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Board, simulator, temporaryFolder } from '../e2e/board.ts';
import { askRaw } from '../e2e/raw-request.ts';

let folder: string;
let board: Board;
let key: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const socket = join(folder, 'admin.sock');
  board = await Board.start({
    library: await simulator('1.3.1'),
    models: { 'model1.rkllm': {} },
    environment: { RKLLAMA_ADMIN_SOCKET: socket },
  });
  const { json } = await askRaw(socket, { path: '/admin/keys', body: { name: 'clients' } });
  key = z.object({ key: z.string() }).parse(json).key;
});
afterAll(async () => {
  await board?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Counts what goes over the wire. */
function countingFetch(): { fetch: typeof fetch; count: () => number } {
  let count = 0;
  return {
    count: () => count,
    fetch: (...given) => {
      count += 1;
      return fetch(...given);
    },
  };
}

const messages = [{ role: 'user' as const, content: 'Hi' }];

describe('the openai package', () => {
  const client = (apiKey: string, through = fetch) =>
    new OpenAI({ baseURL: `${board.url}/v1`, apiKey, fetch: through });

  it('works with the key, streaming too', async () => {
    const answer = await client(key).chat.completions.create({ model: 'model1', messages });
    expect(answer.choices[0]?.message.content).toMatch(/\w/);
    const stream = await client(key).chat.completions.create({
      model: 'model1',
      messages,
      stream: true,
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toMatch(/\w/);
  });

  it('reports a wrong one as its own error, at the first try', async () => {
    const counting = countingFetch();
    const error: unknown = await client('sk-wrong', counting.fetch)
      .models.list()
      .then(
        () => null,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(counting.count()).toBe(1);
  });
});

describe('the ollama package', () => {
  const client = (secret: string) =>
    new Ollama({ host: board.url, headers: { Authorization: `Bearer ${secret}` } });

  it('works with the key', async () => {
    const { models } = await client(key).list();
    expect(models.map(({ name }) => name)).toEqual(['model1:latest']);
    const { message } = await client(key).chat({ model: 'model1', messages });
    expect(message.content).toMatch(/\w/);
  });

  it('reports in words what a wrong key, or one of a lesser scope, cannot do', async () => {
    await expect(client('wrong').list()).rejects.toMatchObject({
      status_code: 401,
      message: expect.stringMatching(/not valid here/),
    });
    await expect(client(key).delete({ model: 'model1' })).rejects.toMatchObject({
      status_code: 403,
      message: expect.stringMatching(/"clients" is of scope inference/),
    });
  });
});
