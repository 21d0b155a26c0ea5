import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { Board, simulator } from '../e2e/board.ts';
import { rkllama as program } from './rkllama.ts';

/** Every command against the real daemon, which has the simulator for its NPU. */

// Processes take their time on a small machine.
const model: ModelFileSpec = {
  script: [
    { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
    { when: '', echo: true },
  ],
};
const thinker: ModelFileSpec = {
  thinking: true,
  architecture: 'qwen3',
  script: [{ when: '', tokens: ['<think>', 'Six by seven.', '</think>', '\n\n', 'It is ', '42.'] }],
};

let folder: string;
let board: Board;
/** The command line, on the board itself. */
let rkllama: (args: readonly string[], input?: string) => ReturnType<typeof program>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-cli-'));
  const socket = join(folder, 'admin.sock');
  board = await Board.start({
    library: await simulator('1.3.1'),
    models: { 'model1.rkllm': model, 'qwen2.5:3b.rkllm': model, 'thinker.rkllm': thinker },
    environment: { RKLLAMA_ADMIN_SOCKET: socket },
  });
  const environment = { RKLLAMA_ADMIN_SOCKET: socket };
  rkllama = (args, input = '') => program(args, { environment, input });
});
afterAll(async () => {
  await board.stop();
  await rm(folder, { recursive: true, force: true });
});

async function json(args: readonly string[], input?: string) {
  const { code, stdout, stderr } = await rkllama([...args, '--json'], input);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('list', () => {
  it('has a line for each model, by its short name', async () => {
    const { code, stdout, stderr } = await rkllama(['list']);
    expect([code, stderr]).toEqual([0, '']);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NAME +SIZE +PARAMETERS +QUANTIZATION +MODIFIED$/);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['model1', 'qwen2.5:3b', 'thinker']);
  });

  it('lists what has a word in its name, also as ls', async () => {
    const { models } = await json(['ls', 'QWEN']);
    expect(models).toMatchObject([{ name: 'qwen2.5:3b', size: expect.any(Number) }]);
  });

  it('says on stderr that there is none of that name', async () => {
    expect(await rkllama(['list', 'nothing'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No model on disk has "nothing" in its name.\n',
    });
  });
});

describe('show', () => {
  it('tells what the file tells', async () => {
    const { stdout } = await rkllama(['show', 'thinker']);
    expect(stdout).toMatch(/^Architecture: +qwen3$/m);
    expect(stdout).toMatch(/^Context length: +4096$/m);
    expect(stdout).toMatch(/^Made for: +RK3588$/m);
    expect(stdout).toMatch(/^Capabilities: +completion.*thinking/m);
  });

  it('prints one part', async () => {
    expect((await rkllama(['show', 'model1', '--modelfile'])).stdout).toBe('FROM model1.rkllm\n');
    expect((await rkllama(['show', 'model1', '--modelfile', '--system'])).code).toBe(2);
  });

  it('fails with 4 for a model that there is not, and says where to look', async () => {
    const { code, stdout, stderr } = await rkllama(['show', 'nosuch']);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(/^Error: .*nosuch.*\n.*rkllama list/);
  });
});

describe('a file that cannot be loaded', () => {
  const half = () => join(board.modelsFolder, 'half.rkllm');

  beforeAll(async () => {
    const whole = await readFile(join(board.modelsFolder, 'model1.rkllm'));
    await writeFile(half(), whole.subarray(0, 1000));
    // Nothing has come for so long that nothing will.
    await utimes(half(), 0, 0);
    await vi.waitFor(async () => expect((await json(['list', 'half'])).models).toHaveLength(1), {
      timeout: 30_000,
      interval: 500,
    });
  });
  afterAll(() => rm(half()));

  it('is marked in the list, with the command that tells more', async () => {
    const { stdout, stderr } = await rkllama(['list']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/ NOTE$/);
    expect(lines.filter((line) => line.endsWith('cannot be loaded'))).toEqual([
      expect.stringMatching(/^half /),
    ]);
    expect(stderr).toBe('Why it cannot be loaded: rkllama show half\n');
  });

  it('is shown with the reason', async () => {
    const { problem } = await json(['show', 'half']);
    expect(problem).toMatch(/^The file is damaged/);
    const { code, stdout } = await rkllama(['show', 'half']);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`Cannot be loaded: ${problem}`);
  });
});

