/** Facts about an Orange Pi 5 on which everything is as it should be. */
import { type BoardSummary, boardSummary } from '../../../src/board/index.ts';
import type { Facts } from '../../../src/cli/doctor/facts.ts';
import { readConfig } from '../../../src/config/index.ts';
import type { Model } from '../../../src/library/index.ts';
import { unreadInspection } from '../../../src/library/inspection/inspect.ts';
import { rk3588 } from '../../board/fixtures/boards.ts';
import { fixture, type Tree } from '../../board/fixtures/tree.ts';

export function model(more: Partial<Model> = {}): Model {
  return {
    name: 'qwen',
    path: '/models/qwen.rkllm',
    folder: null,
    searchFolders: [],
    sizeBytes: 2e9,
    modifiedAt: new Date(0),
    inspection: { ...unreadInspection, toolkitVersion: '1.2.1', platform: 'RK3588' },
    modelfile: {},
    modelfilePath: null,
    adapter: null,
    parent: null,
    problem: null,
    digest: null,
    ...more,
  };
}

/** @param changes of the board's files */
export async function healthy(changes: Tree = {}): Promise<Facts> {
  const board = await boardWith(changes);
  const devices = board.npu.devices.map((node) => ({ ...node, uid: 0, gid: 44, mode: 0o660 }));
  const config = readConfig({ RKLLAMA_CONFIG: '/dev/null' });
  return {
    installation: {
      environment: {},
      config,
      problems: [],
      warnings: [],
      file: '/etc/rkllamad/config.toml',
      account: {
        name: 'rkllama',
        uid: 990,
        gid: 990,
        home: '/var/lib/rkllamad',
        groups: [990, 44, 105],
      },
      home: '/var/lib/rkllamad/RKLLAMA',
      models: '/var/lib/rkllamad/RKLLAMA/models',
      keysFile: '/var/lib/rkllamad/RKLLAMA/keys.json',
    },
    board: { ...board, npu: { ...board.npu, devices } },
    user: { name: 'rkllama', uid: 990, groups: [990, 44, 105] },
    isRoot: true,
    runtime: {
      library: {
        path: '/usr/lib/librkllmrt.so',
        version: '1.3.1',
        banner: 'RKLLM SDK (version: 1.3.1 | target: Linux | build: abc)',
        simulator: false,
      },
      reason: null,
    },
    hasOpenMp: true,
    models: [model()],
    modelsFolder: {
      path: '/models',
      realPath: '/models',
      state: 'present',
      writable: true,
      freeBytes: 50e9,
    },
    daemonPlace: '/run/rkllamad/admin.sock',
    health: { status: 'ok', runtime: { version: '1.3.1', simulator: false }, models_loaded: 0 },
    notReady: null,
    status: null,
    portIsTaken: false,
    service: {
      state: 'active',
      enabled: true,
      result: 'success',
      restarts: 0,
      mainPid: 812,
      sandbox: { writable: ['/var/lib/rkllamad', '/models'], hidesHomes: true },
    },
    holders: { programs: [], complete: true },
    openFileLimit: 102_400,
    hasKeys: true,
    now: new Date('2026-11-21T10:00:00Z'),
    timeIsSynchronized: true,
  };
}

let unchanged: Promise<BoardSummary> | undefined;

async function boardWith(changes: Tree): Promise<BoardSummary> {
  const read = async () => boardSummary(await fixture({ ...pinned(rk3588), ...changes }));
  if (Object.keys(changes).length > 0) return read();
  unchanged ??= read();
  return structuredClone(await unchanged);
}

/** All clocks at their best, as rkllamad-clocks leaves them. */
function pinned(tree: Tree): Tree {
  const changed = Object.entries(tree).map(([path, content]) => {
    if (path.endsWith('/governor') || path.endsWith('/scaling_governor'))
      return [path, 'userspace'];
    const best = /\/(cur_freq|scaling_cur_freq)$/.test(path) ? bestOf(tree, path) : undefined;
    return [path, best ?? content];
  });
  return Object.fromEntries(changed);
}

function bestOf(tree: Tree, path: string): Tree[string] | undefined {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return tree[`${folder}/max_freq`] ?? tree[`${folder}/cpuinfo_max_freq`];
}
