import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SilenceWatch } from '../../src/engine/inactivity.ts';

const limits = { prefillMs: 10_000, prefillMsPerCharacter: 100, decodeMs: 2000 };

describe('SilenceWatch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['an empty prompt', 0, 10_000],
    ['a prompt of 50 characters', 50, 15_000],
  ])('waits for the first token as long as %s may take', (_, characters, limitMs) => {
    const onSilence = vi.fn();
    new SilenceWatch(limits, characters, onSilence);
    vi.advanceTimersByTime(limitMs - 1);
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith(limitMs / 1000);
  });

  it('waits between tokens for the shorter time, however long the answer is', () => {
    const onSilence = vi.fn();
    const silence = new SilenceWatch(limits, 1000, onSilence);
    for (let token = 0; token < 100; token++) {
      vi.advanceTimersByTime(1999);
      silence.heard();
      silence.listen();
    }
    expect(onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(onSilence).toHaveBeenCalledExactlyOnceWith(2);
  });

  it('does not take the time that a token is worked on for silence', () => {
    const onSilence = vi.fn();
    const silence = new SilenceWatch(limits, 0, onSilence);
    silence.heard();
    vi.advanceTimersByTime(3_600_000);
    silence.listen();
    vi.advanceTimersByTime(1999);
    expect(onSilence).not.toHaveBeenCalled();
  });

  it('says nothing any more after its end, and leaves no timer', () => {
    const onSilence = vi.fn();
    const silence = new SilenceWatch(limits, 0, onSilence);
    silence.heard();
    silence.listen();
    silence.end();
    vi.advanceTimersByTime(3_600_000);
    expect(onSilence).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
