import { type ChatResponse, Ollama } from 'ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeModelFile } from '../../simulator/model-file.ts';
import type { Board } from '../e2e/board.ts';
import { type Hub, startHub } from '../support/hub/index.ts';
import { plain, qwen, spec, startBoard, thinker } from './ollama-board.ts';
import * as wire from './ollama-wire.ts';

/** The unmodified `ollama` package against the whole daemon. */

let hub: Hub;
let board: Board;
let stop: (() => Promise<void>) | undefined;
let ollama: Ollama;

beforeAll(async () => {
  hub = await startHub({ files: { 'user/repo/small.rkllm': encodeModelFile(spec) } });
  ({ board, stop } = await startBoard({ RKLLAMA_HUB_ENDPOINT: hub.url, RKLLM_SIM_DECODE_MS: '2' }));
  ollama = new Ollama({ host: board.url });
});
afterAll(async () => {
  await stop?.();
  await hub.close();
});

const ask = (content: string) => [{ role: 'user', content }];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('ollama.chat', () => {
  it('answers whole', async () => {
    const answer = await ollama.chat({ model: qwen, messages: ask('Hello, how are you?') });
    wire.chatAnswer.parse(answer);
    expect(answer).toMatchObject({
      model: qwen,
      message: { role: 'assistant', content: 'I am fine.' },
      done: true,
      done_reason: 'stop',
    });
    // The token that ends an answer is counted by the runtime.
    expect(answer.eval_count).toBeGreaterThanOrEqual(4);
    expect(answer.prompt_eval_count).toBeGreaterThan(4);
    expect(answer.eval_duration).toBeGreaterThan(1e6);
  });

  it('answers as a stream', async () => {
    const lines = await all(
      await ollama.chat({ model: qwen, messages: ask('how are you?'), stream: true }),
    );
    for (const line of lines.slice(0, -1)) wire.chatLine.parse(line);
    wire.chatEnd.parse(lines.at(-1));
    expect(textOf(lines)).toBe('I am fine.');
  });

  it('ends at num_predict with the reason length', async () => {
    const options = { num_predict: 2, temperature: 0, seed: 1, top_k: -1, tfs_z: 1 };
    const answer = await ollama.chat({ model: qwen, messages: ask('count'), options });
    expect(answer).toMatchObject({ message: { content: '1 2 ' }, done_reason: 'length' });
  });

  it('ends before a stop string', async () => {
    const answer = await ollama.chat({
      model: qwen,
      messages: ask('count'),
      options: { stop: ['3'] },
    });
    expect(answer).toMatchObject({ message: { content: '1 2 ' }, done_reason: 'stop' });
  });

  it('stops with ollama.abort, and the NPU is free again', async () => {
    const stream = await ollama.chat({ model: qwen, messages: ask('for ever'), stream: true });
    const reading = (async () => {
      let count = 0;
      for await (const _line of stream) {
        count += 1;
        if (count === 3) stream.abort();
      }
    })();
    await expect(reading).rejects.toThrow(/abort/);
    const answer = await ollama.chat({ model: qwen, messages: ask('how are you?') });
    expect(answer.message.content).toBe('I am fine.');
  });

  it('says in words which model does not exist, or cannot do what is asked', async () => {
    await expect(ollama.chat({ model: 'nobody', messages: ask('x') })).rejects.toMatchObject({
      status_code: 404,
      error: "model 'nobody' not found",
    });
    const tools = [{ type: 'function', function: { name: 'f' } }];
    for (const [wanted, words] of [
      [{ tools }, `"${plain}" does not support tools`],
      [{ think: true }, `"${plain}" does not support thinking`],
      [{ format: 'xml' }, /^format: expected "json" or a JSON Schema/],
      [{ format: { type: 'string', not: {} } }, /not/],
      [{ keep_alive: 'abc' }, /^keep_alive cannot be "abc"/],
      [{ logprobs: true }, /^logprobs: /],
    ] as const) {
      const asked = { model: plain, messages: ask('x'), stream: true as const, ...wanted };
      await expect(
        ollama.chat({ ...asked, ...('tools' in asked && { tools }) }),
      ).rejects.toMatchObject({ status_code: 400, error: expect.stringMatching(words) });
    }
  });

  it('refuses images on a model that cannot see', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
    const messages = [{ role: 'user', content: 'What is this?', images: [png] }];
    await expect(ollama.chat({ model: qwen, messages })).rejects.toMatchObject({
      status_code: 400,
      error: `"${qwen}" does not support images`,
    });
  });

  it('tells thoughts apart', async () => {
    const answer = await ollama.chat({ model: thinker, messages: ask('capital?'), think: true });
    wire.chatAnswer.parse(answer);
    expect(answer.message).toEqual({ role: 'assistant', content: 'Paris.', thinking: 'Easy.' });
  });
});

