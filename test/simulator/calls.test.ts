import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModelFile } from '../../simulator/model-file.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'simulator-calls-'));
const library = join(folder, 'librkllmrt.so');
const client = join(folder, 'throughput');
const model = join(folder, 'model.rkllm');

beforeAll(async () => {
  execFileSync(`${root}scripts/simulator`, ['--abi', '1.3.1', '--out', library]);
  const source = `${root}simulator/test/throughput.c`;
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-DRKLLM_ABI=1030199'];
  execFileSync('cc', [...flags, source, '-o', client, '-ldl']);
  await writeModelFile(model, {
    text: 'A: hello',
    script: [{ when: '', tokens: ['a', 'b'], repeat: 50 }],
  });
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the client; gives its report and the lines of the call log. */
function run(prompt: string | Uint8Array, env: Record<string, string> = {}) {
  const calls = join(folder, `calls-${Math.random()}.jsonl`);
  const report: unknown = JSON.parse(
    execFileSync(client, [library, model, Buffer.from(prompt).toString()], {
      env: { ...process.env, RKLLM_SIM_CALLS: calls, ...env },
      encoding: 'utf8',
    }),
  );
  const lines = readFileSync(calls, 'utf8').trimEnd().split('\n');
  return { report, lines: lines.map((line) => JSON.parse(line)) };
}

describe('the throughput client', () => {
  it('counts tokens and bytes', () => {
    expect(run('hello').report).toMatchObject({ tokens: 100, bytes: 100 });
  });
});

describe('RKLLM_SIM_CALLS', () => {
  it('gets one line per call with what was received', () => {
    const { lines } = run('say "hi"\n\\ 你');
    expect(lines.map((line) => line.function)).toEqual([
      'rkllm_createDefaultParam',
      'rkllm_init',
      'rkllm_run',
      'rkllm_destroy',
    ]);
    expect(lines[1]).toMatchObject({
      event: 'call',
      return: 0,
      args: {
        param: {
          model_path: model,
          max_context_len: 4096,
          extend_param: { enabled_cpus_mask: 240 },
        },
      },
    });
    expect(lines[2]).toMatchObject({
      handle: lines[1].args.created,
      args: {
        input: { input_type: 0, role: null, enable_thinking: 0, prompt_input: 'say "hi"\n\\ 你' },
        infer: { mode: 0, keep_history: 0, max_new_tokens: 0, sampling_params: null },
      },
    });
  });

  it('gets callbacks and beginnings when asked', () => {
    const { lines } = run('hello', { RKLLM_SIM_CALLS_CALLBACKS: '1', RKLLM_SIM_CALLS_BEGIN: '1' });
    const callbacks = lines.filter((line) => line.event === 'callback');
    expect(callbacks).toHaveLength(101);
    expect(callbacks[0]).toMatchObject({
      state: 0,
      results: [{ text: 'a', token_id: 97 }],
      return: 0,
    });
    expect(callbacks[100]).toMatchObject({ state: 2 });
    const begun = lines.filter((line) => line.event === 'begin').map((line) => line.function);
    expect(begun).toEqual(['rkllm_init', 'rkllm_run']);
  });
});
