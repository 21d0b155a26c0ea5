import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplianceError } from '../errors.ts';
import { Assembler } from './assemble.ts';
import type { Examined } from './disk/examine.ts';
import { isModelsOwnFolder, type Unit } from './disk/units.ts';
import type { Surroundings } from './make-model.ts';
import type { Model } from './model.ts';
import { amendModelfile } from './modelfile/amend.ts';
import { parseModelfile } from './modelfile/parse.ts';
import { checkName, NameIndex } from './names.ts';
import { isDiskFull } from './paths.ts';
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
 * The Modelfile to write for a model called `name` beside what was `found`: `text`, or, where its FROM is that
 * model itself, what the model's own says with `text` on top. Throws `invalid_request` without a FROM, over
 * another model's file and where FROM leads to no file in the end, `model_not_found` when FROM names nothing.
 */
export async function modelfileFor(
  name: string,
  text: string,
  found: readonly Examined[],
  around: Surroundings,
): Promise<string> {
  const { from } = parseModelfile(text).settings;
  if (from === undefined) {
    throw refused('The Modelfile has no FROM: name a model to derive from.');
  }
  const base = named(from, new Assembler().assemble(found, around).models);
  const same = found.find(({ unit }) => unit.name === name);
  const changes = same !== undefined && base?.name === name;
  const whole = changes ? await amended(same.unit, text) : text;
  if (same && !changes) assertFree(same.unit);
  const folder = join(around.root, name);
  const unit = { name, folder, weights: [], partials: [], encoders: [], modelfile: null };
  const empty: Examined = { unit, ready: [], growing: [], settings: null };
  const draft = { ...(same ?? empty), settings: parseModelfile(whole).settings };
  const others = found.filter((other) => other !== same);
  const { models } = new Assembler().assemble([...others, draft], around);
  const made = models.find((model) => model.name === name);
  const hasFile = made?.parent != null || draft.ready.some(({ fact }) => fact.path === made?.path);
  if (hasFile) return whole;
  const why = made?.problem ?? `Model ${from} not found.`;
  throw base ? refused(why) : new ApplianceError('model_not_found', why);
}

function named(from: string, models: readonly Model[]): Model | null {
  try {
    return new NameIndex(models).find(from);
  } catch (error) {
    if (error instanceof ApplianceError) return null;
    throw error;
  }
}

async function amended({ name, folder, modelfile }: Unit, text: string): Promise<string> {
  if (folder === null) {
    throw refused(
      `${name} lies loose in the models folder, where it can have no Modelfile. Choose another name for the new model, or move the file into a folder of its own.`,
    );
  }
  try {
    return amendModelfile(modelfile === null ? '' : await readFile(modelfile.path, 'utf8'), text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(`The Modelfile of ${name} cannot be read: ${reason}.`);
  }
}

function assertFree({ name, weights, partials }: Unit): void {
  if (weights.length > 0) {
    throw refused(
      `${name} is a model with a file of its own. Choose another name, or change its settings with FROM ${name}.`,
    );
  }
  if (partials.length > 0) {
    throw refused(`${name} is a model whose download has not ended; choose another name.`);
  }
}

function refused(why: string): ApplianceError {
  return new ApplianceError('invalid_request', why);
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
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApplianceError(
      isDiskFull(error) ? 'insufficient_storage' : 'internal_error',
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
