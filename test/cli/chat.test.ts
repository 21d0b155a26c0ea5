import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelFileSpec } from '../../simulator/model-file.ts';
import { Board, simulator } from '../e2e/board.ts';
import { keys, PseudoTerminal } from './pseudo-terminal.ts';
import { commandLine, rkllama } from './rkllama.ts';

/** `rkllama run MODEL` at a terminal. */

const model: ModelFileSpec = {
  script: [
    { when: 'for ever', tokens: ['on ', 'and '], finish: 'length-only' },
    { when: 'how are you?', tokens: ['I', ' am', ' fine', '.'] },
    { when: 'steer', tokens: ['a\u001B[2J', '\u0007b'] },
    { when: '', echo: true },
  ],
};
const thinker: ModelFileSpec = {
  thinking: true,
  architecture: 'qwen3',
  script: [{ when: '', tokens: ['<think>', 'Hm, hm.', '</think>', '\n\n', 'It is 42.'] }],
};

let folder: string;
let board: Board;
let environment: NodeJS.ProcessEnv;
let terminal: PseudoTerminal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-chat-'));
  environment = {
    RKLLAMA_ADMIN_SOCKET: join(folder, 'admin.sock'),
    XDG_STATE_HOME: join(folder, 'state'),
  };
  board = await Board.start({
    library: await simulator('1.3.1'),
    models: {
      'model1.rkllm': model,
      'thinker.rkllm': thinker,
      'slow.rkllm': { sizeBytes: 10_000_000 },
    },
    environment: {
      ...environment,
      RKLLM_SIM_DECODE_MS: '5',
      // Ten seconds for the slow one, and nothing for the others.
      RKLLM_SIM_LOAD_MS_PER_GB: '1000000',
    },
  });
});
afterAll(async () => {
  await board.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await rm(join(folder, 'state'), { recursive: true, force: true });
});
afterEach(() => terminal.close());

/** A chat whose prompt is there. */
async function chat(...args: string[]): Promise<void> {
  terminal = new PseudoTerminal(commandLine(['run', 'model1', ...args]), environment);
  await terminal.shows('>>> ');
}

/** Types a message, and waits for what it brings. */
async function say(message: string, expected: string | RegExp): Promise<void> {
  terminal.forget();
  terminal.type(`${message}${keys.enter}`);
  await terminal.shows(expected);
  await terminal.shows(/\n>>> $/);
}

