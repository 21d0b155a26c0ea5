import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** `scripts/run` as its user runs it, on an empty HOME. */

// It builds the daemon and compiles the simulator.
const script = fileURLToPath(new URL('../../scripts/run', import.meta.url));

let home: string;
let children: ChildProcess[];
beforeEach(async () => {
  children = [];
  home = await mkdtemp(join(tmpdir(), 'rkllamad-run-'));
});
afterEach(async () => {
  // Only a test that failed leaves one.
  for (const child of children) child.kill('SIGTERM');
  await rm(home, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Starts it with nothing in its environment but PATH, HOME and what the test adds. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(script, args, {
    env: { PATH: process.env['PATH'], HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended, out: () => out };
}

function run(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(args, environment).ended;
}

/** Processes that live with this HOME: the daemon and its workers, whoever their parent is now. */
async function processesAtHome(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => environments[index]?.split('\0').includes(`HOME=${home}`));
}

describe('scripts/run', () => {
  it('--ask prints one generated answer and nothing else, and leaves no process behind', async () => {
    const { code, out, err } = await run(['--ask', 'Hello']);
    expect(err).toMatch(/simulator/);
    expect(out).toMatch(/^\S.*\w+.*\n$/s);
    expect(out).not.toMatch(/rkllm:|"level"|http:/);
    expect(code).toBe(0);
    expect(await processesAtHome()).toEqual([]);
    expect(await readdir(join(home, 'RKLLAMA', 'models'))).not.toContain('demo.rkllm');
  });

  it('leaves a model of that name which is not its own', async () => {
    const models = join(home, 'RKLLAMA', 'models');
    await mkdir(models, { recursive: true });
    await writeFile(join(models, 'demo.rkllm'), 'somebody put this here');
    await run(['--ask', 'Hello']);
    expect(await readFile(join(models, 'demo.rkllm'), 'utf8')).toBe('somebody put this here');
  });

  it('starts in the foreground, says what to try next, and ends on Ctrl-C', async () => {
    const { child, ended, out } = start([], { RKLLAMA_PORT: '0' });
    await expect.poll(out, { timeout: 30_000 }).toMatch(/Ctrl-C stops it/);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(out()) ?? [''];
    const listed = await fetch(`${url}/models`);
    expect(await listed.json()).toEqual({ models: ['demo.rkllm'] });
    expect(out()).toContain(`curl ${url}/load_model`);
    // Itself and the daemon: what has built it is gone.
    expect(await processesAtHome()).toHaveLength(2);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(await processesAtHome()).toEqual([]);
    expect(await readdir(join(home, 'RKLLAMA', 'models'))).not.toContain('demo.rkllm');
  });

  it('ends when its terminal closes', async () => {
    const { child, ended, out } = start([], { RKLLAMA_PORT: '0' });
    await expect.poll(out, { timeout: 30_000 }).toMatch(/Ctrl-C stops it/);
    child.kill('SIGHUP');
    expect((await ended).code).toBe(0);
    expect(await processesAtHome()).toEqual([]);
  });

  it('says which port is taken, by what variable it is chosen, and ends', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = String(typeof address === 'object' && address ? address.port : 0);
    const { code, err } = await run([], { RKLLAMA_PORT: port });
    other.close();
    expect(code).toBe(1);
    expect(err).toMatch(`RKLLAMA_PORT cannot be ${port}`);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it.each([
    ['a library that is not there', [], { RKLLM_LIB: '/nowhere/librkllmrt.so' }, /\/nowhere\/lib/],
    ['a file that is no library', [], { RKLLM_LIB: '/etc/hostname' }, /does not state a version/],
    ['a setting that cannot be', [], { RKLLAMA_PORT: 'http' }, /RKLLAMA_PORT cannot be "http"/],
    ['an option that it has not', ['--aks', 'Hello'], {}, /'--aks'/],
    ['a question without words', ['--ask'], {}, /--ask/],
  ])('refuses %s in words, without a stack', async (_, args, environment, words) => {
    const { code, out, err } = await run(args, environment);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(words);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('says how to get the C compiler that is missing', async () => {
    const { code, err } = await run(['--ask', 'Hello'], { CC: '/nonexistent/cc' });
    expect(code).toBe(1);
    expect(err).toMatch(/C compiler.*sudo apt install gcc/);
  });

  it('--help says what it does, and does nothing', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/--ask TEXT/);
    expect(out).toMatch(/RKLLAMA_HOST, RKLLAMA_PORT/);
    expect(await readdir(home)).toEqual([]);
  });
});
