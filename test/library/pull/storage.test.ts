import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { checkSpace, storageFailure } from '../../../src/library/pull/storage.ts';
import { collect, filesIn, megabyte, modelPath, setUp, temporaryFolder } from './harness.ts';

const run = promisify(execFile);

describe('free space', () => {
  it('is checked before anything is written', async () => {
    const { folder, puller, hub } = await setUp({}, { freeBytes: async () => 3 * megabyte });
    await expect(collect(puller.pull(modelPath))).rejects.toMatchObject({
      code: 'insufficient_storage',
      message: expect.stringMatching(/3\.1 MB more.*3\.1 MB are free/),
    });
    expect(await filesIn(folder)).toEqual([]);
    expect(hub.requests.filter(({ kind }) => kind !== 'api')).toEqual([]);
  });

  it('keeps a reserve', () => {
    expect(() => checkSpace('x', 50, 50, 100)).not.toThrow();
    expect(() => checkSpace('x', 51, 50, 100)).toThrow(/disk/);
    expect(() => checkSpace('x', 0, 50, 0)).not.toThrow();
  });

  it('is asked only for what is still missing, beside what other pulls need', async () => {
    const { puller, restart, hub } = await setUp({
      faults: ({ kind, index }) => (kind === 'content' && index > 3 ? { status: 500 } : undefined),
    });
    await expect(collect(puller.pull(modelPath))).rejects.toThrow();
    hub.setFaults(undefined);
    const tight = await restart({ freeBytes: async () => 2.6 * megabyte });
    await expect(collect(tight.pull(modelPath, { name: 'another' }))).rejects.toMatchObject({
      code: 'insufficient_storage',
    });
    await collect(tight.pull(modelPath));
  });
});

const canMount = await run('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
  () => true,
  () => false,
);

it.each(['EROFS', 'EACCES'])('a folder that may not be written (%s) is told as such', (code) => {
  const error = Object.assign(new Error(`${code}: no, mkdir '/mnt/models/m'`), { code });
  expect(storageFailure(error, 'm.rkllm')).toMatchObject({
    code: 'pull_failed',
    message: expect.stringMatching(/m\.rkllm cannot be written: .*\/mnt\/models.*ReadWritePaths=/),
  });
});

describe.skipIf(!canMount)('a disk that fills up midway (a small tmpfs)', () => {
  it('ends the pull with a clear error and resumes when there is room', async () => {
    const { hub } = await setUp();
    const folder = await temporaryFolder();
    const driver = fileURLToPath(new URL('./driver.ts', import.meta.url));
    const job = {
      folder: path.join(folder, 'models'),
      endpoint: hub.url,
      reference: modelPath,
      // Space is not checked first, as if another process took it meanwhile.
      tuning: { reserveBytes: -1e12, pieceBytes: 512 * 1024, checkpointMs: 1e9 },
    };
    const script = `
      mkdir "$1/models" && mount -t tmpfs -o size=2m none "$1/models"
      "$2" "$3" "$4" > "$1/first"; ls "$1/models/model-rk3588" > "$1/left"
      mount -o remount,size=16m "$1/models"
      "$2" "$3" "$4" > "$1/second"; sha256sum "$1/models/model-rk3588/model-rk3588.rkllm"`;
    const { stdout } = await run('unshare', [
      ...['-rm', 'sh', '-c', script, 'sh', folder],
      ...[process.execPath, driver, JSON.stringify(job)],
    ]);
    const [first, left, second] = await Promise.all(
      ['first', 'left', 'second'].map((name) => lines(path.join(folder, name))),
    );
    expect(first?.at(-1)).toContain('"code":"insufficient_storage"');
    expect(left).toEqual(['model-rk3588.rkllm.partial', 'model-rk3588.rkllm.partial.json']);
    const resumed = /"resumedBytes":(\d+)/.exec(second?.[0] ?? '')?.[1];
    expect(Number(resumed), 'the notes got the room they needed').toBeGreaterThan(500_000);
    expect(stdout).toContain(hub.sha256(modelPath));
  });
});

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n');
}
