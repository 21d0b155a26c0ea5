import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/rkllm/log-lines.ts';
import { syncLine } from '../../src/rkllm/protocol.ts';
import { WorkerOutput } from '../../src/rkllm/worker-output.ts';

describe("a worker's output", () => {
  let records: LogRecord[];
  let output: WorkerOutput;
  let stream: PassThrough;

  beforeEach(() => {
    records = [];
    output = new WorkerOutput((record) => records.push(record));
    stream = new PassThrough();
    output.read(stream);
  });

  it('is handed on as records, in order, and nothing that could be a prompt', async () => {
    stream.write('I rkllm: one\nWhat is my password?\nW rkllm: t');
    stream.write(`wo\n${syncLine(1)}\n`);
    await output.sync(1);
    expect(records.map(({ message }) => message)).toEqual(['one', 'two']);
  });

  it.each([
    ['failed to malloc npu memory, size: 4022272000', /not enough memory/],
    [
      'failed to convert handle(1020) to fd, ret: -1, errno: 24, errstr: Too many open files',
      /LimitNOFILE/,
    ],
    ['load model file error!', /load model file error/],
    ['rkllm: Getting the logits is not supported for multiple batches', /several inputs/],
    ['terminate called after throwing an instance of std::bad_alloc', /terminate called/],
    ['ggml.c:12: GGML_ASSERT(x > 0) failed', /gave up: GGML_ASSERT/],
  ])('gives the reason from a line without a prefix: %s', async (line, words) => {
    stream.write(`${line}\nE rkllm: rkllm_init failed\n${syncLine(0)}\n`);
    await output.sync(0);
    expect(output.reason()).toMatch(words);
  });

  it('is read up to the sync line of a run before the run is judged', async () => {
    let synced = false;
    const sync = output.sync(2).then(() => {
      synced = true;
    });
    stream.write(`${syncLine(1)}\nE rkllm: late\n`);
    await new Promise(setImmediate);
    expect(synced).toBe(false);
    stream.write(`${syncLine(2)}\n`);
    await sync;
    expect(output.reason()).toBe('late');
  });

  it('forgets what was before a new run', async () => {
    stream.write(`E rkllm: old\nI rkllm:  Prefill | 1.0 | 2 | 0.5 | 2\n${syncLine(1)}\n`);
    await output.sync(1);
    output.begin();
    expect(output.reason()).toBeNull();
    expect(output.logged(/old/)).toBe(false);
    expect(output.takeCounters()).toBeNull();
  });

  it('keeps what it learned of the board and the model', async () => {
    stream.write(
      'I rkllm: rkllm-runtime version: 1.3.0, rknpu driver version: 0.9.8, platform: RK3588\n',
    );
    stream.write(`${syncLine(0)}\n`);
    await output.sync(0);
    output.begin();
    expect(output.facts).toEqual({
      runtimeVersion: '1.3.0',
      driverVersion: '0.9.8',
      platform: 'RK3588',
    });
  });

  it('keeps the last lines of a flood only, and hands all of them on', async () => {
    stream.write('E rkllm: first\n');
    for (let line = 0; line < 1000; line++) stream.write(`E rkllm: line ${line}\n`);
    stream.write(`${syncLine(1)}\n`);
    await output.sync(1);
    expect(records).toHaveLength(1001);
    expect(output.logged(/^first$/)).toBe(false);
    expect(output.reason()).toBe('line 999');
  });
});
