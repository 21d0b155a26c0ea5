import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Board, simulator } from '../e2e/board.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { bare, commandLine, rkllama } from './rkllama.ts';

const [hasZsh = false, hasFish = false] = await Promise.all(['zsh', 'fish'].map(exists));

let folder: string;
let board: Board;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-completion-'));
  const program = join(folder, 'bin', 'rkllama');
  await mkdir(join(folder, 'bin'));
  await writeFile(program, `#!/bin/sh\nexec ${commandLine([])} "$@"\n`);
  await chmod(program, 0o755);
  environment = {
    RKLLAMA_ADMIN_SOCKET: join(folder, 'admin.sock'),
    PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`,
  };
  board = await Board.start({
    library: await simulator('1.3.1'),
    models: { 'model1.rkllm': {}, 'qwen2.5:3b.rkllm': {}, 'qwen2.5:7b-long.rkllm': {} },
    environment: { RKLLAMA_ADMIN_SOCKET: join(folder, 'admin.sock') },
  });
});
afterAll(async () => {
  await board.stop();
  await rm(folder, { recursive: true, force: true });
});

async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await rkllama(['__complete', '--', ...words], { environment });
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter(Boolean);
}

describe('rkllama __complete', () => {
  it('knows the commands', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['list', 'run', 'doctor', 'help']));
    expect(await complete('unl')).toEqual(['unload']);
    expect(await complete('keys', '')).toEqual(['add', 'list', 'revoke']);
    expect(await complete('help', 'sel')).toEqual(['selftest']);
  });

  it('knows the options, and what they take', async () => {
    expect(await complete('run', '--ver')).toEqual(['--verbose']);
    expect(await complete('run', '--')).toEqual(expect.arrayContaining(['--host', '--json']));
    expect(await complete('keys', 'add', 'x', '--scope', '')).toEqual(['inference', 'admin']);
    expect(await complete('completion', 'z')).toEqual(['zsh']);
  });

  it('knows the models', async () => {
    const models = ['model1', 'qwen2.5:3b', 'qwen2.5:7b-long'];
    expect(await complete('run', '')).toEqual(models);
    expect(await complete('rm', 'model1', 'qwen2.5:3')).toEqual(['qwen2.5:3b']);
    expect(await complete('run', '--system', 'model1', 'm')).toEqual(['model1']);
    expect(await complete('--host', board.url, 'show', '')).toEqual(models);
    // The prompt is free text, and a pull is of what is not here.
    expect(await complete('run', 'model1', '')).toEqual([]);
    expect(await complete('pull', '')).toEqual([]);
  });

  it('knows for unload what is loaded', async () => {
    await rkllama(['load', 'model1'], { environment });
    expect(await complete('unload', '')).toEqual(['model1']);
    expect(await complete('stop', 'q')).toEqual([]);
  });

  it('knows no models, and says nothing, without a daemon', async () => {
    expect(await complete('--host', '127.0.0.1:1', 'run', '')).toEqual([]);
  });
});

describe('rkllama completion', () => {
  let terminal: PseudoTerminal | undefined;
  afterEach(() => terminal?.close());

  /** What a shell makes of some keys, and the Tab after them. */
  async function tab(start: string, typed: string, expected: string): Promise<void> {
    terminal?.close();
    terminal = new PseudoTerminal(start, { ...environment, PS1: 'ready$ ', HOME: folder });
    await terminal.shows('ready$ ');
    terminal.forget();
    terminal.type(`${typed}\t`);
    await terminal.shows(expected);
  }

  const library = '/usr/share/bash-completion/bash_completion';
  it.each([
    ['bash', ''],
    ['bash with its library of completions', `[ -e ${library} ] && source ${library}\n`],
  ])('completes commands, options and models in %s', async (_name, first) => {
    const file = join(folder, 'bashrc');
    await writeFile(file, `PS1="ready$ "\n${first}source <(rkllama completion bash)\n`);
    const bash = `bash --noprofile --rcfile ${file} -i`;
    await tab(bash, 'rkllama benc', 'rkllama bench ');
    await tab(bash, 'rkllama run --no-h', 'rkllama run --no-history ');
    await tab(bash, 'rkllama run mod', 'rkllama run model1 ');
    // A colon ends a word in bash.
    await tab(bash, 'rkllama run qw', 'rkllama run qwen2.5:');
    await tab(bash, 'rkllama run qwen2.5:7', 'rkllama run qwen2.5:7b-long ');
    await tab(bash, `rkllama create x -f ${folder}/bash`, `${folder}/bashrc `);
  });

  it.runIf(hasZsh)('completes in zsh', async () => {
    const script = `autoload -U compinit && compinit -D; source <(rkllama completion zsh); PS1="ready$ "`;
    await writeFile(join(folder, '.zshrc'), script);
    const zsh = `ZDOTDIR=${folder} zsh -i`;
    await tab(zsh, 'rkllama benc', 'rkllama bench');
    await tab(zsh, 'rkllama run mod', 'rkllama run model1');
    await tab(zsh, 'rkllama run qwen2.5:7', '7b-long');
  });

  it.runIf(hasFish)('completes in fish', async () => {
    const ask = (line: string) =>
      promisify(execFile)(
        'fish',
        ['--no-config', '-c', `rkllama completion fish | source; complete -C '${line}'`],
        { env: bare({ ...environment, HOME: folder }) },
      );
    expect((await ask('rkllama run qwen2.5:7')).stdout).toBe('qwen2.5:7b-long\n');
    expect((await ask('rkllama keys rev')).stdout).toBe('revoke\n');
  });

  it('refuses other shells', async () => {
    const { code, stderr } = await rkllama(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});

async function exists(program: string): Promise<boolean> {
  return promisify(execFile)('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}
