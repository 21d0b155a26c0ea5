import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board, simulator } from '../../e2e/board.ts';
import { rkllama } from '../rkllama.ts';

const library = await simulator('1.3.1');
let board: Board;
beforeAll(async () => {
  board = await Board.start({
    library,
    models: { 'small.rkllm': {}, 'large.rkllm': { sizeBytes: 1e8 } },
  });
  for (const name of ['small', 'large'])
    await utimes(join(board.modelsFolder, `${name}.rkllm`), 0, 0);
});
afterAll(() => board.stop());

const selftest = (...args: string[]) =>
  rkllama(['selftest', ...args], {
    environment: {
      HOME: board.home,
      RKLLM_LIB: library,
      RKLLAMA_PORT: new URL(board.url).port,
      RKLLM_SIM_DECODE_MS: '2',
    },
  });

describe('rkllama selftest', () => {
  it('prints a table that begins with what was tested, for the smallest model', async () => {
    const { code, stdout } = await selftest();
    expect(stdout).toMatch(/^Runtime: +1\.3\.1, the simulator, not an NPU$/m);
    expect(stdout).toMatch(/^Model: +small\.rkllm/m);
    expect(stdout).toMatch(/^pass +prefix +cold tokens \d+, warm tokens \d+/m);
    expect(stdout).toMatch(/\d+ passed, 0 failed, \d could not be tested\.$/m);
    expect(code).toBe(0);
  });

  it('tests the model that is named, and prints JSON for programs', async () => {
    const { code, stdout } = await selftest('large', '--json');
    const { runtime, model, results } = JSON.parse(stdout);
    expect(runtime).toMatchObject({ version: '1.3.1', simulator: true });
    expect(model).toMatchObject({ name: 'large.rkllm' });
    expect(results).toContainEqual(
      expect.objectContaining({ id: 'load', verdict: 'pass', words: null }),
    );
    expect(code).toBe(0);
  });

  it('says so when there is no such model', async () => {
    expect(await selftest('absent')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/absent[\s\S]*There are: large\.rkllm, small\.rkllm\n/),
    });
  });

  it('leaves the NPU to a daemon that has models loaded, unless it may unload them', async () => {
    const load = await fetch(`${board.url}/load_model`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model_name: 'small' }),
    });
    expect(load.status).toBe(200);
    const refused = await selftest();
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toMatch(/1 model is loaded\.\n.*selftest --unload/);
    expect((await selftest('--unload')).code).toBe(0);
    const health = await (await board.get('/health')).json();
    expect(health).toMatchObject({ models_loaded: 0 });
  });
});

it('fails where an assertion does', async () => {
  const { code, stdout } = await rkllama(['selftest'], {
    environment: {
      HOME: board.home,
      RKLLM_LIB: library,
      RKLLM_SIM_FAULT: 'init-fail',
      RKLLAMA_PORT: '1',
    },
  });
  expect(stdout).toMatch(/^fail +load\n +expected: The model loads\n +but: .*rkllm_init failed/m);
  expect(code).toBe(1);
});
