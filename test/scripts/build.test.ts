import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildDaemon } from '../../scripts/build.ts';

describe('the bundle', () => {
  it('holds nothing large that nobody needs: a program keeps its own text in memory', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rkllamad-bundle-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { outputs } = await buildDaemon(folder);
    const inputs = Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([path]) => path),
    );
    expect(inputs).toContain('src/daemon.ts');
    // `import { z } from 'zod'` takes the error messages of fifty languages along.
    expect(inputs.filter((path) => /locales\/(?!en|index)/.test(path))).toEqual([]);
    expect(inputs.filter((path) => path.includes('iconv-lite'))).toEqual([]);
  });
});
