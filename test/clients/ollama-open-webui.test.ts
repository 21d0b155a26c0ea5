import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Board } from '../e2e/board.ts';
import { qwen, startBoard } from './ollama-board.ts';
import * as wire from './ollama-wire.ts';

/** The requests of Open WebUI's Ollama connection, and those of editors that look for Ollama. */

let board: Board;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ board, stop } = await startBoard());
});
afterAll(() => stop?.());

const loaded = async () => {
  const { models } = wire.ps.parse(await (await board.get('/api/ps')).json());
  return models.map(({ name }) => name);
};
const send = (method: string, path: string, body?: object) =>
  fetch(board.url + path, { method, ...(body && { body: JSON.stringify(body) }) });

describe('Open WebUI', () => {
  it('reads the version as whole numbers, which VS Code accepts too', async () => {
    const { version } = wire.version.parse(await (await board.get('/api/version')).json());
    const parts = version.split('.').map(Number);
    expect(parts[0] === 0 && Number(parts[1]) >= 7).toBe(true);
  });

  it('addresses a model with and without its tag, and gets back the name that it used', async () => {
    for (const model of ['qwen2.5-1.5b-w8a8', qwen, 'qwen2.5-1.5b-w8a8.rkllm']) {
      const messages = [{ role: 'user', content: 'how are you?' }];
      const response = await board.post('/api/chat', { model, messages, stream: false });
      expect(response.headers.get('content-type')).toContain('application/json');
      const answer = wire.chatAnswer.parse(await response.json());
      expect(answer).toMatchObject({ model, message: { content: 'I am fine.' } });
    }
  });

  it('loads and unloads with empty prompts', async () => {
    const generate = async (body: object) => {
      const response = await board.post('/api/generate', { model: qwen, ...body });
      return wire.generateLoaded.parse(await response.json()).done_reason;
    };
    expect(await generate({})).toBe('load');
    expect(await loaded()).toEqual([qwen]);
    expect(await generate({ keep_alive: 0, prompt: '' })).toBe('unload');
    expect(await loaded()).toEqual([]);
    expect(await generate({ keep_alive: 0, prompt: '' })).toBe('unload');
    const chat = await board.post('/api/chat', { model: qwen, messages: [], keep_alive: '5m' });
    expect(wire.chatLoaded.parse(await chat.json()).done_reason).toBe('load');
  });

  it('does not take the model from somebody whom it answers', async () => {
    const messages = [{ role: 'user', content: 'for ever' }];
    const body = { model: qwen, messages, options: { num_predict: 2000 } };
    const answer = await board.post('/api/chat', body);
    const unloading = await board.post('/api/generate', { model: qwen, keep_alive: 0 });
    expect(unloading.status).toBe(200);
    const { last } = await wire.chatStream(answer);
    expect(last.done_reason).toBe('length');
    await expect.poll(loaded).toEqual([]);
  });

  it('is told of an error before the first byte by a status and JSON', async () => {
    const response = await board.post('/api/chat', { model: 'gone', messages: [], stream: true });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: "model 'gone' not found" });
    for (const body of [{}, { model: '' }, { model: null }]) {
      expect(await (await board.post('/api/chat', body)).json()).toEqual({
        error: 'model is required',
      });
    }
  });

  it('cannot upload a file, and is told why', async () => {
    const path = `/api/blobs/sha256:${'0'.repeat(64)}`;
    expect((await send('HEAD', path)).status).toBe(404);
    const response = await send('POST', path, { data: 'x'.repeat(3_000_000) });
    expect(response.status).toBe(400);
    expect(wire.failure.parse(await response.json()).error).toContain('no blobs');
  });
});

describe('whoever looks for Ollama', () => {
  it.each(['/', '/api/version', '/api/tags'])('finds something at HEAD %s', async (path) => {
    const response = await send('HEAD', path);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('gets empty answers from copy and delete', async () => {
    const copied = await send('POST', '/api/copy', { source: qwen, destination: 'mine' });
    expect([copied.status, await copied.text()]).toEqual([200, '']);
    const deleted = await send('DELETE', '/api/delete', { name: 'mine' });
    expect([deleted.status, await deleted.text()]).toEqual([200, '']);
  });

  it('cannot delete what another model needs', async () => {
    await send('POST', '/api/copy', { source: qwen, destination: 'mine' });
    const refused = await send('DELETE', '/api/delete', { model: qwen });
    expect(refused.status).toBe(409);
    expect(wire.failure.parse(await refused.json()).error).toContain('mine');
    expect((await send('DELETE', '/api/delete', { model: 'mine' })).status).toBe(200);
  });

  it('creates models from the Modelfiles of the first clients', async () => {
    const modelfile = `FROM ${qwen}\nSYSTEM """how are you?"""\nPARAMETER temperature 0.2\n`;
    const response = await send('POST', '/api/create', { name: 'old', modelfile, stream: false });
    expect(await response.json()).toEqual({ status: 'success' });
    const shown = await send('POST', '/api/show', { name: 'old' });
    const { parameters, model_info } = wire.show.parse(await shown.json());
    expect(parameters).toBe('temperature                    0.2');
    expect(model_info['qwen2.context_length']).toBe(16_384);
  });
});