describe('run', () => {
  it('answers one question', async () => {
    expect(await rkllama(['run', 'model1', 'Hello, how are', 'you?'])).toEqual({
      code: 0,
      stdout: 'I am fine.\n',
      stderr: '',
    });
  });

  it('asks what is piped in, after the words', async () => {
    expect((await rkllama(['run', 'model1'], 'a question\n')).stdout).toBe('a question\n');
    expect((await rkllama(['run', 'model1', 'Read:'], 'a file\n')).stdout).toBe(
      'Read:\n\na file\n',
    );
  });

  it('keeps thoughts off stdout', async () => {
    const { stdout, stderr } = await rkllama(['run', 'thinker', 'What is it?']);
    expect(stdout).toBe('It is 42.\n');
    expect(stderr).toContain('Six by seven.');
  });

  it('does not think when told not to', async () => {
    expect((await rkllama(['run', 'thinker', '--no-think', 'What?'])).stderr).toBe('');
  });

  it('is one document for programs', async () => {
    expect(await json(['run', 'thinker', 'What is it?'])).toMatchObject({
      model: 'thinker',
      content: 'It is 42.',
      thinking: 'Six by seven.',
      done_reason: 'stop',
      eval_count: expect.any(Number),
    });
  });

  it('passes on what the model is to be asked with', async () => {
    const short = await json(['run', 'model1', '-o', 'num_predict=2', 'how are you?']);
    expect(short).toMatchObject({ eval_count: 2, done_reason: 'length', content: 'I am' });
    const { code, stderr } = await rkllama(['run', 'model1', '-o', 'temperature=hot', 'x']);
    expect([code, stderr]).toEqual([
      2,
      'Error: temperature cannot be "hot": it must be a number.\n',
    ]);
  });

  it('takes no question for a level of thinking', async () => {
    const { code, stderr } = await rkllama(['run', 'thinker', '--think', 'hi']);
    expect(code).toBe(2);
    expect(stderr).toContain('Put --think behind the question.');
  });

  it('tells the speed with --verbose, on stderr', async () => {
    const { stdout, stderr } = await rkllama(['run', '-v', 'model1', 'how are you?']);
    expect(stdout).toBe('I am fine.\n');
    expect(stderr).toMatch(/^4 tokens in .*tok\/s; prompt \d+ tokens in /);
  });

  it('wants a question where nobody sits', async () => {
    const { code, stderr } = await rkllama(['run', 'model1']);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no question');
  });

  it('refuses a format that is none, before it asks', async () => {
    const { code, stderr } = await rkllama(['run', 'model1', '--format', '{"type":', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain('JSON schema');
  });
});

describe('load, ps and unload', () => {
  it('load a model, show it, and unload it', async () => {
    expect((await rkllama(['unload', '--all'])).code).toBe(0);
    expect((await rkllama(['ps'])).stderr).toBe(
      'No model is loaded. The first question loads one.\n',
    );
    expect((await rkllama(['load', 'model1', '--keep-alive', '-1'])).stdout).toMatch(
      /^model1 is loaded/,
    );
    expect((await rkllama(['ps'])).stdout).toMatch(/^model1 +.*4096 +ready +.*unloaded$/m);
    expect((await json(['ps'])).models).toMatchObject([
      { name: 'model1', state: 'ready', expires_at: null },
    ]);
    expect(await rkllama(['stop', 'model1'])).toEqual({
      code: 0,
      stdout: 'Unloaded model1\n',
      stderr: '',
    });
    expect((await json(['ps'])).models).toEqual([]);
  });

  it('tell what is not loaded, not there, and not named', async () => {
    expect((await rkllama(['unload', 'model1'])).code).toBe(1);
    expect((await rkllama(['unload', 'nosuch'])).code).toBe(4);
    expect((await rkllama(['unload'])).code).toBe(2);
    expect((await rkllama(['load', 'nosuch'])).code).toBe(4);
  });
});

describe('create, cp and rm', () => {
  it('make models and delete them', async () => {
    const modelfile = join(folder, 'Modelfile');
    await writeFile(modelfile, 'FROM model1\nSYSTEM You are a pirate.\nPARAMETER nonsense 1\n');
    const made = await rkllama(['create', 'pirate', '-f', modelfile]);
    expect([made.code, made.stdout]).toEqual([0, 'Created pirate\n']);
    expect(made.stderr).toContain('nonsense');
    expect((await rkllama(['show', 'pirate', '--system'])).stdout).toBe('You are a pirate.\n');
    expect((await rkllama(['cp', 'pirate', 'parrot'])).stdout).toBe('parrot derives from pirate\n');
    expect((await json(['rm', 'parrot', 'pirate'])).deleted).toEqual(['parrot', 'pirate']);
    expect((await rkllama(['show', 'pirate'])).code).toBe(4);
  });

  it('read a Modelfile from stdin', async () => {
    expect((await rkllama(['create', 'fromstdin', '-f', '-'], 'FROM model1\n')).code).toBe(0);
    const { code, stdout, stderr } = await rkllama(['rm', 'nosuch', 'fromstdin']);
    expect([code, stdout]).toEqual([4, 'Deleted fromstdin\n']);
    expect(stderr).toContain("model 'nosuch' not found");
  });

  it('say how a Modelfile is given, and that it is empty', async () => {
    expect((await rkllama(['create', 'x'])).stderr).toContain('-f FILE');
    const { code, stderr } = await rkllama(['create', 'x', '-f', '-'], '\n');
    expect([code, stderr]).toEqual([
      1,
      'Error: The Modelfile is empty.\nIt needs at least: FROM MODEL\n',
    ]);
  });

  it('show what a model is asked with, and that it has no licence of its own', async () => {
    const modelfile =
      'FROM model1\nSYSTEM """Be\nbrief."""\nPARAMETER temperature 0.2\nPARAMETER top_k 3\n';
    await rkllama(['create', 'brief', '-f', '-'], modelfile);
    const { stdout } = await rkllama(['show', 'brief']);
    expect(stdout).toMatch(/^System: +Be\n +brief\.$/m);
    expect(stdout).toMatch(/^Defaults: +temperature 0\.2, top_k 3$/m);
    const license = await rkllama(['show', 'brief', '--license']);
    expect([license.code, license.stdout]).toEqual([0, '']);
    expect(license.stderr).toBe('brief has no license of its own.\n');
    await rkllama(['rm', 'brief']);
  });

  it('fail where there is no file and no model', async () => {
    expect((await rkllama(['create', 'x', '-f', '/nonexistent/Modelfile'])).code).toBe(4);
    expect((await rkllama(['create', 'x', '-f', '-'], 'FROM nosuch\n')).code).not.toBe(0);
    expect((await rkllama(['rm', 'nosuch'])).code).toBe(4);
  });
});

describe('embed', () => {
  it('gives a vector for each text', async () => {
    const { embeddings } = await json(['embed', 'model1', 'one', 'two']);
    expect(embeddings).toHaveLength(2);
    for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    const { stdout } = await rkllama(
      ['embed', 'model1', '--lines', '--dimensions', '4'],
      'one\n\ntwo\n',
    );
    const vectors = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(vectors.map((vector) => vector.length)).toEqual([4, 4]);
  });

  it('wants a text', async () => {
    expect((await rkllama(['embed', 'model1'], '  \n')).code).toBe(2);
  });
});

describe('bench', () => {
  it('measures with the timings of the daemon', async () => {
    const args = ['bench', 'model1', '--runs', '2', '--prompt-tokens', '100', '--tokens', '8'];
    const result = await json(args);
    expect(result.runs).toHaveLength(2);
    expect(result.prompt_tokens).toBeGreaterThan(85);
    expect(result.prompt_tokens).toBeLessThan(115);
    expect(result.prefill_tokens_per_second).toBeGreaterThan(0);
    expect(result.decode_tokens_per_second).toBeGreaterThan(0);
    // No digits that are noise.
    expect(JSON.stringify(result)).not.toMatch(/\.\d{3}/);
    for (const { cold, warm } of result.runs) {
      expect(warm.cached_tokens).toBeGreaterThan(cold.cached_tokens);
      expect(cold.completion_tokens).toBe(8);
    }
    expect((await rkllama(args)).stdout).toMatch(/prefill +[\d.]+ tok\/s\n +decode +[\d.]+ tok\/s/);
  });
});

describe('status and version', () => {
  it('tell how the daemon is', async () => {
    const { stdout, code } = await rkllama(['status']);
    expect(code).toBe(0);
    expect(stdout).toContain(`pid ${board.pid}`);
    expect(stdout).toContain(board.url);
    expect(stdout).toMatch(/^Runtime: +1\.3\.1 \(the simulator, not an NPU\)/m);
    expect(await json(['status'])).toMatchObject({ pid: board.pid, keys: { count: 0 } });
  });

  it('tell less over the network, without a key', async () => {
    const { stdout, stderr, code } = await program(['status', '--host', board.url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Runtime: +1\.3\.1/m);
    expect(stdout).not.toContain('pid');
    expect(stderr).toContain('admin key');
  });

  it('tell both versions', async () => {
    const { client, daemon, runtime } = await json(['version']);
    expect(client).toMatch(/^\d+\.\d+\.\d+/);
    expect([daemon, runtime]).toEqual([client, '1.3.1']);
    expect((await rkllama(['--version'])).stdout).toBe(`rkllama ${client}\n`);
  });
});

describe('keys', () => {
  it('are made, listed, used and revoked', async () => {
    const { code, stdout } = await rkllama(['keys', 'add', 'laptop', '--scope', 'admin']);
    expect(code).toBe(0);
    const key = stdout.trim();
    expect(key).toMatch(/^rk-/);
    const refused = await program(['list', '--host', board.url]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('--api-key');
    const byFlag = await program(['list', '--host', board.url, '--api-key', key]);
    expect(byFlag.code).toBe(0);
    const environment = { RKLLAMA_HOST: board.url, RKLLAMA_API_KEY: key };
    expect((await program(['keys', 'list'], { environment })).stdout).toMatch(/^laptop .*admin/m);
    expect((await rkllama(['keys', 'list'])).stdout).toMatch(/^laptop .* within the hour$/m);
    expect((await json(['keys', 'list'])).keys).toMatchObject([{ name: 'laptop', scope: 'admin' }]);
    expect((await rkllama(['keys', 'add', 'laptop'])).code).toBe(1);
    const revoked = await rkllama(['keys', 'revoke', 'laptop']);
    expect(revoked.stdout).toBe('Revoked laptop\n');
    expect(revoked.stderr).toContain('last one');
    expect((await rkllama(['keys', 'list'])).stderr).toContain('nobody gets in');
    expect((await rkllama(['status'])).stdout).toMatch(/API keys: +none, and required/);
    expect((await program(['keys', 'list'], { environment })).code).toBe(5);
    expect((await rkllama(['keys', 'revoke', 'laptop'])).code).toBe(4);
    expect((await rkllama(['keys', 'add', 'x', '--scope', 'everything'])).code).toBe(2);
  });
});

describe('config', () => {
  it('checks a file, with lines', async () => {
    const file = join(folder, 'config.toml');
    await writeFile(file, '[server]\nport = 99999\nprot = 1\n');
    const wrong = await rkllama(['config', 'check', file]);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain(`${file}:2`);
    expect(wrong.stdout).toContain(`${file}:3`);
    await writeFile(file, '[server]\nport = 9999\n');
    expect((await rkllama(['config', 'check', file])).stdout).toBe(`${file} is fine.\n`);
    const environment = { RKLLAMA_CONFIG: file };
    const { stdout } = await program(['config', 'show', '--changed'], { environment });
    expect(stdout).toMatch(new RegExp(`^server\\.port +9999 +${file}:2$`, 'm'));
  });

  it('explains a setting', async () => {
    expect((await rkllama(['config', 'explain', 'server.port'])).stdout).toMatch(/RKLLAMA_PORT/);
    const { code, stderr } = await rkllama(['config', 'explain', 'server.prot']);
    expect(code).toBe(4);
    expect(stderr).toContain('Did you mean server.port?');
  });
});

describe('serve', () => {
  it('is the daemon, with its flags and exit codes', async () => {
    const { code, stderr } = await rkllama(['serve', '--port', 'eighty']);
    expect(code).toBe(78);
    expect(stderr).toContain('--port cannot be "eighty"');
    expect((await rkllama(['serve', '--help'])).stdout).toContain('--admin-socket');
  });
});

describe('logs', () => {
  it("is the journal of the daemon's unit, with its exit code", async () => {
    const environment = { PATH: `${folder}:${process.env['PATH']}` };
    const journalctl = join(folder, 'journalctl');
    await writeFile(journalctl, '#!/bin/sh\necho "$@"\nexit 7\n', { mode: 0o755 });
    expect(await program(['logs', '-f', '-n', '5'], { environment })).toEqual({
      code: 7,
      stdout: '--unit=rkllamad --no-hostname --lines=5 --follow\n',
      stderr: '',
    });
    await rm(journalctl);
  });

  it('says where the log is without systemd', async () => {
    const { code, stderr } = await program(['logs'], { environment: { PATH: folder } });
    expect(code).toBe(1);
    expect(stderr).toContain('where the daemon was started');
  });
});
