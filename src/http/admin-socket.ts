/** The socket of the command line: whoever may open its file administrates the appliance. */
import { access, constants, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Express } from 'express';
import { ConfigError } from '../config/index.ts';
import { type Door, openDoor } from './door.ts';
import { trustSocket } from './trusted-sockets.ts';

/** In the service's runtime folder; its group may administrate. */
const defaultPath = '/run/rkllamad/admin.sock';

/**
 * The path that `setting` means; null for none. Left out, it is the service's, where its folder is
 * ours and nobody serves it already.
 */
export async function adminSocketPath(setting: string | undefined): Promise<string | null> {
  if (setting === 'none') return null;
  if (setting !== undefined) return setting;
  const isWritable = await access(dirname(defaultPath), constants.W_OK).then(
    () => true,
    () => false,
  );
  return isWritable && !(await answers(defaultPath)) ? defaultPath : null;
}

/**
 * Listens on a Unix socket for its group; requests over it need no key. A socket file that nobody
 * listens on any more is replaced.
 * @throws ConfigError when the path cannot be had
 */
export async function openAdminSocket(app: Express, path: string): Promise<Door> {
  await clear(path);
  const door = await openDoor((done) => {
    // The file is made in here, at once: nobody else can connect before its mode is right.
    const umask = process.umask(0o117);
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
