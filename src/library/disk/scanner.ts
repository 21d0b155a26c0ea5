import type { Logger } from '../model.ts';
import type { Examined, Examiner } from './examine.ts';
import { scanEntry } from './units.ts';

const scansAtOnce = 8;

/** What was found on disk, by entry of the models folder; brought up to date entry by entry. */
export class Scanner {
  readonly #root: string;
  readonly #examiner: Examiner;
  readonly #log: Logger;
  readonly #found = new Map<string, readonly Examined[]>();
  readonly #arriving = new Set<string>();
  readonly #unreadable = new Set<string>();
  readonly #misnamed = new Set<string>();

  constructor(root: string, examiner: Examiner, log: Logger) {
    this.#root = root;
    this.#examiner = examiner;
    this.#log = log;
  }

  get entries(): readonly string[] {
    return [...this.#found.keys()];
  }

  /** By name. */
  found(): readonly Examined[] {
    return [...this.#found.values()].flat().sort((a, b) => (a.unit.name < b.unit.name ? -1 : 1));
  }

  /** Entries in which something is still arriving. */
  get arriving(): ReadonlySet<string> {
    return this.#arriving;
  }

  /** Looks at `entries` again; tells whether anything is different now. */
  async scan(entries: readonly string[]): Promise<boolean> {
    const rest = [...entries];
    let changed = false;
    const worker = async () => {
      for (let entry = rest.pop(); entry !== undefined; entry = rest.pop()) {
        if (await this.#look(entry)) changed = true;
      }
    };
    await Promise.all(Array.from({ length: scansAtOnce }, worker));
    return changed;
  }

  async #look(entry: string): Promise<boolean> {
    const units = await scanEntry(this.#root, entry, {
      read: (folder) => this.#unreadable.delete(folder),
      unreadable: (folder, error) => this.#noteUnreadable(folder, error),
      misnamed: (path, flaw) => this.#noteMisnamed(path, flaw),
    });
    const before = this.#found.get(entry) ?? [];
    const found = await Promise.all(units.map((unit) => this.#examiner.examine(unit)));
    if (found.some(isArriving)) this.#arriving.add(entry);
    else this.#arriving.delete(entry);
    if (isSame(found, before)) return false;
    const present = new Set(found.flatMap(pathsOf));
    for (const path of before.flatMap(pathsOf)) if (!present.has(path)) this.#examiner.forget(path);
    if (found.length > 0) this.#found.set(entry, found);
    else this.#found.delete(entry);
    return true;
  }

  #noteMisnamed(path: string, flaw: string): void {
    if (this.#misnamed.has(path)) return;
    this.#misnamed.add(path);
    // The quotes and escapes show what a terminal would swallow.
    const words = `${JSON.stringify(path)} is not listed as a model. Rename it: its name cannot be used, because ${flaw}`;
    this.#log.warn({ path }, words);
  }

  #noteUnreadable(folder: string, error: unknown): void {
    if (this.#unreadable.has(folder)) return;
    this.#unreadable.add(folder);
    this.#log.warn(
      { folder, err: error },
      'models in this folder are not listed: it is unreadable',
    );
  }
}

function isArriving({ growing, unit }: Examined): boolean {
  return growing.length > 0 || unit.partials.length > 0;
}

function pathsOf({ unit }: Examined): string[] {
  return [...unit.weights, ...(unit.modelfile ? [unit.modelfile] : [])].map((fact) => fact.path);
}

/** What was looked into keeps its identity until it changes. */
function isSame(found: readonly Examined[], before: readonly Examined[]): boolean {
  if (found.length !== before.length) return false;
  return found.every((one, index) => {
    const other = before[index];
    return (
      other?.settings === one.settings &&
      other.ready.length === one.ready.length &&
      other.ready.every((file, at) => file.inspection === one.ready[at]?.inspection) &&
      JSON.stringify(other.unit) === JSON.stringify(one.unit)
    );
  });
}
