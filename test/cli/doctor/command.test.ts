import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board, simulator, temporaryFolder } from '../../e2e/board.ts';
import { rkllama } from '../rkllama.ts';

const library = await simulator('1.3.1');
let home: string;
beforeAll(async () => {
  home = await temporaryFolder();
});
afterAll(() => rm(home, { recursive: true, force: true }));

const doctor = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
  rkllama(['doctor', ...args], {
    environment: { HOME: home, RKLLM_LIB: library, RKLLAMA_PORT: '1', ...environment },
  });

describe('rkllama doctor', () => {
  it('examines a machine without a daemon, and fails where something does', async () => {
    const { code, stdout } = await doctor([], { RKLLM_LIB: '/nowhere/librkllmrt.so' });
    expect(stdout).toMatch(/^fail +runtime +The runtime library \/nowhere\/librkllmrt\.so cannot/m);
    expect(stdout).toMatch(/^ +-> sudo rkllama runtime install$/m);
    expect(stdout).toMatch(/\d+ fine, \d+ to look at, \d+ to mend, \d+ unknown\.$/m);
    expect(code).toBe(1);
  });

  it('says that the simulator answers, for which nothing of the board is needed', async () => {
    const { code, stdout } = await doctor(['--json']);
    const { ok, simulator, checks } = JSON.parse(stdout);
    expect({ ok, simulator, code }).toEqual({ ok: true, simulator: true, code: 0 });
    for (const check of checks) {
      expect(check).toEqual({
        id: expect.any(String),
        title: expect.any(String),
        verdict: expect.stringMatching(/^(ok|warn|skipped)$/),
        words: expect.any(String),
        remedy: check.verdict === 'warn' ? expect.any(String) : check.remedy,
      });
    }
  });

  it('tells what is wrong in the configuration and goes on', async () => {
    const { code, stdout } = await doctor([], { RKLLAMA_QUEUE_LIMIT: 'many' });
    expect(stdout).toMatch(/^fail +config +RKLLAMA_QUEUE_LIMIT cannot be "many"/m);
    expect(stdout).toMatch(/^\w+ +runtime /m);
    expect(code).toBe(1);
  });

  it('writes a report without secrets, for its owner to read first', async () => {
    const path = join(home, 'report.md');
    const token = 'hf_abcdefghijklmnop';
    const secrets = { RKLLAMA_HUB_TOKEN: token, RKLLAMA_HOST: '192.168.7.9' };
    const { stderr } = await doctor(['--report', path], secrets);
    const report = await readFile(path, 'utf8');
    expect(report).toMatch(/^- runtime: 1\.3\.1 \(the simulator, not an NPU\)$/m);
    expect(report).toMatch(/^- settings: .*server\.host is set.*hub\.token is set/m);
    expect(report).toMatch(/^- \*\*ok\*\* memory: /m);
    for (const secret of [token, '192.168.7.9']) expect(report).not.toContain(secret);
    if (hostname() !== 'localhost') expect(report).not.toContain(hostname());
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(stderr).toMatch(/report\.md/);
  });

  it('says that a report cannot be written there', async () => {
    const { code, stderr } = await rkllama(['doctor', '--report', '/nonexistent/report.md']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /cannot be written to \/nonexistent\/report\.md: there is no such folder/,
    );
  });

  it('writes the report to stdout, and nothing else there', async () => {
    expect((await doctor(['--report', '-'])).stdout).toMatch(/^# rkllama doctor\n/);
  });

  it('sees that keys protect a board on the network', async () => {
    const open = { RKLLAMA_HOST: '0.0.0.0' };
    expect((await doctor([], open)).stdout).toMatch(
      /^warn +exposure .*everybody there may use it/m,
    );
    await mkdir(join(home, 'RKLLAMA'), { recursive: true });
    await writeFile(join(home, 'RKLLAMA/keys.json'), '{}');
    expect((await doctor([], open)).stdout).toMatch(/^ok +exposure .*asks for API keys/m);
  });
});

describe('beside a running daemon', () => {
  let board: Board;
  beforeAll(async () => {
    board = await Board.start({
      library,
      models: { 'demo.rkllm': {}, 'other.rkllm': { toolkitVersion: '9.0.0' } },
    });
  });
  afterAll(() => board.stop());

  it('knows the port as its own, and judges the models', async () => {
    const { stdout } = await doctor([], {
      HOME: board.home,
      RKLLAMA_PORT: new URL(board.url).port,
    });
    expect(stdout).toMatch(/^ok +port +The daemon answers on port \d+/m);
    expect(stdout).toMatch(/^ok +service +A daemon answers that systemd did not start/m);
    expect(stdout).toMatch(/^warn +models +1 of 2 cannot be loaded\. other\.rkllm: .*9\.0\.0/m);
  });

  it('judges the runtime that the daemon has loaded, whatever this shell would', async () => {
    const { stdout } = await doctor(['--json'], {
      HOME: board.home,
      RKLLM_LIB: '/nowhere/librkllmrt.so',
      RKLLAMA_ADMIN_SOCKET: join(board.home, 'RKLLAMA/admin.sock'),
    });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, simulator: true });
  });
});
