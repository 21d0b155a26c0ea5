import { spawnSync } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { rkllama } from '../cli/rkllama.ts';
import { simulator } from '../e2e/board.ts';
import { Service } from './service.ts';

/** The real daemon, and what systemd would see of it. */

const services: Service[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

async function start(options?: Parameters<typeof Service.start>[0]): Promise<Service> {
  const service = await Service.start(options);
  services.push(service);
  return service;
}

/** A request over a Unix socket. */
function overSocket(socketPath: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end();
  });
}

describe('the daemon as a service', () => {
  it('is ready when requests are answered, and says what it does', async () => {
    const service = await start();
    const url = await service.ready();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await service.told(/^STATUS=Serving on http:\/\/127\.0\.0\.1:\d+; no model loaded$/);
    const messages = service.notified.messages();
    expect(messages[0]).toBe('STATUS=Starting');
    expect(messages.filter((message) => message === 'READY=1')).toHaveLength(1);
  });

  it('says that it stops, and ends with 0', async () => {
    const service = await start();
    await service.ready();
    service.process.kill('SIGTERM');
    expect(await service.exited()).toBe(0);
    expect(service.notified.messages()).toContain('STOPPING=1');
  });

  it('feeds the watchdog, unless its event loop stands still', async () => {
    const service = await start({ environment: { WATCHDOG_USEC: '600000' } });
    await service.ready();
    const feeds = () => service.notified.messages().filter((each) => each === 'WATCHDOG=1').length;
    await expect.poll(feeds, { timeout: 20_000 }).toBeGreaterThan(2);
    service.process.kill('SIGUSR2');
    await sleep(300);
    const before = feeds();
    await sleep(900);
    expect(feeds()).toBe(before);
    // It has come back.
    await expect.poll(feeds, { timeout: 20_000 }).toBeGreaterThan(before);
  });

  it('is quiet outside of systemd, and loads nothing for it', async () => {
    const service = await start({ environment: { NOTIFY_SOCKET: '' } });
    await service.logged(/^ready$/);
    expect(service.notified.messages()).toEqual([]);
    const maps = await readFile(`/proc/${service.process.pid}/maps`, 'utf8');
    expect(maps).not.toMatch(/koffi|libsystemd/);
  });
});

describe('a daemon without API keys', () => {
  it.each([
    ['0.0.0.0', 1],
    ['127.0.0.1', 0],
  ])('that listens on %s warns %i times that everybody can use it', async (host, warnings) => {
    const service = await start({ toml: `server.host = "${host}"\nserver.port = 0\n` });
    await service.ready();
    const told = service.log.filter(({ msg }) => /there are no API keys/.test(String(msg)));
    expect(told).toHaveLength(warnings);
  });
});

