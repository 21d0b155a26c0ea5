/** Where requests come in. */
import type { Express } from 'express';
import type { Logger } from 'pino';
import { openAdminSocket } from './admin-socket.ts';
import { type Door, openInherited, openPort } from './door.ts';
import { limitServer, type ServerLimits } from './server-limits.ts';

export interface Places {
  host: string;
  port: number;
  /** A path, `none`, or left out for the service's own or one in `home`. */
  adminSocket: string | undefined;
  /** Folder of the appliance. */
  home: string;
  limits: ServerLimits;
  log: Logger;
}

export class Doors {
  readonly #app: Express;
  readonly #places: Places;
  #doors: readonly Door[] = [];

  constructor(app: Express, places: Places) {
    this.#app = app;
    this.#places = places;
  }

  /**
   * @param inherited listening sockets that somebody else opened; the port is not opened then
   * @throws ConfigError in words; `close` closes what was opened before that
   */
  async open(inherited: readonly number[]): Promise<void> {
    const { host, port, adminSocket, home, limits, log } = this.#places;
    for (const fd of inherited) this.#add(await openInherited(this.#app, fd));
    if (inherited.length === 0) this.#add(await openPort(this.#app, host, port));
    for (const { server } of this.#doors) limitServer(server, limits);
    const adminDoor = await openAdminSocket(this.#app, { setting: adminSocket, home, log });
    if (adminDoor !== null) this.#add(adminDoor);
  }

  /** URLs, and paths of Unix sockets. */
  get addresses(): readonly string[] {
    return this.#doors.map((door) => door.url);
  }

  /** Those that others than this machine can reach. */
  get onNetwork(): readonly string[] {
    return this.addresses.filter(
      (address) => URL.canParse(address) && !loopback.test(new URL(address).hostname),
    );
  }

  get areOpen(): boolean {
    return this.#doors.every((door) => door.server.listening);
  }

  /** Resolves when the last answers are out. */
  async close(): Promise<void> {
    await Promise.all(this.#doors.map((door) => door.close()));
    this.#doors = [];
  }

  #add(door: Door): void {
    this.#doors = [...this.#doors, door];
  }
}

const loopback = /^(?:127\.|\[::1\]$|localhost$)/;
