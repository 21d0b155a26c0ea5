import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  collect,
  filesIn,
  megabyte,
  modelPath,
  oneModel,
  setUp,
  sha256Of,
  untilReceived,
} from './harness.ts';

/** About a second for the whole file: slow enough to meddle with. */
const slowly = ({ kind }: { kind: string }) =>
  kind === 'content' ? { bytesPerSecond: 1.2 * megabyte } : undefined;
const partialFiles = [
  'model-rk3588/model-rk3588.rkllm.partial',
  'model-rk3588/model-rk3588.rkllm.partial.json',
];

describe('one download', () => {
  it('serves all who ask for the same file, however they spell it', async () => {
    const { hub, puller } = await setUp();
    const all = await Promise.all([
      collect(puller.pull(modelPath)),
      collect(puller.pull(`hf/${modelPath}`)),
      collect(puller.pull('hf.co/user/repo')),
      collect(puller.pull(`https://huggingface.co/user/repo/blob/main/model-rk3588.rkllm`)),
    ]);
    for (const events of all) expect(events.at(-1)).toMatchObject({ type: 'done' });
    const firstRanges = hub.requests.filter(
      ({ kind, rangeStart }) => kind === 'content' && rangeStart === 0,
    );
    expect(firstRanges).toHaveLength(1);
  });

  it('tells a late listener where it stands', async () => {
    const { puller } = await setUp({ faults: slowly });
    const early = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), megabyte);
    const late = await collect(puller.pull(modelPath));
    expect(late[0]).toMatchObject({ type: 'start' });
    expect(late[1]).toMatchObject({ type: 'progress' });
    await early;
  });

  it('goes on when nobody listens any more, and stays in the list', async () => {
    const { hub, folder, puller } = await setUp({ faults: slowly });
    const leaving = new AbortController();
    const left = collect(puller.pull(modelPath, { signal: leaving.signal }));
    await untilReceived(puller.pull(modelPath), 100_000);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'client_closed_request' });
    expect(puller.pulls()).toMatchObject([
      {
        reference: 'hf/user/repo/model-rk3588.rkllm',
        state: 'running',
        sizeBytes: 3 * megabyte + 17,
      },
    ]);
    hub.setFaults(undefined);
    const events = await collect(puller.pull(modelPath));
    expect(events.at(-1)).toMatchObject({ type: 'done' });
    expect(await sha256Of(path.join(folder, 'model-rk3588', 'model-rk3588.rkllm'))).toBe(
      hub.sha256(modelPath),
    );
  });

  it('says in words that its folder was deleted', async () => {
    const { folder, puller } = await setUp({ faults: slowly });
    const pull = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), 100_000);
    const ended = expect(pull).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/^The download of model-rk3588.rkllm ended: somebody deleted/),
    });
    // The catalogue renames what it deletes, too.
    await rename(path.join(folder, 'model-rk3588'), path.join(folder, '.trash'));
    await ended;
  });

  it('does not mix two sources under one name', async () => {
    const { puller } = await setUp({
      files: { ...oneModel, 'other/repo/model-rk3588.rkllm': { sizeBytes: 100, seed: 4 } },
      faults: slowly,
    });
    await untilReceived(puller.pull(modelPath), 1);
    await expect(collect(puller.pull('other/repo/model-rk3588.rkllm'))).rejects.toMatchObject({
      code: 'model_in_use',
    });
  });

  it('is refused when too many are running', async () => {
    const { puller } = await setUp({ faults: slowly }, { tuning: { maxPulls: 1 } });
    await untilReceived(puller.pull(modelPath), 1);
    await expect(collect(puller.pull(modelPath, { name: 'second' }))).rejects.toMatchObject({
      code: 'queue_full',
    });
  });
});

