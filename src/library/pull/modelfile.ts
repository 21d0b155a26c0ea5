import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApplianceError } from '../../errors.ts';
import { parseModelfile } from '../modelfile/parse.ts';
import { writeDurably } from './durable.ts';

/**
 * Writes the model's `Modelfile` (dotenv lines) unless there is one.
 * @param repository where the tokenizer comes from, `user/repo`
 */
export async function writeModelfile(
  modelFolder: string,
  file: string,
  repository: string,
): Promise<void> {
  const modelfile = path.join(modelFolder, 'Modelfile');
  const exists = await access(modelfile).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await writeDurably(
    modelfile,
    `FROM=${dotenvValue(file)}\nHUGGINGFACE_PATH=${dotenvValue(repository)}\n`,
  );
}

/**
 * A model whose Modelfile already names another file would not use what is pulled.
 * @throws ApplianceError `invalid_request`
 */
export async function checkModelfile(
  modelFolder: string,
  file: string,
  name: string,
): Promise<void> {
  const text = await readFile(path.join(modelFolder, 'Modelfile'), 'utf8').catch(() => '');
  const { from } = parseModelfile(text).settings;
  if (from === undefined || [from, `${from}.rkllm`].some((each) => path.basename(each) === file)) {
    return;
  }
  throw new ApplianceError(
    'invalid_request',
    `The model ${name} already exists, and its Modelfile says FROM ${from}. Pull ${file} under another name, or delete ${name} first.`,
  );
}

function dotenvValue(value: string): string {
  return /^[\w./:+-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
