/** The socket of the command line: whoever may open its file administrates the appliance. */
import { access, constants, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { ConfigError, homeAdminSocket, serviceAdminSocket } from '../config/index.ts';
import { type Door, openDoor } from './door.ts';
import { trustSocket } from './trusted-sockets.ts';

interface AdminSocketOptions {
  /** A path, `none`, or left out. */
  setting: string | undefined;
  /** Folder of the appliance. */
  home: string;
  log: Logger;
}

/** Of a socket's path (unix(7): 108 with the end mark). */
const mostPathBytes = 107;
const forGroup = 0o117;
const forOwner = 0o177;

/**
 * Listens on a Unix socket; requests over it need no key. What a setting names has to work. Left
 * out, it is the service's, for its group, where its folder is ours and nobody serves it already;
 * else one in the appliance's own folder, for its user alone, where that can be. Null: none.
 * @throws ConfigError when the path that is named cannot be had
 */
export async function openAdminSocket(
  app: Express,
  { setting, home, log }: AdminSocketOptions,
): Promise<Door | null> {
  if (setting === 'none') return null;
  if (setting !== undefined) return openAt(app, setting, forGroup);
  if (await isFree(serviceAdminSocket)) return openAt(app, serviceAdminSocket, forGroup);
  const path = homeAdminSocket(home);
  if (Buffer.byteLength(path) > mostPathBytes) {
    log.warn({ path }, `no admin socket: its path would have more than ${mostPathBytes} bytes`);
    return null;
  }
  if (await answers(path)) {
    log.info(
      { path },
      'no admin socket: another rkllamad serves that of this folder, and rkllama asks that one',
    );
    return null;
  }
  try {
    await mkdir(home, { recursive: true });
    return await openAt(app, path, forOwner);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    log.warn({ path }, `no admin socket: ${words}`);
    return null;
  }
}

async function isFree(path: string): Promise<boolean> {
  const isWritable = await access(dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  );
  return isWritable && !(await answers(path));
}

/** A socket file that nobody listens on any more is replaced. */
async function openAt(app: Express, path: string, mask: number): Promise<Door> {
  await clear(path);
  const door = await openDoor((done) => {
    // The file is made in here, at once: nobody else can connect before its mode is right.
    const umask = process.umask(mask);
    try {
      return app.listen(path, done);
    } finally {
      process.umask(umask);
    }
  }).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`The admin socket ${path} cannot be made: ${words}`);
  });
  door.server.on('connection', trustSocket);
  return door;
}

async function clear(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return;
  if (!there.isSocket()) {
    throw new ConfigError(`The admin socket cannot be ${path}: another kind of file is there.`);
  }
  if (await answers(path)) {
    throw new ConfigError(`The admin socket cannot be ${path}: another rkllamad serves it.`);
  }
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