describe('cancelling', () => {
  it('ends the pull for all and keeps the partial file, which the next pull resumes', async () => {
    const { hub, folder, puller } = await setUp({ faults: slowly });
    const all = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), megabyte);
    expect(await puller.cancel('user/repo')).toMatchObject({ state: 'cancelled' });
    await expect(all).rejects.toThrow(/cancelled/);
    expect(await filesIn(folder)).toEqual(partialFiles);
    expect(puller.pulls()).toMatchObject([{ state: 'cancelled' }]);

    hub.setFaults(undefined);
    const [start] = await collect(puller.pull(modelPath));
    expect(start).toMatchObject({ type: 'start', resumedBytes: expect.any(Number) });
    expect(start?.type === 'start' && start.resumedBytes).toBeGreaterThanOrEqual(megabyte);
    expect(puller.pulls()).toEqual([]);
  });

  it('deletes the partial file when told to', async () => {
    const { folder, puller } = await setUp({ faults: slowly });
    const all = collect(puller.pull(modelPath));
    all.catch(() => undefined);
    await untilReceived(puller.pull(modelPath), megabyte);
    const id = 'model-rk3588/model-rk3588.rkllm';
    expect(await puller.cancel(id, { deletePartial: true })).toMatchObject({ id });
    await expect(all).rejects.toThrow();
    expect(await filesIn(folder)).toEqual([]);
    expect(puller.pulls()).toEqual([]);
    expect(await puller.cancel(modelPath)).toBeNull();
  });
});

describe('a restart of the daemon', () => {
  it('stops transfers, lists them afterwards and resumes where they were', async () => {
    const { hub, folder, puller, restart } = await setUp({ faults: slowly });
    const all = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), 2 * megabyte);
    await Promise.all([puller.stop(), expect(all).rejects.toMatchObject({ code: 'stopping' })]);
    expect(await filesIn(folder)).toEqual(partialFiles);

    const next = await restart();
    const [left] = next.pulls();
    expect(left).toMatchObject({ state: 'interrupted', reference: `hf/${modelPath}` });
    expect(left?.receivedBytes).toBeGreaterThanOrEqual(2 * megabyte);
    hub.setFaults(undefined);
    const from = hub.requests.length;
    await collect(next.pull(left?.reference ?? ''));
    expect(await sha256Of(path.join(folder, 'model-rk3588', 'model-rk3588.rkllm'))).toBe(
      hub.sha256(modelPath),
    );
    const again = hub.requests.slice(from).filter(({ kind }) => kind === 'content');
    for (const request of again) {
      expect(request.headers['if-range']).toBe(`"${hub.sha256(modelPath)}"`);
    }
    expect(next.pulls()).toEqual([]);
  });

  it('lists what lies on a disk that comes later, and nothing that is known', async () => {
    const { folder, puller, restart } = await setUp({ faults: slowly });
    const cut = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), megabyte);
    await Promise.all([expect(cut).rejects.toThrow(), puller.stop()]);
    const partial = path.join(folder, 'model-rk3588', 'model-rk3588.rkllm.partial');
    const later = await restart({ folder: path.join(folder, 'mnt') });
    expect(later.pulls()).toEqual([]);
    await mkdir(path.join(folder, 'mnt'));
    await rename(path.join(folder, 'model-rk3588'), path.join(folder, 'mnt', 'model-rk3588'));
    const mounted = path.join(folder, 'mnt', 'model-rk3588', 'model-rk3588.rkllm.partial');
    await later.notice([partial, path.join(folder, 'mnt', 'copied.rkllm'), mounted]);
    await later.notice([mounted]);
    expect(later.pulls()).toMatchObject([
      { id: 'model-rk3588/model-rk3588.rkllm', state: 'interrupted', sizeBytes: 3 * megabyte + 17 },
    ]);
    await later.cancel('model-rk3588/model-rk3588.rkllm', { deletePartial: true });
    await later.notice([mounted]);
    expect(later.pulls()).toEqual([]);
  });

  it('begins anew when the file on the hub is another one by then', async () => {
    const { hub, folder, puller, restart } = await setUp({ faults: slowly });
    const all = collect(puller.pull(modelPath));
    await untilReceived(puller.pull(modelPath), megabyte);
    await Promise.all([puller.stop(), expect(all).rejects.toThrow()]);
    hub.setFaults(undefined);
    hub.put(modelPath, { sizeBytes: 3 * megabyte + 17, seed: 8 });
    const [start] = await collect((await restart()).pull(modelPath));
    expect(start).toMatchObject({ resumedBytes: 0 });
    expect(await sha256Of(path.join(folder, 'model-rk3588', 'model-rk3588.rkllm'))).toBe(
      hub.sha256(modelPath),
    );
  });
});
