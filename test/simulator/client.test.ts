import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

/** Runs a script of this repository; resolves with its output, also when it fails. */
async function run(script: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(`${root}scripts/${script}`, args, {
      env: { ...process.env, NODE: process.execPath },
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout ?? ''}${stderr ?? ''}`;
  }
}

describe('the C client', { timeout: 120_000 }, () => {
  it.each(['1.1.4', '1.2.0', '1.2.1b1', '1.2.3', '1.3.0', '1.3.1'])(
    'is content with ABI %s',
    async (abi) => {
      const output = await run('simulator-check', '--quiet', '--plain', '--abi', abi);
      expect(output).toMatch(new RegExp(`^passed ${abi} plain`, 'm'));
      expect(output).not.toContain('FAILED');
    },
  );

  it.each(['1.1.4', '1.3.1'])('finds nothing with sanitizers in ABI %s', async (abi) => {
    const output = await run('simulator-check', '--quiet', '--address', '--thread', '--abi', abi);
    expect(output).toMatch(new RegExp(`^passed ${abi} AddressSanitizer`, 'm'));
    expect(output).toMatch(new RegExp(`^passed ${abi} ThreadSanitizer`, 'm'));
  });
});

describe('scripts/simulator', () => {
  it('lists the known versions when asked for another', async () => {
    const output = await run('simulator', '--abi', '1.0.1', '--out', '/nowhere/lib.so');
    expect(output).toContain("unknown ABI version '1.0.1'");
    expect(output).toContain(
      '1.1.0 1.1.1 1.1.2 1.1.3 1.1.4 1.2.0 1.2.1b1 1.2.1 1.2.2 1.2.3 1.3.0 1.3.1',
    );
  });
});
