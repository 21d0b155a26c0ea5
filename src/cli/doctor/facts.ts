/** Everything that the checks judge, gathered once; nothing is changed by looking. */
import { realpath, stat, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import {
  type Account,
  type BoardSummary,
  boardSummary,
  groupId,
  type Holders,
  mayReadAndWrite,
  npuHolders,
  readOpenFileLimit,
} from '../../board/index.ts';
import { ApplianceError } from '../../errors.ts';
import { glanceAtModels, type Model } from '../../library/index.ts';
import { findRuntime, type RuntimeLibrary } from '../../rkllm/index.ts';
import { daemonHealth, type Health, type Status, statusIfAllowed } from '../api/status.ts';
import { NotReady } from '../client/failures.ts';
import type { CliContext } from '../context.ts';
import { type Installation, readInstallation } from '../installation.ts';
import { runtimeInUse } from '../runtime/overview.ts';
import { hasSharedLibrary, isTimeSynchronized, readService, type Service } from './programs.ts';

/** The user whose rights count: the service's, else whoever asks. */
export type User = Pick<Account, 'name' | 'uid' | 'groups'>;

export interface Facts {
  installation: Installation;
  board: BoardSummary;
  user: User;
  isRoot: boolean;
  runtime: { library: RuntimeLibrary; reason: null } | { library: null; reason: string };
  /** Whether libgomp, which Rockchip's library needs, is there; null where nobody tells. */
  hasOpenMp: boolean | null;
  models: readonly Model[];
  modelsFolder: Folder;
  /** The daemon that answers; null where none does. */
  health: Health | null;
  /** Why it cannot answer requests yet, or any more. */
  notReady: string | null;
  /** Where it was asked: a URL, or the path of its admin socket; null where none answers. */
  daemonPlace: string | null;
  /** What it tells those who may administrate it. */
  status: Status | null;
  /** Whether another program than the daemon listens on its port. */
  portIsTaken: boolean;
  service: Service | null;
  holders: Holders;
  openFileLimit: number | null;
  /** Whether there is a file of API keys; null when it cannot be seen. */
  hasKeys: boolean | null;
  now: Date;
  /** Null where nobody tells. */
  timeIsSynchronized: boolean | null;
}

export interface Folder {
  path: string;
  /** Where it is once links are followed. */
  realPath: string;
  state: 'present' | 'missing' | 'hidden';
  /** Whether `user` may put files into it; null when it cannot be seen. */
  writable: boolean | null;
  /** Of its file system. */
  freeBytes: number | null;
}

/** @param root where the machine's files are; a folder of fixtures in tests */
export async function gatherFacts(
  { environment, client }: Pick<CliContext, 'environment' | 'client'>,
  root = '/',
): Promise<Facts> {
  const installation = await readInstallation(environment, root);
  const [board, service, daemon] = await Promise.all([
    boardSummary(root),
    readService(),
    askDaemon(client),
  ]);
  const runtime = await findLibrary(installation, daemon.status);
  const user = await userOf(installation, service, root);
  const { platform } = board.npu;
  const runtimeVersion = runtime.library?.version ?? null;
  const nodes = board.npu.devices.map(({ path }) => path);
  const [glance, modelsFolder, holders, ...rest] = await Promise.all([
    glanceAtModels(installation.models, { platform, runtimeVersion }),
    lookAt(installation.models, user),
    npuHolders(nodes, root),
    hasSharedLibrary('libgomp.so.1'),
    readOpenFileLimit(service?.mainPid ?? null, root),
    lookAt(installation.keysFile, user),
    isTimeSynchronized(),
    isTaken(installation.config.port, daemon.daemonPlace),
  ]);
  const [hasOpenMp, openFileLimit, keys, timeIsSynchronized, portIsTaken] = rest;
  return {
    installation,
    board,
    user,
    isRoot: process.getuid?.() === 0,
    runtime,
    hasOpenMp,
    models: glance.models,
    modelsFolder,
    ...daemon,
    portIsTaken,
    service,
    holders,
    openFileLimit: openFileLimit.value,
    hasKeys: keys.state === 'hidden' ? null : keys.state === 'present',
    now: new Date(),
    timeIsSynchronized,
  };
}

/** The one that the daemon has loaded, which may have other settings; else the one that it would. */
async function findLibrary(
  installation: Installation,
  status: Status | null,
): Promise<Facts['runtime']> {
  try {
    const { path, version: abiOverride } = status?.runtime ?? {};
    const loaded = path ? await findRuntime({ path, abiOverride }).catch(() => null) : null;
    return { library: loaded ?? (await runtimeInUse(installation)), reason: null };
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return { library: null, reason: error.message };
  }
}

async function askDaemon(
  client: CliContext['client'],
): Promise<Pick<Facts, 'health' | 'notReady' | 'daemonPlace' | 'status'>> {
  const nothing = { health: null, notReady: null, daemonPlace: null, status: null };
  try {
    const daemon = await client();
    try {
      const health = await daemonHealth(daemon);
      const status = (await statusIfAllowed(daemon)) ?? null;
      return { health, notReady: null, daemonPlace: daemon.place, status };
    } catch (error) {
      if (!(error instanceof NotReady)) throw error;
      return { ...nothing, notReady: error.message, daemonPlace: daemon.place };
    }
  } catch {
    // Whatever is wrong with the answer, the service's state and the port tell more.
    return nothing;
  }
}

/** The unit adds the groups of the NPU to those of its user. */
async function userOf(
  { account }: Installation,
  service: Service | null,
  root: string,
): Promise<User> {
  if (account === null) {
    return { name: userInfo().username, uid: userInfo().uid, groups: process.getgroups?.() ?? [] };
  }
  const added =
    service === null
      ? []
      : await Promise.all(['video', 'render'].map((name) => groupId(name, root)));
  return { ...account, groups: [...account.groups, ...added.flatMap((id) => id ?? [])] };
}

async function lookAt(path: string, user: User): Promise<Folder> {
  try {
    const { uid, gid, mode } = await stat(path);
    const writable = mayReadAndWrite({ uid, gid, mode: mode & 0o777 }, user);
    const realPath = await realpath(path);
    return { path, realPath, state: 'present', writable, freeBytes: await freeBytesAt(path) };
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const state = code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden';
    const freeBytes = state === 'hidden' ? null : await freeBytesAt(dirname(path));
    return { path, realPath: path, state, writable: null, freeBytes };
  }
}

async function freeBytesAt(path: string): Promise<number | null> {
  const found = await statfs(path).catch(() => null);
  if (found) return found.bavail * found.bsize;
  return path === '/' ? null : freeBytesAt(dirname(path));
}

/** A daemon behind a socket is this machine's, on the port of its configuration. */
export function answersOn(port: number, daemonPlace: string): boolean {
  if (!URL.canParse(daemonPlace)) return true;
  const url = new URL(daemonPlace);
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80)) === port;
}

/** Somebody answers connections there, and it is not our daemon. */
function isTaken(port: number, daemonPlace: string | null): Promise<boolean> {
  const isOurs = daemonPlace !== null && answersOn(port, daemonPlace);
  if (isOurs || port === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 });
    const end = (taken: boolean) => () => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
