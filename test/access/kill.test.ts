import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ApiKeys } from '../../src/access/index.ts';

const silent = { info: () => undefined, error: () => undefined };
const maker = `
  import { ApiKeys } from ${JSON.stringify(new URL('../../src/access/index.ts', import.meta.url).href)};
  const keys = new ApiKeys(process.env.KEYS, { info() {}, error: console.error });
  await keys.load();
  for (let index = 0; ; index++) {
    const { secret } = await keys.add(process.env.RUN + ' ' + index, 'inference');
    process.stdout.write(secret + '\\n');
  }
`;

it('keeps every key that it has ever handed out, whenever the daemon is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rkllamad-keys-'));
  const path = join(folder, 'keys.json');
  try {
    const handedOut: string[] = [];
    for (let run = 0; run < 8; run++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', maker], {
        env: { KEYS: path, RUN: `run ${run}` },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        // Somewhere in the middle of the next one.
        if (text.split('\n').length > 2 + run) setTimeout(() => child.kill('SIGKILL'), run % 4);
      });
      await once(child, 'close');
      handedOut.push(...text.split('\n').slice(0, -1));
    }
    const keys = new ApiKeys(path, silent);
    await keys.load();
    expect(handedOut.length).toBeGreaterThan(30);
    for (const secret of handedOut) expect(keys.identify(secret)).not.toBeNull();
    await keys.settled();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
