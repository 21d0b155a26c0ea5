import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInstallation } from '../../src/cli/installation.ts';
import { fixture } from '../board/fixtures/tree.ts';

const none = { RKLLAMA_CONFIG: '/dev/null' };
const packaged = {
  'etc/passwd': 'rkllama:x:990:980:rkllamad:/var/lib/rkllamad:/usr/sbin/nologin\n',
};

describe('the installation of this machine', () => {
  it("is in the service's home, whoever asks", async () => {
    expect(await readInstallation(none, await fixture(packaged))).toMatchObject({
      home: '/var/lib/rkllamad/RKLLAMA',
      models: '/var/lib/rkllamad/RKLLAMA/models',
      keysFile: '/var/lib/rkllamad/RKLLAMA/keys.json',
      account: { uid: 990 },
    });
  });

  it("is in one's own home without the package", async () => {
    expect(await readInstallation(none, await fixture({}))).toMatchObject({
      home: join(homedir(), 'RKLLAMA'),
      account: null,
    });
  });

  it('is where the configuration says', async () => {
    const environment = { ...none, RKLLAMA_HOME: '/srv/rk', RKLLAMA_MODELS: '/mnt/nvme' };
    expect(await readInstallation(environment, await fixture(packaged))).toMatchObject({
      home: '/srv/rk',
      models: '/mnt/nvme',
      keysFile: '/srv/rk/keys.json',
    });
  });

  it("takes the service's variables, and this shell's before them", async () => {
    const root = await fixture({
      ...packaged,
      'etc/default/rkllamad': '# moved\nRKLLAMA_HOME="/srv/rk"\nRKLLAMA_PORT=8081\n',
    });
    const { home, config } = await readInstallation({ ...none, RKLLAMA_PORT: '8082' }, root);
    expect([home, config.port]).toEqual(['/srv/rk', 8082]);
  });

  it('is known with a configuration that cannot be used, too, and so is what is wrong', async () => {
    const environment = { ...none, RKLLAMA_PORT: 'eighty' };
    const { config, problems, home } = await readInstallation(environment, await fixture(packaged));
    expect(problems[0]?.message).toMatch(/RKLLAMA_PORT/);
    expect(config.port).toBe(8080);
    expect(home).toBe('/var/lib/rkllamad/RKLLAMA');
  });
});