function textOf(lines: readonly ChatResponse[]): string {
  return lines.map((line) => line.message.content).join('');
}

describe('ollama.generate', () => {
  it('answers whole and as a stream', async () => {
    const answer = await ollama.generate({ model: qwen, prompt: 'how are you?', system: 'Be.' });
    wire.generateAnswer.parse(answer);
    expect(answer.response).toBe('I am fine.');
    const lines = await all(
      await ollama.generate({ model: thinker, prompt: 'capital?', stream: true, think: 'high' }),
    );
    for (const line of lines.slice(0, -1)) wire.generateLine.parse(line);
    wire.generateAnswer.parse(lines.at(-1));
    expect(lines.map((line) => line.response).join('')).toBe('Paris.');
    expect(lines.map((line) => line.thinking ?? '').join('')).toBe('Easy.');
  });

  it('goes on from a raw prompt without a template', async () => {
    const answer = await ollama.generate({ model: qwen, prompt: 'how are you?', raw: true });
    wire.generateAnswer.parse(answer);
    expect(answer.response).toBe('I am fine.');
    const asked = await ollama.generate({ model: qwen, prompt: 'how are you?' });
    expect(answer.prompt_eval_count).toBeLessThan(asked.prompt_eval_count);
  });

  it('refuses to fill in the middle', async () => {
    const asked = ollama.generate({ model: qwen, prompt: 'x', suffix: 'end' });
    await expect(asked).rejects.toMatchObject({
      status_code: 400,
      error: expect.stringMatching(/does not support insert/),
    });
  });
});

describe('ollama.embed', () => {
  it('gives a vector of length 1 for each text', async () => {
    const answer = await ollama.embed({ model: qwen, input: ['one', 'two words'] });
    wire.embedded.parse(answer);
    expect(answer.embeddings).toHaveLength(2);
    const length = Math.hypot(...(answer.embeddings[0] ?? []));
    expect(length).toBeCloseTo(1, 4);
    const one = await ollama.embed({ model: qwen, input: 'one', dimensions: 8 });
    expect(one.embeddings.map((vector) => vector.length)).toEqual([8]);
    expect((await ollama.embed({ model: qwen, input: [] })).embeddings).toEqual([]);
  });

  it('gives one vector to the first clients', async () => {
    const answer = await ollama.embeddings({ model: qwen, prompt: 'one' });
    wire.embedding.parse(answer);
    expect(answer.embedding.length).toBeGreaterThan(8);
    expect(await ollama.embeddings({ model: qwen, prompt: '' })).toEqual({ embedding: [] });
  });
});

