import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplianceError } from '../errors.ts';
import { Assembler } from './assemble.ts';
import type { Examined } from './disk/examine.ts';
import { isModelsOwnFolder } from './disk/units.ts';
import type { Surroundings } from './make-model.ts';
import { parseModelfile } from './modelfile/parse.ts';
import { checkName } from './names.ts';
import { fileErrorCode } from './paths.ts';
import { syncFolder, writeDurably } from './pull/durable.ts';
import { checkContained } from './remove.ts';

/** The name that a new model gets: without `:latest`, at most one namespace. Throws `invalid_request`. */
export function newModelName(requested: string): string {
  const name = requested.replace(/:latest$/, '');
  checkName(name);
  const parts = name.split('/');
  if (parts.length > 2 || isModelsOwnFolder(parts[1] ?? '')) {
    throw new ApplianceError(
      'invalid_request',
      `A model cannot be called ${name}: use "name" or "user/name".`,
    );
  }
  return name;
}

/**
 * Throws when `text` would make no derived model called `name` beside what was `found`: `invalid_request` without
 * a FROM or over a model with its own file, `model_not_found` when FROM names nothing.
 */
export function checkDerivation(
  name: string,
  text: string,
  found: readonly Examined[],
  around: Surroundings,
): void {
  const { settings } = parseModelfile(text);
  if (settings.from === undefined) {
    throw new ApplianceError(
      'invalid_request',
      'The Modelfile has no FROM: name a model to derive from.',
    );
  }
  const others = found.filter(({ unit }) => unit.name !== name);
  const same = found.find(({ unit }) => unit.name === name);
  if (same && (same.unit.weights.length > 0 || same.unit.partials.length > 0)) {
    throw new ApplianceError(
      'invalid_request',
      `${name} is a model with a file of its own; choose another name.`,
    );
  }
  const folder = join(around.root, name);
  const unit = { name, folder, weights: [], partials: [], encoders: [], modelfile: null };
  const draft: Examined = { unit, ready: [], growing: [], settings };
  const { models } = new Assembler().assemble([...others, draft], around);
  const made = models.find((model) => model.name === name);
  if (made?.parent == null) {
    throw new ApplianceError(
      'model_not_found',
      made?.problem ?? `Model ${settings.from} not found.`,
    );
  }
}

/**
 * Writes the Modelfile into a folder of its own; a power cut leaves the old or the new one. Throws `invalid_request`
 * for a folder behind a link, `insufficient_storage` or `internal_error` when the file system refuses.
 */
export async function writeModelfile(root: string, name: string, text: string): Promise<void> {
  try {
    await writeInto(root, name, text);
  } catch (error) {
    if (error instanceof ApplianceError) throw error;
    const isFull = ['ENOSPC', 'EDQUOT'].includes(fileErrorCode(error) ?? '');
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApplianceError(
      isFull ? 'insufficient_storage' : 'internal_error',
      `${name} could not be written: ${reason}.`,
      { cause: error },
    );
  }
}

async function writeInto(root: string, name: string, text: string): Promise<void> {
  const folder = join(root, name);
  if (dirname(folder) !== root) await mkdir(dirname(folder), { recursive: true });
  await checkContained(root, folder, name);
  await mkdir(folder, { recursive: true });
  await checkContained(root, join(folder, 'Modelfile'), name);
  await writeDurably(join(folder, 'Modelfile'), text);
  await syncFolder(dirname(folder));
}