describe('a chat', () => {
  it('tells that the model is loaded, and takes that away', async () => {
    await chat();
    expect(terminal.raw).toContain('loading model1 …\r\u001B[K');
  });

  it('answers, and knows what was said', async () => {
    await chat();
    await say('Hello, how are you?', 'I am fine.\n');
    await say('/show', /Messages: +2\n/);
    await say('And how are you?', 'I am fine.\n');
    await say('/show', /Messages: +4\n/);
    await say('/clear', 'Forgotten');
    await say('/show', /Messages: +0\n/);
    terminal.type(keys.end);
    expect(await terminal.exitCode()).toBe(0);
  });

  it('stops an answer on Ctrl-C, and goes on', async () => {
    await chat();
    terminal.type(`Go on for ever${keys.enter}`);
    await terminal.shows('on and on and on');
    terminal.type(keys.interrupt);
    await terminal.shows(/\nstopped\n[\s\S]*>>> $/);
    // The half answer is part of the conversation, and the NPU is free.
    await say('/show', /Messages: +2\n/);
    await say('/clear', 'Forgotten');
    await say('how are you?', 'I am fine.\n');
    terminal.type(keys.interrupt);
    expect(await terminal.exitCode()).toBe(0);
  });

  it('takes back what was typed on the first Ctrl-C, and leaves on the second', async () => {
    await chat();
    terminal.type('half a ques');
    await terminal.shows('half a ques');
    terminal.type(keys.interrupt);
    await terminal.shows(/\^C\n(>>> )+$/);
    terminal.type(keys.interrupt);
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).not.toContain('Error');
  });

  it('takes messages of several lines', async () => {
    await chat();
    terminal.type(`"""one${keys.enter}`);
    await terminal.shows('... ');
    await say('two"""', 'one\ntwo\n');
    terminal.forget();
    terminal.type(`three\\${keys.enter}`);
    await terminal.shows('... ');
    await say('four', 'three\nfour\n');
  });

  it('takes what is pasted for one message', async () => {
    await chat();
    terminal.forget();
    terminal.type('\u001B[200~pasted one\rpasted two\u001B[201~');
    await terminal.shows('... pasted two');
    await say('', 'pasted one\npasted two\n');
  });

  it('keeps what is typed during an answer for the next prompt', async () => {
    await chat();
    terminal.type(`Go on for ever${keys.enter}`);
    await terminal.shows('on and on and on');
    terminal.type('typed ahead');
    terminal.type(keys.interrupt);
    await terminal.shows('>>> typed ahead');
    expect(terminal.text.split('>>> typed ahead')[0]).not.toContain('typed ahead');
    terminal.type(keys.interrupt);
    await terminal.shows(/typed ahead\^C\n(>>> )+$/);
  });

  it('changes what it asks with', async () => {
    await chat();
    await say('/set parameter num_predict 2', 'num_predict is 2.');
    await say('how are you?', /I am\n/);
    await say('/unset parameter num_predict', "the model's own");
    await say('/set verbose', 'Tokens and speed are told');
    await say('how are you?', /I am fine\.\n4 tokens in .*tok\/s/);
    await say('/unset verbose', 'not told');
    await say('/set system Be brief.', 'is set');
    await say('/show', /System: +Be brief\./);
    await say('/set stream', 'as they come');
    await say('/set nonsense', /There is no setting nonsense\. Settings:\n +\/set system/);
    await say('/set parameter temperatur 1', 'There is no parameter temperatur.');
    await say('/set think sideways', 'There is no level "sideways" of thinking');
    await say('/nonsense', 'There is no /nonsense.');
    await say('/help', '/load MODEL');
  });

  it('goes on with another model, shows its thoughts, and goes on after an error', async () => {
    await chat();
    await say('/load nosuch', /Error: .*nosuch/);
    await say('/load thinker', 'thinker answers from here on.');
    await say('What?', /Hm, hm\.\n\nIt is 42\.\n/);
    expect(terminal.raw).toContain('\u001B[2mHm, hm.');
    await say('/unset think', 'does not think');
  });

  it('stops a load on Ctrl-C', async () => {
    await chat();
    terminal.type(`/load slow${keys.enter}`);
    await terminal.shows('/load slow\n');
    terminal.type(keys.interrupt);
    await terminal.shows(/stopped\n>>> $/);
    await say('/show', /Model: +model1\n/);
  });

  it('goes on after Ctrl-Z and fg', async () => {
    terminal = new PseudoTerminal(
      `bash -c 'set -m; ${commandLine(['run', 'model1']).replaceAll("'", '')}; echo back; fg'`,
      environment,
    );
    await terminal.shows('>>> ');
    terminal.type('how are');
    await terminal.shows('how are');
    terminal.type(keys.suspend);
    await terminal.shows(/\nback\n[\s\S]*>>> how are$/);
    await say(' you?', 'I am fine.');
  });

  it('sends nothing but text to a dumb terminal', async () => {
    terminal = new PseudoTerminal(commandLine(['run', 'model1']), { ...environment, TERM: 'dumb' });
    await terminal.shows('>>> ');
    terminal.type(`how are you?${keys.enter}`);
    await terminal.shows(/I am fine\.\n+>>> $/);
    terminal.type(`/bye${keys.enter}`);
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.raw).not.toContain('\u001B');
  });

  it('saves itself as a model', async () => {
    await chat();
    await say('/set system Be brief.', 'is set');
    await say('how are you?', 'I am fine.');
    await say('/save brief', 'rkllama run brief');
    const { stdout } = await rkllama(['show', 'brief', '--modelfile'], { environment });
    expect(stdout).toContain('SYSTEM Be brief.');
    expect(stdout).toContain('MESSAGE assistant I am fine.');
    expect((await rkllama(['rm', 'brief'], { environment })).code).toBe(0);
  });

  it('remembers what was typed, in this chat and in the next', async () => {
    await chat();
    await say('how are you?', 'I am fine.');
    terminal.type('/bye\r');
    expect(await terminal.exitCode()).toBe(0);
    const history = await readFile(join(folder, 'state/rkllama/history'), 'utf8');
    expect(history).toBe('how are you?\n/bye\n');
    await chat();
    terminal.type(keys.up + keys.up);
    await terminal.shows('>>> how are you?');
  });

  it('keeps nothing with --no-history', async () => {
    await chat('--no-history');
    await say('how are you?', 'I am fine.');
    await expect(readFile(join(folder, 'state/rkllama/history'))).rejects.toThrow('ENOENT');
  });

  it('lets no model steer the terminal', async () => {
    await chat();
    await say('steer', 'a[2Jb\n');
    expect(terminal.raw).not.toContain('\u001B[2J');
    expect(terminal.raw).not.toContain('\u0007');
  });

  it('ends at once when there is no such model', async () => {
    terminal = new PseudoTerminal(commandLine(['run', 'nosuch']), environment);
    expect(await terminal.exitCode()).toBe(4);
    expect(terminal.text).toContain('rkllama list');
  });
});

describe('one question', () => {
  it('ends with 130 on Ctrl-C, and the generation with it', async () => {
    terminal = new PseudoTerminal(commandLine(['run', 'model1', 'Go on for ever']), environment);
    await terminal.shows('on and on');
    terminal.type(keys.interrupt);
    expect(await terminal.exitCode()).toBe(130);
    const after = await rkllama(['run', 'model1', 'how are you?'], { environment });
    expect(after.stdout).toBe('I am fine.\n');
  });
});
