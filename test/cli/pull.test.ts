import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeModelFile } from '../../simulator/model-file.ts';
import { Board, simulator } from '../e2e/board.ts';
import { type Hub, startHub } from '../support/hub/index.ts';
import { keys, PseudoTerminal } from './pseudo-terminal.ts';
import { commandLine, rkllama } from './rkllama.ts';

/** `rkllama pull` and `search`, with a hub on the loopback. */

const sizeBytes = 3_000_000;
const file = 'tiny_w8a8_rk3588.rkllm';
const name = 'tiny_w8a8_rk3588';
const reference = `user/tiny-rk3588/${file}`;

let folder: string;
let hub: Hub;
let board: Board;
let environment: NodeJS.ProcessEnv;
let terminal: PseudoTerminal | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-pull-'));
  environment = { RKLLAMA_ADMIN_SOCKET: join(folder, 'admin.sock') };
  hub = await startHub({ files: { [reference]: encodeModelFile({ sizeBytes }) } });
  board = await Board.start({
    library: await simulator('1.3.1'),
    models: {},
    environment: { ...environment, RKLLAMA_HUB_ENDPOINT: hub.url },
  });
});
afterAll(async () => {
  await board.stop();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  terminal?.close();
  terminal = undefined;
  hub.setFaults(undefined);
  await rkllama(['rm', name], { environment });
  await rm(join(board.modelsFolder, name), { recursive: true, force: true });
});

/** Makes a download last long enough to be looked at. */
function slowly(bytesPerSecond: number): void {
  hub.setFaults(({ kind }) => (kind === 'api' ? undefined : { bytesPerSecond }));
}

async function pulls(): Promise<{ state: string }[]> {
  const { stdout } = await rkllama(['status', '--json'], { environment });
  return JSON.parse(stdout).pulls;
}

