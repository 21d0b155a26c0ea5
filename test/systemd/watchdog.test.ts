import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWatchdog, withPatience } from '../../src/systemd/index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('startWatchdog', () => {
  function watchdog() {
    const parts = { feed: vi.fn(), check: vi.fn(), warn: vi.fn() };
    return { ...parts, stop: startWatchdog({ limitMs: 30_000, ...parts }) };
  }

  it('feeds at once, and often enough that one feeding may fail to come', () => {
    const { feed, stop } = watchdog();
    expect(feed).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(30_000);
    expect(feed.mock.calls.length).toBeGreaterThanOrEqual(3);
    stop();
    feed.mockClear();
    vi.advanceTimersByTime(60_000);
    expect(feed).not.toHaveBeenCalled();
  });

  it('does not feed while the work cannot be done, says why once, and feeds again after it', () => {
    const { feed, check, warn, stop } = watchdog();
    const reason = new Error('a worker does not end');
    check.mockImplementation(() => {
      throw reason;
    });
    feed.mockClear();
    vi.advanceTimersByTime(60_000);
    expect(feed).not.toHaveBeenCalled();
    expect(warn.mock.calls).toEqual([[reason]]);
    check.mockReset();
    vi.advanceTimersByTime(10_000);
    expect(feed).toHaveBeenCalledTimes(1);
    stop();
  });
});

describe('withPatience', () => {
  it('asks for more time while the work goes on, and not for ever', async () => {
    const extend = vi.fn();
    const work = Promise.withResolvers<string>();
    const result = withPatience(work.promise, { extend, limitMs: 20_000 });
    expect(extend).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(extend).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(extend).toHaveBeenCalledTimes(4);
    work.resolve('done');
    expect(await result).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks no more when the work has failed', async () => {
    const extend = vi.fn();
    const failed = withPatience(Promise.reject(new Error('no')), { extend, limitMs: 20_000 });
    await expect(failed).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });
});