describe('a reload', () => {
  it('takes over what can change, tells what needs a restart, and is told to systemd', async () => {
    const service = await start();
    const url = await service.ready();
    await fetch(`${url}/health`);
    expect(service.log.filter(({ level }) => Number(level) < 30)).toEqual([]);
    await service.reload('[server]\nport = 1\n[log]\nlevel = "debug"\n');
    await service.logged(/acts at the next start: server\.port/);
    await service.told(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    await expect
      .poll(() => service.notified.messages().filter((message) => message === 'READY=1'))
      .toHaveLength(2);
    await fetch(`${url}/health`);
    await expect.poll(() => service.log.filter(({ level }) => level === 20)).not.toEqual([]);
    await service.told(/^STATUS=.*a restart is needed/);
  });

  it('keeps what is in force when the new file is wrong, and tells all that is', async () => {
    const service = await start();
    const url = await service.ready();
    await service.reload('server.prot = 0\nlog.level = "loud"\n');
    await service.logged(/was not reloaded/);
    const errors = service.log.filter(({ level }) => level === 50).map(({ msg }) => msg);
    expect(errors).toEqual([
      expect.stringMatching(/config\.toml:1: .*Did you mean server\.port/),
      expect.stringMatching(/config\.toml:2: log\.level cannot be "loud"/),
      expect.stringMatching(/stays in force/),
    ]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await service.reload('server.port = 0\nlog.level = "warn"\n');
    await expect
      .poll(async () => {
        const before = service.log.length;
        await fetch(`${url}/models`);
        return service.log.length - before;
      })
      .toBe(0);
  });
});

describe('a reload with a model in memory', () => {
  it('gives it the new keep-alive', async () => {
    const library = await simulator('1.3.1');
    const service = await start({
      models: ['model.rkllm'],
      environment: { RKLLM_LIB: library },
    });
    const url = await service.ready();
    const body = JSON.stringify({ model: 'model' });
    expect((await fetch(`${url}/api/generate`, { method: 'POST', body })).status).toBe(200);
    await service.told(/^STATUS=.*; model\.rkllm \(ready\)$/);
    await service.reload('server.port = 0\nmodels.keep_alive = "10ms"\n');
    const loaded = async () => {
      const health: unknown = await (await fetch(`${url}/health`)).json();
      return Reflect.get(Object(health), 'models_loaded');
    };
    await expect.poll(loaded, { timeout: 20_000 }).toBe(0);
  });
});

describe('the admin socket', () => {
  /** Relative to the daemon's working directory. */
  const ownSocket = 'server.port = 0\nserver.admin_socket = "admin.sock"\n';
  const toml = (path: string) => `[server]\nport = 0\nadmin_socket = "${path}"\n`;

  it('answers its group and nobody else, and goes with the daemon', async () => {
    const service = await start({ toml: ownSocket });
    await service.ready();
    const { mode } = await stat(service.adminSocket);
    expect((mode & 0o777).toString(8)).toBe('660');
    expect(await overSocket(service.adminSocket, '/health')).toBe(200);
    service.process.kill('SIGTERM');
    await service.exited();
    await expect(stat(service.adminSocket)).rejects.toThrow('ENOENT');
  });

  it('takes the place of one that a killed daemon left', async () => {
    const first = await start({ toml: ownSocket });
    await first.ready();
    first.process.kill('SIGKILL');
    await first.exited();
    const path = first.adminSocket;
    expect((await stat(path)).isSocket()).toBe(true);
    const second = await start({ environment: { RKLLAMA_ADMIN_SOCKET: path } });
    await second.ready();
    expect(await overSocket(path, '/health')).toBe(200);
  });

  it('is not taken from a daemon that lives', async () => {
    const first = await start({ toml: ownSocket });
    await first.ready();
    const second = await start({ toml: toml(first.adminSocket) });
    expect(await second.exited()).toBe(1);
    expect(second.output).toMatch(/another rkllamad serves it/);
    expect(await overSocket(first.adminSocket, '/health')).toBe(200);
  });

  it('is not made of a file of another kind', async () => {
    const service = await start();
    await service.ready();
    const other = await start({ toml: toml(service.config) });
    expect(await other.exited()).toBe(1);
    expect(other.output).toMatch(/another kind of file is there/);
    expect((await stat(service.config)).isFile()).toBe(true);
  });
});

describe('the admin socket that no setting names', () => {
  it('is in the folder of the appliance, for its user alone, where there is no folder of a service', async () => {
    const service = await start();
    await service.ready();
    const path = join(service.home, 'RKLLAMA', 'admin.sock');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    expect(await overSocket(path, '/admin/status')).toBe(200);
  });

  it('is where rkllama looks for it', async () => {
    const service = await start();
    await service.ready();
    const environment = {
      HOME: service.home,
      PATH: process.env['PATH'],
      RKLLAMA_CONFIG: service.config,
    };
    const keys = await rkllama(['keys', 'add', 'first'], { environment });
    expect(keys).toMatchObject({ code: 0, stdout: expect.stringMatching(/rk-/) });
  });

  it('is left to the daemon that has it', async () => {
    const first = await start();
    await first.ready();
    const second = await start({ environment: { HOME: first.home } });
    await second.ready();
    expect(second.output).toMatch(/no admin socket: .*another rkllamad serves that of this folder/);
  });

  it('is none where the path would be too long, or the setting says so', async () => {
    const long = await start({ environment: { RKLLAMA_HOME: join(tmpdir(), 'long'.repeat(30)) } });
    const none = await start({ environment: { RKLLAMA_ADMIN_SOCKET: 'none' } });
    await long.ready();
    expect(long.output).toMatch(/no admin socket: .*more than 107 bytes/);
    await none.ready();
    await expect(stat(join(none.home, 'RKLLAMA', 'admin.sock'))).rejects.toThrow('ENOENT');
    await rm(join(tmpdir(), 'long'.repeat(30)), { recursive: true, force: true });
  });
});

describe('a start that cannot be', () => {
  it('ends with 78 when the configuration is wrong, so that nobody tries again', async () => {
    const service = await start({ toml: 'server.port = "http"\nqueue.limit = -1\n' });
    expect(await service.exited()).toBe(78);
    expect(service.output).toMatch(
      /config\.toml:1: server\.port .*\n.*config\.toml:2: queue\.limit /,
    );
    expect(service.notified.messages()).toEqual([]);
  });

  it('ends with 1 when the port is taken, because it may be free soon', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const service = await start({ toml: `server.port = ${port}\n` });
    expect(await service.exited()).toBe(1);
    expect(service.output).toContain(`another program listens on 127.0.0.1:${port}`);
    expect(service.output).toContain(`config.toml:1: server.port cannot be ${port}`);
    expect(service.output).not.toMatch(/^\s+at /m);
    other.close();
  });
});

const activator = 'systemd-socket-activate';
const cannotActivate = spawnSync(activator, ['--version']).error !== undefined;

describe.skipIf(cannotActivate)('socket activation', () => {
  it('serves on the socket that it is handed, and opens no port', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => probe.close(resolve));
    const names = ['HOME', 'NOTIFY_SOCKET', 'RKLLAMA_CONFIG'];
    const service = await start({
      toml: 'server.port = 1\n',
      through: [activator, '-l', `127.0.0.1:${port}`, ...names.map((name) => `--setenv=${name}`)],
    });
    // The first request starts the daemon, and waits for it.
    const url = `http://127.0.0.1:${port}`;
    await expect
      .poll(
        () =>
          fetch(`${url}/health`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
    expect(await service.ready()).toBe(url);
  });
});
