import { describe, expect, it } from 'vitest';
import { PullLines } from '../../../../src/http/dialects/rkllama/pull-lines.ts';
import type { PullEvent } from '../../../../src/http/services.ts';

const start = (sizeBytes: number, file = 'm.rkllm'): PullEvent => ({
  type: 'start',
  file,
  sizeBytes,
});
const progress = (receivedBytes: number, sizeBytes: number): PullEvent => ({
  type: 'progress',
  file: 'm.rkllm',
  receivedBytes,
  sizeBytes,
});
const verifying: PullEvent = { type: 'verifying', file: 'm.rkllm' };
const done: PullEvent = { type: 'done', name: 'm' };

describe('the lines of a pull', () => {
  it.each<[string, PullEvent[], string]>([
    ['the size in MB with two decimals', [start(1_572_864)], 'Downloading m.rkllm (1.50 MB)...\n'],
    [
      'a line per whole percent, once',
      [start(1000), progress(0, 1000), progress(5, 1000), progress(10, 1000), progress(19, 1000)],
      'Downloading m.rkllm (0.00 MB)...\n0%\n1%\n',
    ],
    [
      'no percent twice when a download starts over',
      [start(100), progress(50, 100), progress(0, 100), progress(51, 100)],
      'Downloading m.rkllm (0.00 MB)...\n50%\n51%\n',
    ],
    [
      '100% when the file is verified and in place, not before',
      [start(100), progress(100, 100), verifying, done],
      'Downloading m.rkllm (0.00 MB)...\n99%\n100%\n',
    ],
    [
      'each of several files',
      [start(100, 'a'), progress(50, 100), start(100, 'b'), done],
      'Downloading a (0.00 MB)...\n50%\n100%\nDownloading b (0.00 MB)...\n100%\n',
    ],
    ['a model that was there already', [done], '100%\n'],
    [
      'an empty file',
      [start(0), progress(0, 0), done],
      'Downloading m.rkllm (0.00 MB)...\n0%\n100%\n',
    ],
  ])('tell %s', (_what, events, expected) => {
    const lines = new PullLines();
    expect(events.map((event) => lines.render(event)).join('')).toBe(expected);
  });
});
