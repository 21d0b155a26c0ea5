import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeModelFile, type ModelFileSpec, writeModelFile } from '../../simulator/model-file.ts';
import { startHub } from '../support/hub/index.ts';
import { Board, simulator } from './board.ts';

/** The whole way: HTTP, daemon, worker process, FFI, native threads of a library with the real ABI. */

// Compilers and processes take their time on a small machine.
const [thumb, up] = [Buffer.from('👍').subarray(0, 2), Buffer.from('👍').subarray(2)];
const fixture: ModelFileSpec = {
  script: [
    { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
    { when: 'thumbs', tokens: ['A ', thumb, up, '!'] },
    { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
    { when: '', echo: true },
  ],
};
const models = { 'model1.rkllm': fixture, 'model2.rkllm': fixture };
const howAreYou = { messages: 'Hello, how are you?' };
const forEver = { messages: 'Go on for ever', stream: true };

interface Step {
  choices: [{ content: string; finish_reason: string | null }];
  usage: { prompt_tokens: number | null; completion_tokens: number; total_tokens: number | null };
  error?: string;
}

/** A streamed answer, object by object. */
async function* steps(response: Response): AsyncGenerator<Step> {
  let rest = '';
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    const frames = (rest + text).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) if (frame.trim() !== '') yield JSON.parse(frame);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Status and body of a JSON answer. */
async function told(answer: Promise<Response>): Promise<[number, unknown]> {
  const response = await answer;
  return [response.status, await response.json()];
}

describe.each(['1.1.4', '1.2.0', '1.2.1b1', '1.2.3', '1.3.0', '1.3.1'])('on runtime %s', (abi) => {
  it('a model is loaded, answers whole and as a stream, and is unloaded', async () => {
    const board = await Board.start({ library: await simulator(abi), models });
    try {
      expect(await told(board.get('/health'))).toEqual([
        200,
        { status: 'ok', runtime: { version: abi, simulator: true }, models_loaded: 0 },
      ]);
      expect(await told(board.post('/load_model', { model_name: 'model1.rkllm' }))).toEqual([
        200,
        { message: 'Model model1.rkllm loaded successfully.' },
      ]);
      const [status, answer] = await told(board.post('/generate', howAreYou));
      expect(status).toBe(200);
      expect(answer).toMatchObject({
        choices: [{ role: 'assistant', content: 'I am fine.', finish_reason: 'stop' }],
      });
      const thumbs = await board.post('/generate', { messages: 'thumbs?', stream: true });
      const streamed = await all(steps(thumbs));
      expect(streamed.map((step) => step.choices[0].content)).toEqual(['A ', '👍', '!', '']);
      const limited = await board.post('/generate', { ...howAreYou, max_tokens: 2 });
      expect(await limited.json()).toMatchObject({
        choices: [{ content: 'I am', finish_reason: 'length' }],
        usage: { completion_tokens: 2 },
      });
      expect(await told(board.post('/unload_model'))).toEqual([
        200,
        { message: 'Model unloaded successfully.' },
      ]);
    } finally {
      await board.stop();
    }
  });
});

describe('on a board', () => {
  let library: string;
  let board: Board;
  beforeAll(async () => {
    library = await simulator('1.3.1');
  });
  beforeEach(async () => {
    board = await Board.start({ library, models, environment: { RKLLM_SIM_DECODE_MS: '2' } });
  });
  afterEach(() => board.stop());
  const load = () => board.post('/load_model', { model_name: 'model1.rkllm' });
  const noneLoaded = { error: 'No model is currently loaded.' };

  it('the contract’s examples are answered as documented, one after the other', async () => {
    expect(await board.models()).toEqual({ models: ['model1.rkllm', 'model2.rkllm'] });
    expect(await told(board.get('/current_model'))).toEqual([404, noneLoaded]);
    expect(await told(board.post('/unload_model'))).toEqual([400, noneLoaded]);
    expect(await told(board.post('/generate', howAreYou))).toEqual([400, noneLoaded]);
    expect((await load()).status).toBe(200);
    expect(await told(load())).toEqual([
      400,
      { error: 'A model is already loaded. Please unload it first.' },
    ]);
    expect(await told(board.get('/current_model'))).toEqual([200, { model_name: 'model1.rkllm' }]);
    expect((await told(board.post('/generate', { ...howAreYou, stream: false })))[0]).toBe(200);
    expect((await told(board.post('/unload_model')))[0]).toBe(200);
    expect(await told(board.post('/load_model', { model_name: 'nope.rkllm' }))).toEqual([
      400,
      { error: 'Model nope.rkllm not found in the /models directory.' },
    ]);
    const rm = () =>
      fetch(`${board.url}/rm`, { method: 'DELETE', body: '{"model":"model2.rkllm"}' });
    expect(await told(rm())).toEqual([
      200,
      { message: 'The model has been successfully deleted.' },
    ]);
    expect(await told(rm())).toEqual([404, { error: 'The model: model2.rkllm cannot be found.' }]);
  });

  it('usage comes from the runtime', async () => {
    await load();
    const last = (
      await all(steps(await board.post('/generate', { ...howAreYou, stream: true })))
    ).at(-1);
    expect(last?.choices[0]).toMatchObject({ content: '', finish_reason: 'stop' });
    const { prompt_tokens, completion_tokens, total_tokens } = last?.usage ?? {};
    expect(prompt_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(Number(prompt_tokens) + Number(completion_tokens));
  });

  it('a client that leaves stops its own generation, and the next one is answered', async () => {
    await load();
    const leaving = new AbortController();
    const endless = await board.post('/generate', forEver, leaving.signal);
    const waiting = told(board.post('/generate', howAreYou));
    await steps(endless).next();
    leaving.abort();
    const [status, answer] = await waiting;
    expect(status).toBe(200);
    expect(answer).toMatchObject({ choices: [{ content: 'I am fine.' }] });
  });

  it('unloading ends a generation at once, with what there is', async () => {
    await load();
    const stream = steps(await board.post('/generate', forEver));
    expect((await stream.next()).value).toMatchObject({ choices: [{ content: 'on ' }] });
    const rest = all(stream);
    expect((await told(board.post('/unload_model')))[0]).toBe(200);
    expect((await rest).at(-1)?.choices[0]).toMatchObject({ content: '', finish_reason: 'abort' });
  });

  it('a worker that is killed fails its own request, and nothing else', async () => {
    await load();
    const stream = steps(await board.post('/generate', forEver));
    await stream.next();
    const rest = all(stream);
    for (const pid of await board.workers()) process.kill(pid, 'SIGKILL');
    const last = (await rest).at(-1);
    expect(last?.choices[0].finish_reason).toBe('error');
    expect(last?.error).toMatch(/\w+ \w+/);
    expect(await (await board.post('/generate', howAreYou)).json()).toMatchObject({
      choices: [{ content: 'I am fine.' }],
    });
  });

  it('the models folder is watched, and its loss is told', async () => {
    const late = join(board.modelsFolder, 'late.rkllm');
    const listed = expect.arrayContaining(['late.rkllm']);
    await writeModelFile(late, fixture);
    await expect.poll(() => board.models(), { timeout: 8000 }).toEqual({ models: listed });
    await rm(late);
    await expect.poll(() => board.models(), { timeout: 8000 }).not.toEqual({ models: listed });
    await rm(board.modelsFolder, { recursive: true });
    await expect
      .poll(() => told(board.get('/models')), { timeout: 8000 })
      .toEqual([500, { error: 'The directory ~/RKLLAMA/models is not found.' }]);
  });

  it.each([
    '../secret.rkllm',
    '/etc/passwd',
    'a/../../secret.rkllm',
    '..',
    '.',
    '',
    'x\0y',
    '%2e%2e/x',
  ])('the name %j reaches nothing outside the models folder', async (name) => {
    const secret = join(board.modelsFolder, '..', 'secret.rkllm');
    await writeFile(secret, encodeModelFile(fixture));
    expect((await board.post('/load_model', { model_name: name })).status).toBe(400);
    expect([400, 404]).toContain((await board.post('/rm', { model: name })).status);
    expect([400, 404]).toContain(
      (await board.post('/generate', { ...howAreYou, model: name })).status,
    );
    expect((await readFile(secret)).length).toBeGreaterThan(0);
    expect(await board.models()).toEqual({ models: ['model1.rkllm', 'model2.rkllm'] });
  });

  it('SIGTERM ends a running generation and the daemon, in order', async () => {
    await load();
    const stream = steps(await board.post('/generate', forEver));
    await stream.next();
    const rest = all(stream);
    const [worker] = await board.workers();
    expect(await board.terminate()).toBe(0);
    expect((await rest).at(-1)?.choices[0].finish_reason).toMatch(/abort|error/);
    expect(() => process.kill(worker ?? 0, 0)).toThrow('ESRCH');
  });
});

describe('on a runtime that costs nothing', () => {
  it('200 clients at once get each their own whole answer', async () => {
    const library = await simulator('1.3.1');
    const board = await Board.start({ library, models });
    await board.post('/load_model', { model: 'model1' });
    const ask = async (_: unknown, client: number) => {
      const messages = `client number ${client}`;
      const [, answer] = await told(board.post('/generate', { messages }));
      expect(answer).toMatchObject({ choices: [{ content: messages, finish_reason: 'stop' }] });
    };
    try {
      await Promise.all(Array.from({ length: 200 }, ask));
    } finally {
      await board.stop();
    }
  });
});

describe('POST /pull', () => {
  it('downloads a model that can be loaded at once', async () => {
    const library = await simulator('1.3.1');
    const hub = await startHub({
      files: { 'someone/some-repo/tiny.rkllm': Buffer.from(encodeModelFile(fixture)) },
    });
    const board = await Board.start({
      library,
      models: {},
      environment: { RKLLAMA_HUB_ENDPOINT: hub.url },
    });
    try {
      const missing = await board.post('/pull', { model: 'hf/someone/some-repo/none.rkllm' });
      expect(missing.status).toBe(400);
      expect(await missing.text()).toMatch(/^Error during download: .+\n$/);
      const pulled = await board.post('/pull', { model: 'hf/someone/some-repo/tiny.rkllm' });
      expect(pulled.status).toBe(200);
      const lines = (await pulled.text()).trimEnd().split('\n');
      expect(lines[0]).toMatch(/^Downloading tiny\.rkllm \(\d+\.\d\d MB\)\.\.\.$/);
      expect(lines.slice(1).every((line) => /^\d+%$/.test(line))).toBe(true);
      expect(lines.at(-1)).toBe('100%');
      expect((await board.post('/load_model', { model: 'tiny' })).status).toBe(200);
    } finally {
      await board.stop();
      await hub.close();
    }
  });
});
