import { describe, expect, it } from 'vitest';
import type { PullEvent } from '../../../src/cli/api/pulls.ts';
import { viewOf } from '../../../src/cli/pull/view.ts';
import { Terminal } from '../../../src/cli/terminal/terminal.ts';

/** What is written where no terminal is. */
function shown(events: readonly PullEvent[], isJson = false): { stdout: string; stderr: string } {
  const written = { stdout: '', stderr: '' };
  const pipe = (name: 'stdout' | 'stderr'): NodeJS.WriteStream =>
    Object.create(process[name], {
      isTTY: { value: false },
      write: {
        value: (text: string) => {
          written[name] += text;
        },
      },
    });
  const streams = { stdin: process.stdin, stdout: pipe('stdout'), stderr: pipe('stderr') };
  const out = new Terminal(streams, {});
  if (isJson) out.useJson();
  const view = viewOf(out);
  for (const event of events) view.show(event);
  return written;
}

const size = 4_000_000_000;
const progress = (share: number): PullEvent => ({
  event: 'progress',
  file: 'm.rkllm',
  received_bytes: size * share,
  size_bytes: size,
  bytes_per_second: 11_000_000,
  seconds_left: (size * (1 - share)) / 11_000_000,
});
const events: PullEvent[] = [
  { event: 'pull', id: 'm/m.rkllm', reference: 'hf/u/r/m.rkllm', file: 'm.rkllm' },
  { event: 'start', file: 'm.rkllm', size_bytes: size, resumed_bytes: 0 },
  ...Array.from({ length: 1001 }, (_, index) => progress(index / 1000)),
  { event: 'waiting' },
  { event: 'verifying', file: 'm.rkllm' },
  { event: 'done', name: 'm' },
];

describe('a pull where no terminal is', () => {
  it('has a line for every tenth, and not for every event', () => {
    const lines = shown(events).stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe('Downloading m.rkllm (4.0 GB)');
    expect(lines[6]).toBe('50 %, 2.0 GB of 4.0 GB, 11.0 MB/s, 3 min 2 s left');
    expect(lines.slice(-2)).toEqual([
      'Verifying m.rkllm',
      'm is on the board. Ask it something: rkllama run m',
    ]);
  });

  it('says where a download goes on', () => {
    const { stderr } = shown([
      { event: 'start', file: 'm.rkllm', size_bytes: size, resumed_bytes: 2_000_000_000 },
      progress(0.5),
    ]);
    expect(stderr).toBe(
      'Downloading m.rkllm (4.0 GB), going on after 2.0 GB\n' +
        '50 %, 2.0 GB of 4.0 GB, 11.0 MB/s, 3 min 2 s left\n',
    );
  });

  it('has all events for programs', () => {
    const { stdout, stderr } = shown(events, true);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
  });
});
