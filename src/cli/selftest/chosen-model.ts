import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readNpu } from '../../board/index.ts';
import { type Glance, glanceAtModels, type Model } from '../../library/index.ts';
import { CliError } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { asCliError } from '../runtime/failures.ts';

/** By name or by path; else the smallest that this board can load. */
export async function chosenModel(
  { models: folder }: Installation,
  runtimeVersion: string,
  name: string | undefined,
): Promise<Model> {
  const { platform } = await readNpu();
  const machine = { platform, runtimeVersion };
  if (name?.endsWith('.rkllm') && name.includes('/') && existsSync(name)) {
    return found(await glanceAtModels(dirname(name), machine), basename(name));
  }
  const glance = await glanceAtModels(folder, machine);
  if (name !== undefined) return found(glance, name);
  const { models } = glance;
  const [smallest] = models
    .filter(({ problem }) => problem === null)
    .sort((a, b) => a.sizeBytes - b.sizeBytes);
  if (smallest) return smallest;
  throw new CliError(
    'not_found',
    models.length === 0
      ? `There is no model in ${folder}, or this user may not look into it.`
      : `No model in ${folder} can be loaded: ${models[0]?.problem}`,
    'Find one: rkllama search qwen. Or look as the service does: sudo rkllama selftest',
  );
}

function found({ find }: Glance, name: string): Model {
  try {
    return find(name);
  } catch (error) {
    throw asCliError(error, 'sudo rkllama selftest');
  }
}
