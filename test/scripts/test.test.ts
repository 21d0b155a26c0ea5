import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/test', import.meta.url));

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(script, args, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

describe('scripts/test', () => {
  it.each(['--help', '-h'])('%s says how it is used, and checks nothing', async (flag) => {
    const { code, stdout, stderr } = await run('test/config', flag);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^scripts\/test \[PATH \.\.\.\]/);
    expect(stdout).not.toMatch(/passed/);
  });

  it.each([
    ['an option that vitest has not', '--nonsense', /Unknown option `--nonsense`/],
    ['a path without tests', 'test/no-such-folder', /no test files for: test\/no-such-folder/],
  ])('refuses %s at once', async (_, arg, words) => {
    const { code, stdout, stderr } = await run(arg);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('scripts/test --help');
  });
});
