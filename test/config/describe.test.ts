import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkConfig, explainSetting, settingsByName, showConfig } from '../../src/config/index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-config-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('showConfig', () => {
  it('has every setting with its value and where it was set', async () => {
    await writeFile(path, '[server]\nport = 9000\n');
    const { settings, file } = showConfig({ RKLLAMA_CONFIG: path, RKLLAMA_HOST: '0.0.0.0' });
    expect(file).toBe(path);
    expect(settings).toHaveLength(settingsByName.size);
    const of = (key: string) => settings.find((setting) => setting.key === key);
    expect(of('server.port')).toMatchObject({ value: 9000, where: `${path}:2` });
    expect(of('server.host')).toMatchObject({ value: '0.0.0.0', where: 'RKLLAMA_HOST' });
    expect(of('queue.limit')).toMatchObject({ value: 512, where: 'default' });
    expect(of('runtime.abi')).toMatchObject({ value: null, where: 'default' });
  });

  it('never shows a secret', () => {
    const shown = showConfig({ HF_TOKEN: 'hf_secret' });
    expect(shown.settings.find(({ key }) => key === 'hub.token')?.value).toBe('(set, not shown)');
    expect(JSON.stringify(shown)).not.toContain('hf_secret');
  });

  it('shows a mirror without the password in its address', () => {
    const shown = showConfig({ HF_ENDPOINT: 'https://me:pass@word@mirror.example/hub' });
    const endpoint = shown.settings.find(({ key }) => key === 'hub.endpoint');
    expect(endpoint?.value).toBe('https://(user)@mirror.example/hub');
    expect(JSON.stringify(shown)).not.toMatch(/pass|word/);
  });

  it.each(['ftp://me:secret@mirror.example', 'https://secret@', 'me:secret@mirror.example'])(
    'leaves the password out of what it says is wrong with %s',
    (address) => {
      const { problems } = showConfig({ RKLLAMA_HUB_ENDPOINT: address });
      expect(problems).toHaveLength(1);
      expect(JSON.stringify(problems)).not.toContain('secret');
    },
  );

  it('shows what is in force beside what is wrong', async () => {
    await writeFile(path, 'server.port = "x"\nserver.host = "::1"\n');
    const { settings, problems } = showConfig({ RKLLAMA_CONFIG: path });
    expect(problems).toHaveLength(1);
    expect(settings.find(({ key }) => key === 'server.host')?.value).toBe('::1');
  });
});

describe('checkConfig', () => {
  it('finds nothing in a file that is right, and everything in one that is not', async () => {
    await writeFile(path, 'server.port = 1\n');
    expect(checkConfig({}, path)).toEqual({ file: path, problems: [], warnings: [] });
    await writeFile(path, 'a = 1\nb = 2\n');
    expect(checkConfig({}, path).problems.map(({ source }) => source)).toEqual([
      { kind: 'file', path, line: 1 },
      { kind: 'file', path, line: 2 },
    ]);
  });
});

describe('explainSetting', () => {
  it('tells all there is to know of a setting', () => {
    expect(explainSetting('queue.limit')).toMatchObject({
      title: 'Most requests that wait for the NPU',
      expects: 'a whole number from 0 to 100000',
      fallback: 512,
      environment: ['RKLLAMA_QUEUE_LIMIT'],
      flag: 'queue-limit',
      reload: 'live',
      secret: false,
    });
  });

  it.each([
    ['queue.limt', /Did you mean queue\.limit\?/],
    ['port', /Did you mean server\.port\?/],
    ['nonsense', /rkllama config show/],
  ])('knows no %s', (key, words) => {
    expect(() => explainSetting(key)).toThrow(words);
  });
});
