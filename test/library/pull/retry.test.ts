import { describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../src/library/pull/failures.ts';
import { Retries, retryAfterMs, withRetries } from '../../../src/library/pull/retry.ts';

const tuning = { attempts: 3, backoffMs: 1, maxBackoffMs: 4, maxRetryAfterMs: 1000 };
const work = { what: 'The work', advice: 'Go on.' };
const { signal } = new AbortController();
const failure = new TransientFailure('the line is down');

describe('retries', () => {
  it('end after the last attempt, with the reason', async () => {
    let attempts = 0;
    const failing = withRetries(work, tuning, signal, async () => {
      attempts += 1;
      throw failure;
    });
    await expect(failing).rejects.toMatchObject({
      code: 'pull_failed',
      message: expect.stringMatching(/^The work failed: the line is down\. Go on\.$/),
    });
    expect(attempts).toBe(3);
  });

  it('do not happen for what no try will cure', async () => {
    const defect = new Error('a defect');
    await expect(new Retries(work, tuning).waitAfter(defect, signal)).rejects.toBe(defect);
  });

  it('count an outage once for all connections that it hits', async () => {
    const retries = new Retries(work, tuning);
    const hit = () =>
      Promise.all(Array.from({ length: 8 }, () => retries.waitAfter(failure, signal)));
    await hit();
    await hit();
    await expect(hit()).rejects.toMatchObject({ code: 'pull_failed' });
  });

  it('begin to count again after progress', async () => {
    const retries = new Retries(work, tuning);
    for (let round = 0; round < 5; round += 1) {
      await retries.waitAfter(failure, signal);
      retries.progressed();
    }
  });

  it('stop with the signal', async () => {
    const reason = new Error('cancelled');
    const patient = { ...tuning, backoffMs: 60_000, maxBackoffMs: 60_000 };
    const controller = new AbortController();
    const waiting = new Retries(work, patient).waitAfter(failure, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toMatchObject({ cause: reason });
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', '7', 7000],
    ['nonsense', 'soon', null],
    ['a date in the past', 'Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ])('is read as %s', (_what, value, expected) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }))).toBe(expected);
  });

  it('may be missing', () => {
    expect(retryAfterMs(new Headers())).toBeNull();
  });
});
