import type { Socket } from 'node:net';

/** Connections of the admin socket: who could open it is in its group, and needs no key. */
const trusted = new WeakSet<object>();

/** Called by whoever listens on the admin socket, for each connection that it accepts. */
export function trustSocket(socket: Socket): void {
  trusted.add(socket);
}

/** True when `socket` (a request's `socket`) came in over the admin socket. */
export function isTrustedSocket(socket: Socket): boolean {
  return trusted.has(socket);
}
