import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { historyPath, InputHistory } from '../../../src/cli/chat/history.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllama-history-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('InputHistory', () => {
  it('gives the lines of earlier chats, newest first', () => {
    const path = join(folder, 'below', 'history');
    const history = new InputHistory(path);
    expect(history.load()).toEqual([]);
    history.add('one');
    history.add('  ');
    history.add('two');
    expect(new InputHistory(path).load()).toEqual(['two', 'one']);
  });

  it('is for its owner only', async () => {
    const path = join(folder, 'below', 'history');
    new InputHistory(path).add('a secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'below'))).mode & 0o777).toBe(0o700);
  });

  it('does not grow for ever', async () => {
    const path = join(folder, 'history');
    await writeFile(path, Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(''));
    expect(new InputHistory(path).load()).toHaveLength(1000);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(1001);
    expect(new InputHistory(path).load()[0]).toBe('line 4999');
  });

  it('keeps nothing without a file, and ends no chat over one that cannot be written', () => {
    const none = new InputHistory(undefined);
    none.add('x');
    expect(none.load()).toEqual([]);
    const impossible = new InputHistory('/dev/null/history');
    expect(() => impossible.add('x')).not.toThrow();
    expect(impossible.load()).toEqual([]);
  });
});

describe('historyPath', () => {
  it('follows XDG_STATE_HOME', () => {
    expect(historyPath({ XDG_STATE_HOME: '/state' })).toBe('/state/rkllama/history');
    expect(historyPath({})).toMatch(/\/\.local\/state\/rkllama\/history$/);
  });
});
