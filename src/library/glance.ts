import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Assembler } from './assemble.ts';
import { Examiner } from './disk/examine.ts';
import { Growth } from './disk/growth.ts';
import { Scanner } from './disk/scanner.ts';
import type { Machine } from './fit.ts';
import { type Model, silentLogger } from './model.ts';
import { checkName, NameIndex } from './names.ts';

export interface Glance {
  /** By name. */
  readonly models: readonly Model[];
  /** Throws `model_not_found`, `model_ambiguous`, `invalid_request`. */
  find(name: string): Model;
}

/**
 * The models of a folder as they are now, for programs beside the daemon: nothing is watched, hashed
 * or written. Files that are just being written are left out, and so is all of a folder that cannot
 * be read.
 */
export async function glanceAtModels(folder: string, machine: Machine): Promise<Glance> {
  const root = resolve(folder);
  const scanner = new Scanner(root, new Examiner(new Growth(settleMs), silentLogger), silentLogger);
  await scanner.scan(await readdir(root).catch((): string[] => []));
  const around = { root, machine, digestOf: () => null };
  const { models } = new Assembler().assemble(scanner.found(), around);
  const names = new NameIndex(models);
  return {
    models,
    find: (name) => {
      checkName(name);
      return names.find(name);
    },
  };
}

const settleMs = 2000;