describe('pull', () => {
  it('tells its progress in a few lines where there is no terminal', async () => {
    const { code, stdout, stderr } = await rkllama(['pull', reference], { environment });
    expect([code, stdout]).toEqual([0, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toBe(`Downloading ${file} (3.0 MB)`);
    expect(lines.at(-1)).toBe(`${name} is on the board. Ask it something: rkllama run ${name}`);
    expect(lines.length).toBeLessThan(20);
    expect(stderr).not.toContain('\r');
    expect(await board.models()).toMatchObject({ models: [name] });
  });

  it('is lines of JSON for programs', async () => {
    const { code, stdout } = await rkllama(['pull', reference, '--json'], { environment });
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'pull', file });
    expect(events.at(-1)).toMatchObject({ event: 'done', name });
    expect(events.find(({ event }) => event === 'start')).toMatchObject({ size_bytes: sizeBytes });
  });

  it('works over the network, where nobody may administrate without a key', async () => {
    const { code, stderr } = await rkllama(['pull', reference, '--host', board.url]);
    expect(code).toBe(0);
    expect(stderr).toContain(`Downloading ${file} (3.0 MB)`);
    expect(stderr).toContain('is on the board');
    const named = await rkllama(['pull', reference, '--name', 'x', '--host', board.url]);
    expect(named.code).toBe(5);
  });

  it('says what is wrong with a name', async () => {
    const { code, stderr } = await rkllama(['pull', 'llama3'], { environment });
    expect(code).toBe(1);
    expect(stderr).toContain('user/repo/file.rkllm');
    const nameless = await rkllama(['pull', ''], { environment });
    expect(nameless.code).toBe(1);
    expect(nameless.stderr).toMatch(
      /^Error: "" is not a model reference: it is empty\. Write user/,
    );
  });

  it('is in the status until it is done, with the reason when it failed', async () => {
    hub.setFaults(({ kind }) => (kind === 'api' ? undefined : { corrupt: true }));
    const pull = ['pull', reference, '--name', 'mine'];
    expect((await rkllama(pull, { environment })).code).toBe(1);
    const failed = (await rkllama(['status'], { environment })).stdout.replaceAll(/\s+/g, ' ');
    expect(failed).toContain(`Download: mine/${file} (failed, 100 % of 3.0 MB): ${file} arrived`);
    expect(failed).toContain(`Try again: rkllama pull hf/${reference} --name mine`);
    hub.setFaults(undefined);
    expect((await rkllama(pull, { environment })).code).toBe(0);
    expect((await rkllama(['status'], { environment })).stdout).not.toContain('Download:');
    await rkllama(['rm', 'mine'], { environment });
  });

  it('draws a bar with rate and time left on a terminal', async () => {
    slowly(1_500_000);
    terminal = new PseudoTerminal(commandLine(['pull', reference]), environment);
    await terminal.shows(/▕[█▏▎▍▌▋▊▉ ]+▏ +\d+ % {2}[\d.]+ MB of 3\.0 MB .*\/s .* left/);
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).toContain('is on the board');
    for (const line of terminal.text.split(/[\r\n]/)) expect(line.length).toBeLessThan(90);
  });

  it('draws nothing with NO_COLOR', async () => {
    terminal = new PseudoTerminal(commandLine(['pull', reference]), {
      ...environment,
      NO_COLOR: '1',
    });
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).toContain(`Downloading ${file}`);
    expect(terminal.raw).not.toContain('▕');
    expect(terminal.raw).not.toContain('\u001B[');
  });

  it('asks on Ctrl-C, goes on, and cancels; the next pull goes on where it was', async () => {
    slowly(250_000);
    terminal = new PseudoTerminal(commandLine(['pull', reference]), environment);
    await terminal.shows(/\d+ % {2}1\.\d MB/);
    terminal.type(keys.interrupt);
    await terminal.shows('go on watching (g)?');
    terminal.forget();
    terminal.type(`g${keys.enter}`);
    await terminal.shows(/% {2}[\d.]+ MB of/);
    terminal.type(keys.interrupt);
    await terminal.shows('go on watching (g)?');
    terminal.type(`c${keys.enter}`);
    expect(await terminal.exitCode()).toBe(130);
    expect(await pulls()).toMatchObject([{ state: 'cancelled' }]);
    expect((await rkllama(['status'], { environment })).stdout).not.toContain('Download:');
    hub.setFaults(undefined);
    const again = await rkllama(['pull', reference], { environment });
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/going on after [12]\.\d MB/);
  });

  it('leaves the download to the board when nobody watches any more', async () => {
    slowly(300_000);
    terminal = new PseudoTerminal(commandLine(['pull', reference]), environment);
    await terminal.shows(/\d+ % {2}[\d.]+ MB/);
    terminal.type(keys.interrupt);
    await terminal.shows('go on watching (g)?');
    terminal.type(keys.enter);
    expect(await terminal.exitCode()).toBe(130);
    expect(terminal.text).toContain('The board goes on downloading.');
    expect(await pulls()).toMatchObject([{ state: 'running' }]);
    await expect.poll(() => board.models(), { timeout: 40_000 }).toMatchObject({ models: [name] });
    expect(await readdir(join(board.modelsFolder, name))).toContain(file);
  });
});

describe('rm', () => {
  it('asks on a terminal', async () => {
    expect((await rkllama(['pull', reference], { environment })).code).toBe(0);
    for (const [answer, code] of [
      ['n', 1],
      ['', 1],
      ['y', 0],
    ] as const) {
      terminal = new PseudoTerminal(commandLine(['rm', name]), environment);
      await terminal.shows(`Delete ${name} from disk? [y/N]`);
      terminal.type(`${answer}${keys.enter}`);
      expect(await terminal.exitCode()).toBe(code);
    }
    expect(await board.models()).toEqual({ models: [] });
  });

  it.each(['interrupt', 'end'] as const)(
    'deletes nothing at %s, and begins a new line',
    async (key) => {
      terminal = new PseudoTerminal(commandLine(['rm', 'some-model']), environment);
      await terminal.shows('from disk? [y/N]');
      terminal.type(keys[key]);
      expect(await terminal.exitCode()).toBe(1);
      expect(terminal.text).toMatch(/\[y\/N\] \nError: Nothing was deleted\.\n/);
    },
  );
});

describe('search', () => {
  it('finds what fits this board', async () => {
    const { code, stdout, stderr } = await rkllama(['search', 'tiny', '--all'], { environment });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${reference} +3\\.0 MB +RK3588 `, 'm'));
    expect(stderr).toContain(`rkllama pull ${reference}`);
    const none = await rkllama(['search', 'nothing-like-it', '--json'], { environment });
    expect(JSON.parse(none.stdout)).toEqual({ results: [] });
  });
});
