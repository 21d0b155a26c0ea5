import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readNpu } from '../../board/index.ts';
import { type Glance, glanceAtModels, type Model } from '../../library/index.ts';
import { CliError } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { asCliError } from '../runtime/failures.ts';

const nextStep =
  'Find one: rkllama search qwen. Or look as the service does: sudo rkllama selftest';
/** That a hint lists. */
const mostNames = 10;

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
    nextStep,
  );
}

function found({ find, models }: Glance, name: string): Model {
  try {
    return find(name);
  } catch (error) {
    const failure = asCliError(error, 'sudo rkllama selftest');
    if (!(failure instanceof CliError) || failure.kind !== 'not_found') throw failure;
    const names = models.slice(0, mostNames).map((model) => model.name);
    const more = models.length > names.length ? ', ...' : '';
    throw new CliError(
      'not_found',
      failure.message,
      models.length === 0 ? nextStep : `There are: ${names.join(', ')}${more}`,
    );
  }
}
