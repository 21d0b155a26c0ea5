import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, defaultSocket } from '../../../src/cli/client/address.ts';
import { CliError } from '../../../src/cli/failure.ts';
import { serviceAdminSocket } from '../../../src/config/index.ts';

/** No socket of the machine that the tests run on. */
const settings = { adminSocket: '/nonexistent/admin.sock' };

function urlOf(host: string | undefined, environment: NodeJS.ProcessEnv = {}): string {
  const address = addressOf(host === undefined ? {} : { host }, environment, settings);
  return address.type === 'tcp' ? address.url.origin : address.path;
}

describe('--host', () => {
  it.each([
    ['board', 'http://board:8080'],
    ['board:9000', 'http://board:9000'],
    ['192.168.1.5', 'http://192.168.1.5:8080'],
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    ['0.0.0.0:9000', 'http://127.0.0.1:9000'],
    ['::', 'http://[::1]:8080'],
    ['::1', 'http://[::1]:8080'],
    ['fe80::1', 'http://[fe80::1]:8080'],
    ['[::1]:9000', 'http://[::1]:9000'],
    ['http://board', 'http://board'],
    ['http://board:9000/', 'http://board:9000'],
    ['https://models.example', 'https://models.example'],
    ['board:80', 'http://board'],
  ])('%s is %s', (host, url) => expect(urlOf(host)).toBe(url));

  it.each(['a b', 'http://', 'ftp://board', ':8080', 'http://board/models', 'board?x'])(
    'refuses %s in words',
    (host) => {
      expect(() => urlOf(host)).toThrow(CliError);
      expect(() => urlOf(host)).toThrow(`--host cannot be "${host}"`);
    },
  );

  it('counts before the environment', () => {
    const environment = { RKLLAMA_HOST: 'other:1', RKLLAMA_ADMIN_SOCKET: '/run/a.sock' };
    expect(urlOf('board', environment)).toBe('http://board:8080');
  });
});

describe('RKLLAMA_HOST', () => {
  it.each([
    ['board', 'http://board:8080'],
    ['localhost:9000', 'http://localhost:9000'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    [' ', 'http://127.0.0.1:8080'],
  ])('%s is %s', (host, url) => expect(urlOf(undefined, { RKLLAMA_HOST: host })).toBe(url));

  it('takes the port from the configuration', () => {
    const address = addressOf({}, { RKLLAMA_HOST: '0.0.0.0' }, { ...settings, port: 11434 });
    expect(address).toMatchObject({ url: new URL('http://127.0.0.1:11434') });
  });
});

describe('the admin socket', () => {
  let folder: string;
  let adminSocket: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rkllama-address-'));
    adminSocket = join(folder, 'admin.sock');
    await writeFile(adminSocket, '');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is asked where it is there, with TCP to fall back to', () => {
    const otherwise = new URL('http://127.0.0.1:8080');
    expect(addressOf({}, {}, { adminSocket })).toEqual({
      type: 'socket',
      path: adminSocket,
      otherwise,
    });
  });

  it('is asked when RKLLAMA_HOST is what the daemon here listens on', () => {
    for (const host of ['0.0.0.0', '::', 'localhost', '127.0.0.1']) {
      expect(addressOf({}, { RKLLAMA_HOST: host }, { adminSocket }).type).toBe('socket');
    }
    expect(addressOf({}, { RKLLAMA_HOST: 'board' }, { adminSocket }).type).toBe('tcp');
  });

  it('is asked when it was named, whether it is there or not', () => {
    const environment = { RKLLAMA_ADMIN_SOCKET: '/nonexistent/a.sock', RKLLAMA_HOST: 'board' };
    expect(addressOf({}, environment, settings)).toMatchObject({ path: '/nonexistent/a.sock' });
  });

  it('is looked for where the daemon of a service opens it', () => {
    expect(defaultSocket).toBe(serviceAdminSocket);
  });

  it('is the one in the folder of the appliance where there is no service, unless one is named', () => {
    const homeSocket = adminSocket;
    expect(addressOf({}, {}, { homeSocket })).toMatchObject({ path: homeSocket });
    expect(addressOf({}, {}, { homeSocket, adminSocket: 'none' }).type).toBe('tcp');
    expect(addressOf({}, {}, { homeSocket: '/nonexistent/admin.sock' }).type).toBe('tcp');
    const environment = { RKLLAMA_ADMIN_SOCKET: '/run/a.sock' };
    expect(addressOf({}, environment, { homeSocket })).toMatchObject({ path: '/run/a.sock' });
  });
});
