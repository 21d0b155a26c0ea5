import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readSidecar } from '../../../src/library/pull/index.ts';

/**
 * What a killed pull left after the next start, byte by byte.
 * @param whole the content of the model file
 * @throws Error when it is neither a whole model nor a resumable partial file nor nothing
 */
export async function inspectFolder(
  folder: string,
  name: string,
  file: string,
  whole: Buffer,
): Promise<'nothing' | 'partial' | 'without Modelfile' | 'complete'> {
  const model = path.join(folder, name);
  const entries = new Set(await readdir(model).catch(() => []));
  const known = [file, `${file}.partial`, `${file}.partial.json`, 'tokenizer', 'Modelfile'];
  for (const entry of entries) {
    if (!known.includes(entry)) throw new Error(`${entry} was left behind`);
  }
  if (entries.has('tokenizer')) {
    const tokenizer = await readdir(path.join(model, 'tokenizer'));
    if (tokenizer.length !== 2) throw new Error(`half a tokenizer was left: ${tokenizer}`);
  }
  if (entries.has(file)) {
    if (!whole.equals(await readFile(path.join(model, file)))) throw new Error('a damaged model');
    if (entries.has(`${file}.partial.json`)) throw new Error('notes beside a whole model');
    return entries.has('Modelfile') ? 'complete' : 'without Modelfile';
  }
  if (entries.has('Modelfile')) throw new Error('a Modelfile without a model');
  if (entries.has(`${file}.partial`)) {
    await checkPartial(path.join(model, `${file}.partial`), whole);
    return 'partial';
  }
  return 'nothing';
}

/** Every byte that the notes claim must be there, and right. */
async function checkPartial(partial: string, whole: Buffer): Promise<void> {
  const notes = await readSidecar(`${partial}.json`);
  if (!notes) throw new Error('a partial file without notes cannot be resumed');
  const bytes = await readFile(partial);
  for (const { start, end } of notes.done) {
    if (!bytes.subarray(start, end).equals(whole.subarray(start, end))) {
      throw new Error(`the notes claim ${start} to ${end}, which is not there`);
    }
  }
}
