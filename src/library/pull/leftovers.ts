import { access, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PullStatus } from './events.ts';
import { readSidecar } from './sidecar.ts';
import { type PullTarget, targetAt } from './target.ts';

const sidecarEnding = '.partial.json';

/**
 * Looks through the models folder for what earlier pulls left: resumable partial files are
 * returned, files that nothing can come of (notes without a partial file, half-written notes) are
 * removed. A `.partial` file without notes is not ours and stays.
 */
export async function findLeftovers(folder: string): Promise<PullStatus[]> {
  const found: PullStatus[] = [];
  const models = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const model of models.filter((entry) => entry.isDirectory())) {
    const modelFolder = path.join(folder, model.name);
    for (const entry of await readdir(modelFolder).catch(() => [])) {
      if (entry.endsWith(`${sidecarEnding}.tmp`) || entry === 'Modelfile.tmp') {
        await rm(path.join(modelFolder, entry), { force: true });
      } else if (entry === 'tokenizer.partial') {
        await rm(path.join(modelFolder, entry), { recursive: true, force: true });
      } else if (entry.endsWith(sidecarEnding)) {
        const target = targetAt(folder, model.name, entry.slice(0, -sidecarEnding.length));
        const status = await leftoverAt(target);
        if (status) found.push(status);
        else if (!(await isThere(target.partialPath)))
          await rm(target.sidecarPath, { force: true });
      }
    }
  }
  return found;
}

/** What an earlier pull left there; null when there is nothing to resume. */
export async function leftoverAt(target: PullTarget): Promise<PullStatus | null> {
  const notes = await readSidecar(target.sidecarPath);
  if (!notes || !(await isThere(target.partialPath))) return null;
  return {
    id: target.id,
    reference: notes.reference,
    name: target.name,
    file: target.file,
    receivedBytes: notes.receivedBytes,
    sizeBytes: notes.sizeBytes,
    bytesPerSecond: 0,
    secondsLeft: null,
    state: 'interrupted',
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
