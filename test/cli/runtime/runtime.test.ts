import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntime } from '../../../src/rkllm/index.ts';
import { buildSimulator, temporaryFolder } from '../../e2e/board.ts';
import { rkllama } from '../rkllama.ts';

let libraries: string;
let home: string;
beforeAll(async () => {
  libraries = await temporaryFolder();
  home = await temporaryFolder();
  await Promise.all(['1.2.3', '1.3.1'].map((version) => buildSimulator(version, libraries)));
});
afterAll(() =>
  Promise.all([
    rm(libraries, { recursive: true, force: true }),
    rm(home, { recursive: true, force: true }),
  ]),
);

const file = (version: string) => join(libraries, `librkllmrt-${version}.so`);
const runtime = (...args: string[]) =>
  rkllama(['runtime', ...args], { environment: { RKLLAMA_HOME: home, RKLLAMA_PORT: '1' } });

/** In this order: each goes on from what the one before left. */
describe('rkllama runtime', () => {
  it('refuses a file that nobody vouches for', async () => {
    const { code, stderr } = await runtime('install', '--file', file('1.2.3'));
    expect(stderr).toMatch(/says that it is version 1\.2\.3, but it is not.*--unverified/);
    expect(code).toBe(1);
  });

  it('installs a file that its user vouches for, and uses it, as nothing else is there', async () => {
    const outcome = await runtime('install', '--file', file('1.2.3'), '--unverified');
    expect(outcome.stdout).toMatch(/^Installed the simulator of 1\.2\.3, which is no NPU, as /);
    expect(outcome.stdout).toMatch(/^Not verified: nobody vouches for this file\.$/m);
    expect(outcome.stdout).toMatch(/^It is the one in use\.$/m);
    expect(outcome.code).toBe(0);
    expect(await findRuntime({ home })).toMatchObject({ version: '1.2.3', simulator: true });
  });

  it('changes to a better one that comes, as long as nobody chose', async () => {
    await runtime('install', '--file', file('1.3.1'), '--unverified');
    expect(await findRuntime({ home })).toMatchObject({ version: '1.3.1' });
  });

  it('lists both beside all that there are', async () => {
    const { stdout, stderr } = await runtime('list');
    expect(stdout).toMatch(/^1\.3\.1 +in use \(auto\) /m);
    expect(stdout).toMatch(/^1\.2\.3 +installed +- +git blob id$/m);
    expect(stdout).toMatch(/^1\.1\.4 +- +- +SHA-256, git blob id$/m);
    expect(stderr).toMatch(/simulator, not an NPU/);
    const document = JSON.parse((await runtime('list', '--json')).stdout);
    expect(document).toMatchObject({
      folder: join(home, 'runtime'),
      in_use: { version: '1.3.1', simulator: true, chosen: 'auto' },
      best: '1.3.1',
    });
    expect(document.versions).toHaveLength(12);
  });

  it('keeps to a choice, also when a better one comes', async () => {
    expect((await runtime('use', '1.2.3')).stdout).toMatch(/^Runtime 1\.2\.3 is chosen\.$/m);
    const { stdout } = await runtime('install', '--file', file('1.3.1'), '--unverified');
    expect(stdout).toMatch(/In use is 1\.2\.3\. To change: sudo rkllama runtime use 1\.3\.1/);
    expect(await findRuntime({ home })).toMatchObject({ version: '1.2.3' });
    expect(await readFile(join(home, 'runtime/selected'), 'utf8')).toBe('1.2.3\n');
  });

  it('chooses by itself again', async () => {
    expect((await runtime('use', 'auto')).stdout).toMatch(/1\.3\.1 is chosen for these models/);
    expect(await readFile(join(home, 'runtime/selected'), 'utf8')).toBe('1.3.1 auto\n');
  });

  it.each([
    [['use', '1.3.0'], 4, /1\.3\.0 is not installed\.\n.*runtime install 1\.3\.0/],
    [['use', 'nonsense'], 4, /no release nonsense.*\n.*1\.3\.1/],
    [['install', '1.3.0', '--file', '/x.so'], 2, /without VERSION/],
    [['install', '4.5.6'], 4, /no release 4\.5\.6.*\n.*1\.3\.1/],
    [['install', '--file', '/nowhere.so'], 4, /no \/nowhere\.so/],
    [['install', '--file', '/usr'], 1, /^Error: \/usr is no file/],
    [['install', '--unverified'], 2, /--file PATH --unverified/],
  ])('%j ends with %i and words', async (args, code, words) => {
    const outcome = await runtime(...args);
    expect(outcome.stderr).toMatch(words);
    expect(outcome.code).toBe(code);
  });

  it.skipIf(process.arch === 'arm64')(
    'fetches nothing for a machine that is no board',
    async () => {
      const { code, stderr } = await runtime('install', '1.3.1');
      expect(stderr).toMatch(/is Rockchip's, under the licence in its repository/);
      expect(stderr).toMatch(/for arm64 boards, and this machine is x64/);
      expect(stderr).not.toMatch(/Fetching/);
      expect(code).toBe(1);
    },
  );

  it('mends a choice that cannot be read', async () => {
    await writeFile(join(home, 'runtime/selected'), 'nonsense');
    expect((await runtime('list')).stderr).toMatch(/No runtime is in use\. .*use auto/);
    expect((await runtime('use', 'auto')).code).toBe(0);
    expect(await findRuntime({ home })).toMatchObject({ version: '1.3.1' });
  });
});
