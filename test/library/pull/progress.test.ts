import { describe, expect, it } from 'vitest';
import { Broadcast } from '../../../src/library/pull/broadcast.ts';
import type { PullEvent } from '../../../src/library/pull/index.ts';
import { ProgressMeter } from '../../../src/library/pull/progress.ts';

const progress = (receivedBytes: number): PullEvent => ({
  type: 'progress',
  file: 'm.rkllm',
  receivedBytes,
  sizeBytes: 100,
  bytesPerSecond: 1,
  secondsLeft: 1,
});

describe('progress', () => {
  it('is due with each whole percent and each interval, not with each chunk', () => {
    const meter = new ProgressMeter(1000, 0, 250, 0);
    const due = [
      [1, 10],
      [9, 20],
      [10, 30],
      [11, 40],
      [12, 279],
      [13, 281],
      [14, 300],
    ].map(([bytes = 0, atMs = 0]) => meter.isDue(bytes, atMs));
    expect(due).toEqual([false, false, true, false, false, true, false]);
  });

  it('knows the rate of the last seconds and the time left', () => {
    const meter = new ProgressMeter(100_000, 20_000, 250, 0);
    expect(meter.rate(20_000, 0)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
    expect(meter.rate(21_000, 1000)).toEqual({ bytesPerSecond: 1000, secondsLeft: 79 });
    for (let second = 2; second <= 20; second += 1) meter.rate(21_000, second * 1000);
    expect(meter.rate(21_000, 21_000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  });

  it('does not go negative when a download begins again', () => {
    const meter = new ProgressMeter(1000, 500, 250, 0);
    expect(meter.rate(0, 1000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  });
});

describe('the event stream', () => {
  it('keeps only the newest progress for a listener who does not keep up', async () => {
    const broadcast = new Broadcast();
    const listener = broadcast.listen();
    const first = listener.next();
    broadcast.publish(progress(1));
    await first;
    for (let bytes = 2; bytes <= 50; bytes += 1) broadcast.publish(progress(bytes));
    broadcast.publish({ type: 'verifying', file: 'm.rkllm' });
    broadcast.end({ error: null });
    const rest: PullEvent[] = [];
    for await (const event of listener) rest.push(event);
    expect(rest).toEqual([progress(50), { type: 'verifying', file: 'm.rkllm' }]);
  });

  it('throws the failure to every listener, also to one who comes after it', async () => {
    const broadcast = new Broadcast();
    const early = broadcast.listen().next();
    broadcast.end({ error: new Error('no luck') });
    await expect(early).rejects.toThrow('no luck');
    await expect(broadcast.listen().next()).rejects.toThrow('no luck');
  });
});
