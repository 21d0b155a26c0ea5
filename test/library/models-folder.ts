import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeModelFile, type ModelFileSpec } from '../../simulator/model-file.ts';
import { Catalogue, type CatalogueOptions } from '../../src/library/index.ts';

/** Quick, and still longer than any pause between two writes of a test. */
const settleMs = 150;

/** The bytes of a small valid model. */
export function modelBytes(spec: ModelFileSpec = {}): Uint8Array {
  return encodeModelFile({ text: 'the quick brown fox', vocabSize: 400, ...spec });
}

/** A models folder in a place of its own, with a catalogue of it; gone at the end of the `using` block. */
export class ModelsFolder implements AsyncDisposable {
  readonly home: string;
  readonly path: string;
  readonly catalogues: Catalogue[] = [];

  private constructor(home: string) {
    this.home = home;
    this.path = join(home, 'models');
  }

  static async create(): Promise<ModelsFolder> {
    const folder = new ModelsFolder(await mkdtemp(join(tmpdir(), 'rkllamad-library-')));
    await mkdir(folder.path);
    return folder;
  }

  /** A started catalogue. */
  async catalogue(options: Partial<CatalogueOptions> = {}): Promise<Catalogue> {
    const digestCache = join(this.home, 'state', 'digests.json');
    const catalogue = new Catalogue({ folder: this.path, settleMs, digestCache, ...options });
    this.catalogues.push(catalogue);
    await catalogue.start();
    return catalogue;
  }

  /** Absolute path of something in the folder. */
  at(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  async write(path: string, content: string | Uint8Array): Promise<string> {
    const file = this.at(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  /** A file that has been there since long ago. */
  async model(path: string, spec: ModelFileSpec = {}): Promise<string> {
    return this.write(path, modelBytes(spec));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.catalogues.map((catalogue) => catalogue.stop()));
    await rm(this.home, { recursive: true, force: true });
  }
}

/** Waits until `holds`; fails the test when it never does. */
export async function until(holds: () => boolean, withinMs = 5000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`did not come true: ${holds}`);
    await pause(5);
  }
}

export function namesOf(catalogue: Catalogue): string[] {
  return catalogue.models().map((model) => model.name);
}
