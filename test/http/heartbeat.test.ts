import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Heartbeat } from '../../src/http/heartbeat.ts';

describe('a heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('beats in silence, again and again, until it is stopped', () => {
    const beat = vi.fn();
    const heartbeat = new Heartbeat(1000, beat);
    vi.advanceTimersByTime(2500);
    expect(beat).toHaveBeenCalledTimes(2);
    heartbeat.stop();
    vi.advanceTimersByTime(5000);
    expect(beat).toHaveBeenCalledTimes(2);
  });

  it('waits anew after every sign of life', () => {
    const beat = vi.fn();
    const heartbeat = new Heartbeat(1000, beat);
    vi.advanceTimersByTime(900);
    heartbeat.refresh();
    vi.advanceTimersByTime(900);
    expect(beat).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(beat).toHaveBeenCalledTimes(1);
    heartbeat.stop();
  });
});
