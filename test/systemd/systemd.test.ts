import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSystemd } from '../../src/systemd/index.ts';
import { loadLibSystemd } from '../../src/systemd/libsystemd.ts';
import { Systemd } from '../../src/systemd/systemd.ts';
import { DatagramSocket } from './datagram-socket.ts';

/** libsystemd itself, against the socket that systemd would listen on. */

let folder: string;
let socket: DatagramSocket;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-notify-'));
  socket = new DatagramSocket(join(folder, 'notify'));
  // libsystemd reads the environment of the process.
  process.env['NOTIFY_SOCKET'] = socket.path;
});
afterEach(async () => {
  delete process.env['NOTIFY_SOCKET'];
  socket.close();
  await rm(folder, { recursive: true, force: true });
});

const connect = (environment: NodeJS.ProcessEnv = {}) =>
  connectSystemd({ NOTIFY_SOCKET: socket.path, ...environment });

describe('Systemd', () => {
  it('tells what systemd wants to know, in its words', async () => {
    const systemd = await connect();
    systemd.ready();
    systemd.extend(5000);
    systemd.feedWatchdog();
    systemd.stopping();
    expect(socket.messages()).toEqual([
      'READY=1',
      'EXTEND_TIMEOUT_USEC=5000000',
      'WATCHDOG=1',
      'STOPPING=1',
    ]);
  });

  it('tells when a reload began, by the clock that systemd compares with', async () => {
    const systemd = await connect();
    const before = process.hrtime.bigint() / 1000n;
    systemd.reloading();
    const [message] = socket.messages();
    const [, time] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(message ?? '') ?? [];
    expect(BigInt(time ?? 0)).toBeGreaterThanOrEqual(before);
    expect(BigInt(time ?? 0)).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
  });

  it('tells the status when it changes, in one line', async () => {
    const systemd = await connect();
    systemd.status('Grüße');
    systemd.status('Grüße');
    systemd.status('two\nlines');
    expect(socket.messages()).toEqual(['STATUS=Grüße', 'STATUS=two lines']);
  });

  it.each([
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, null],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: 'soon' }, null],
    [{}, null],
  ])('with %o has a watchdog of %s ms', async (environment, expected) => {
    expect((await connect(environment)).watchdogMs).toBe(expected);
  });

  it('is silent where systemd did not start the process', async () => {
    const systemd = await connectSystemd({});
    systemd.ready();
    expect(systemd.isThere).toBe(false);
    expect(systemd.sockets).toEqual([]);
    expect(socket.messages()).toEqual([]);
  });

  it('is silent where there is no libsystemd', async () => {
    const library = await loadLibSystemd('libsystemd-of-nobody.so.0');
    expect(library).toBeNull();
    const systemd = new Systemd(library, {
      NOTIFY_SOCKET: socket.path,
      WATCHDOG_USEC: '1000',
    });
    systemd.ready();
    expect(systemd).toMatchObject({ isThere: false, watchdogMs: null });
    expect(socket.messages()).toEqual([]);
  });

  it('goes on when nobody listens any more', async () => {
    const systemd = await connect();
    socket.close();
    expect(() => systemd.ready()).not.toThrow();
  });

  it('takes no sockets that were meant for another process', async () => {
    process.env['LISTEN_FDS'] = '1';
    process.env['LISTEN_PID'] = '1';
    expect((await connect({ LISTEN_FDS: '1' })).sockets).toEqual([]);
    delete process.env['LISTEN_FDS'];
    delete process.env['LISTEN_PID'];
  });
});
