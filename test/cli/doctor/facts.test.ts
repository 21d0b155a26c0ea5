import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client } from '../../../src/cli/client/client.ts';
import { gatherFacts } from '../../../src/cli/doctor/facts.ts';
import { CliError } from '../../../src/cli/failure.ts';
import { rk3588 } from '../../board/fixtures/boards.ts';
import { fixture, type Tree } from '../../board/fixtures/tree.ts';

const packaged: Tree = {
  ...rk3588,
  'etc/passwd': 'rkllama:x:990:980:rkllamad:/var/lib/rkllamad:/usr/sbin/nologin\n',
  'etc/group': 'video:x:44:\nrender:x:105:rkllama\n',
  'proc/41/fd/3': { link: '/dev/dri/card0' },
  'proc/41/comm': 'llm_demo\n',
};

const nobody = async () => {
  throw new CliError('unreachable', 'The daemon does not answer.');
};

async function gather(
  tree: Tree,
  environment: NodeJS.ProcessEnv = {},
  client: () => Promise<Client> = nobody,
) {
  const all = { RKLLAMA_CONFIG: '/dev/null', RKLLM_LIB: '/nowhere.so', ...environment };
  return gatherFacts({ environment: all, client }, await fixture(tree));
}

describe('the facts', () => {
  it('of a board come from its files, with no daemon', async () => {
    expect(await gather(packaged)).toMatchObject({
      board: { npu: { platform: 'RK3588', present: true } },
      user: { name: 'rkllama', uid: 990, groups: expect.arrayContaining([980, 105]) },
      runtime: { library: null, reason: expect.stringMatching(/nowhere\.so cannot be read/) },
      holders: { programs: [{ pid: 41, name: 'llm_demo' }] },
      health: null,
      status: null,
    });
  });

  it('tell a daemon that starts from another program on its port', async () => {
    const server = createHttpServer((_request, response) => {
      response.writeHead(503).end('{"status":"starting","reason":"It starts."}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const url = new URL(`http://127.0.0.1:${port}`);
    const starting = async () => new Client({ type: 'tcp', url }, undefined);
    expect(await gather(rk3588, { RKLLAMA_PORT: port }, starting)).toMatchObject({
      health: null,
      notReady: 'It starts.',
      daemonPlace: url.origin,
      portIsTaken: false,
    });
  });

  it('see another program on the port', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    expect((await gather(rk3588, { RKLLAMA_PORT: port })).portIsTaken).toBe(true);
    expect((await gather(rk3588, { RKLLAMA_PORT: '1' })).portIsTaken).toBe(false);
  });

  it('tell a missing folder of models from an empty one', async () => {
    const home = await fixture({ 'models/': '' });
    expect((await gather(rk3588, { RKLLAMA_HOME: home })).modelsFolder).toMatchObject({
      state: 'present',
      freeBytes: expect.any(Number),
    });
    const gone = await gather(rk3588, { RKLLAMA_HOME: `${home}/absent` });
    expect(gone.modelsFolder).toMatchObject({ state: 'missing', writable: null });
    expect(gone.modelsFolder.freeBytes).toBeGreaterThan(0);
  });

  it('are judged for whoever asks where no package is installed', async () => {
    expect((await gather(rk3588)).user.uid).toBe(process.getuid?.());
  });
});
