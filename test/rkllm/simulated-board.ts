import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type ModelFileSpec, writeModelFile } from '../../simulator/model-file.ts';
import type { InitParams } from '../../src/rkllm/index.ts';
import { type RuntimeVersion, runtimeVersions } from '../../src/rkllm/versions.ts';
import { simulator } from '../e2e/board.ts';

/** One version of each ABI group. */
export const groupVersions = ['1.1.4', '1.2.0', '1.2.1b1', '1.2.3', '1.3.0', '1.3.1'] as const;

export function isBefore(version: RuntimeVersion, other: RuntimeVersion): boolean {
  return runtimeVersions.indexOf(version) < runtimeVersions.indexOf(other);
}

const callSchema = z.object({
  event: z.literal('call'),
  function: z.string(),
  args: z.record(z.string(), z.unknown()),
  return: z.number(),
});
type NativeCallRecord = z.infer<typeof callSchema>;

/** A folder with compiled simulators, model files and what the library wrote down about its calls. */
export class SimulatedBoard {
  readonly folder: string;
  readonly #libraries = new Map<RuntimeVersion, string>();
  #count = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(versions: readonly RuntimeVersion[]): Promise<SimulatedBoard> {
    const board = new SimulatedBoard(await mkdtemp(join(tmpdir(), 'rkllamad-rkllm-')));
    for (const version of versions) board.#libraries.set(version, await simulator(version));
    return board;
  }

  /** Path of a simulator that `create` compiled. */
  library(version: RuntimeVersion): string {
    const path = this.#libraries.get(version);
    if (path === undefined) throw new Error(`create() was not asked for ${version}`);
    return path;
  }

  /** A path of this folder that nothing has used yet. */
  fresh(name: string): string {
    this.#count += 1;
    return join(this.folder, `${this.#count}-${name}`);
  }

  async model(spec: ModelFileSpec): Promise<string> {
    const path = this.fresh('model.rkllm');
    await writeModelFile(path, { text: 'A small model for tests.\n', ...spec });
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the library received, in order, from the file that `RKLLM_SIM_CALLS` named. */
export async function nativeCalls(path: string, name?: string): Promise<NativeCallRecord[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  const calls = lines.flatMap((line) => callSchema.safeParse(JSON.parse(line)).data ?? []);
  return name === undefined ? calls : calls.filter((call) => call.function === name);
}

export function initParams(modelPath: string, more: Partial<InitParams> = {}): InitParams {
  return {
    modelPath,
    maxContextLength: 1024,
    maxNewTokens: -1,
    nKeep: -1,
    sampling: {},
    baseDomainId: 1,
    embedFlash: true,
    cpus: { count: 4, mask: 0xf0 },
    ...more,
  };
}