describe('the models', () => {
  it('are listed, shown and watched', async () => {
    const { models } = await ollama.list();
    wire.tags.parse({ models });
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining([plain, qwen, thinker]));
    wire.version.parse(await ollama.version());

    const shown = await ollama.show({ model: thinker });
    wire.show.parse(shown);
    expect(shown.capabilities).toEqual(['completion', 'tools', 'thinking']);
    expect(shown.model_info).toMatchObject({
      'general.architecture': 'qwen3',
      'qwen3.context_length': 4096,
    });
    expect((await ollama.show({ model: plain })).capabilities).toEqual(['completion']);

    await ollama.chat({ model: plain, messages: [], keep_alive: 60 });
    const { models: loaded } = await ollama.ps();
    wire.ps.parse({ models: loaded });
    const one = loaded.find(({ name }) => name === plain);
    expect(one?.size_vram).toBe(one?.size);
    expect(new Date(String(one?.expires_at)).getTime() - Date.now()).toBeLessThan(61_000);
  });

  it('are pulled with progress, and once more without', async () => {
    const lines = await all(await ollama.pull({ model: 'user/repo/small.rkllm', stream: true }));
    for (const line of lines) wire.pullLine.parse(line);
    const statuses = lines.map(({ status }) => status);
    expect(statuses.at(0)).toBe('pulling manifest');
    expect(statuses.slice(-2)).toEqual(['writing manifest', 'success']);
    const answer = await ollama.chat({ model: 'small', messages: ask('how are you?') });
    expect(answer.message.content).toBe('I am fine.');
    expect(await ollama.pull({ model: 'small:latest' })).toEqual({ status: 'success' });
  });

  it('are created, copied and deleted', async () => {
    const system = 'You say "how are you?" and\nnothing \\ else.';
    const created = await all(
      await ollama.create({
        model: 'polite',
        from: qwen,
        system,
        parameters: { num_ctx: 2048, stop: ['a"b', '\n'], temperature: 0.5 },
        messages: [{ role: 'user', content: 'Good day.' }],
        license: 'MIT',
        stream: true,
      }),
    );
    expect(created.at(-1)).toEqual({ status: 'success' });
    const shown = await ollama.show({ model: 'polite' });
    wire.show.parse(shown);
    expect(shown).toMatchObject({ system, license: 'MIT' });
    expect(shown.parameters).toContain('temperature                    0.5');
    expect(shown.messages).toEqual([{ role: 'user', content: 'Good day.' }]);
    const { message } = await ollama.chat({ model: 'polite:latest', messages: ask('Well?') });
    expect(message.content).toBe('I am fine.');

    await ollama.copy({ source: 'polite', destination: 'polite-too' });
    expect((await ollama.show({ model: 'polite-too' })).system).toBe(system);
    await ollama.delete({ model: 'polite-too:latest' });
    await ollama.delete({ model: 'polite' });
    await expect(ollama.show({ model: 'polite' })).rejects.toMatchObject({ status_code: 404 });
    await expect(ollama.delete({ model: 'polite' })).rejects.toMatchObject({ status_code: 404 });
    await expect(ollama.copy({ source: 'polite', destination: 'x' })).rejects.toMatchObject({
      status_code: 404,
    });
  });

  it('are changed in place, and never stand on themselves', async () => {
    await ollama.create({ model: 'first', from: qwen, system: 'One.', stream: false });
    const change = { model: 'first', from: 'first', parameters: { temperature: 0.25 } };
    await ollama.create({ ...change, stream: false });
    const shown = await ollama.show({ model: 'first' });
    expect(shown).toMatchObject({ system: 'One.' });
    expect(shown.parameters).toContain('temperature                    0.25');
    await ollama.create({ model: 'second', from: 'first', stream: false });
    await expect(ollama.create({ model: 'first', from: 'second' })).rejects.toMatchObject({
      status_code: 400,
      error: 'Its FROM leads in a circle: first from second from first.',
    });
    await ollama.delete({ model: 'second' });
    await ollama.delete({ model: 'first' });
  });

  it('are neither pushed nor made of files', async () => {
    await expect(ollama.push({ model: qwen })).rejects.toMatchObject({
      status_code: 400,
      error: expect.stringContaining('does not publish'),
    });
    const made = ollama.create({ model: 'x', from: qwen, quantize: 'q4_0' });
    await expect(made).rejects.toMatchObject({ status_code: 400 });
  });
});
