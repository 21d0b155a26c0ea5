/** A listening server: on a TCP port, or on a socket that systemd opened. */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { SettingError } from '../config/index.ts';

/** How long a closing door waits for its last answers. */
const drainMs = 1000;
/** Silence on a connection after which the kernel asks whether the client still lives. */
const keepAliveProbeMs = 60_000;

export interface Door {
  /** `http://127.0.0.1:8080`, or the path of a Unix socket. */
  readonly url: string;
  readonly server: Server;
  /** Resolves when the last answer is out; cuts the ones that take too long. */
  close(): Promise<void>;
}

/** @throws SettingError in words when the port cannot be had */
export function openPort(app: Express, host: string, port: number): Promise<Door> {
  return openDoor((done) => app.listen(port, host, done)).catch((error: unknown) => {
    throw cannotListen(error, host, port);
  });
}

/** A listening socket that was handed over, as systemd's socket activation does. */
export function openInherited(app: Express, fd: number): Promise<Door> {
  return openDoor((done) => app.listen({ fd }, done));
}

/**
 * Express makes the server: importing node:http as a module here would load its WebSocket client
 * too, 8 MB that a board can use better.
 */
export function openDoor(listen: (done: (error?: Error) => void) => Server): Promise<Door> {
  return new Promise((resolve, reject) => {
    const server = listen((error) => {
      if (error) reject(error);
      else resolve({ url: urlOf(server.address()), server, close: () => close(server) });
    });
    // Tells a client that is gone without a word from one that is slow.
    server.on('connection', (socket: Socket) => socket.setKeepAlive(true, keepAliveProbeMs));
  });
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null) throw new Error('the server does not listen');
  if (typeof address === 'string') return address;
  const host = address.address.includes(':') ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function cannotListen(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return refusedPort(
        `${port}: another program listens on ${host}:${port}. Stop it, or choose another port.`,
      );
    case 'EACCES':
      return refusedPort(`${port}: this user may not listen on ports below 1024.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return refusedHost(`"${host}": this machine has no such address.`);
    case 'EAI_AGAIN':
      return refusedHost(`"${host}": the name cannot be looked up now.`);
    default:
      return error;
  }
}

function refusedPort(why: string): SettingError {
  return new SettingError('port', 'server.port', `cannot be ${why}`);
}

function refusedHost(why: string): SettingError {
  return new SettingError('host', 'server.host', `cannot be ${why}`);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(timer);
}
