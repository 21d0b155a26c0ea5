import { readFile } from 'node:fs/promises';
import { inspectFile, unreadInspection } from '../inspection/inspect.ts';
import type { Inspection } from '../inspection/inspection.ts';
import type { Logger } from '../model.ts';
import { parseModelfile } from '../modelfile/parse.ts';
import type { Modelfile } from '../modelfile/settings.ts';
import { fileErrorCode } from '../paths.ts';
import { type Growth, markOf } from './growth.ts';
import type { FileFact } from './listing.ts';
import type { Unit } from './units.ts';

/** A whole `.rkllm` file and what is in it. */
export interface ReadyFile {
  readonly fact: FileFact;
  readonly inspection: Inspection;
}

/** A unit whose files have been looked into. */
export interface Examined {
  readonly unit: Unit;
  readonly ready: readonly ReadyFile[];
  readonly growing: readonly FileFact[];
  /** null without a Modelfile. */
  readonly settings: Modelfile | null;
}

const largestModelfileBytes = 256 * 1024;

/** Looks into files, and into each only once until it changes. */
export class Examiner {
  readonly #growth: Growth;
  readonly #log: Logger;
  readonly #inspections = new Map<string, { mark: string; inspection: Inspection }>();
  readonly #modelfiles = new Map<string, { mark: string; settings: Modelfile }>();

  constructor(growth: Growth, log: Logger) {
    this.#growth = growth;
    this.#log = log;
  }

  async examine(unit: Unit): Promise<Examined> {
    const ready: ReadyFile[] = [];
    const growing: FileFact[] = [];
    for (const fact of unit.weights) {
      const inspection = this.#growth.isSettled(fact) ? await this.#inspect(fact) : null;
      if (inspection === null) growing.push(fact);
      else ready.push({ fact, inspection });
    }
    const settings = unit.modelfile === null ? null : await this.#settings(unit.modelfile);
    return { unit, ready, growing, settings };
  }

  forget(path: string): void {
    this.#inspections.delete(path);
    this.#modelfiles.delete(path);
    this.#growth.forget(path);
  }

  /** null when the end of the file is missing and may still come, and when the file has just gone. */
  async #inspect(fact: FileFact): Promise<Inspection | null> {
    const mark = markOf(fact);
    const known = this.#inspections.get(fact.path);
    if (known?.mark === mark) return known.inspection;
    try {
      const inspection = await inspectFile(fact.path);
      if (inspection.damage !== null && !this.#growth.isAbandoned(fact)) return null;
      this.#growth.settle(fact);
      this.#inspections.set(fact.path, { mark, inspection });
      return inspection;
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT') return null;
      const reason = error instanceof Error ? error.message : String(error);
      return { ...unreadInspection, damage: `The file cannot be read: ${reason}.` };
    }
  }

  async #settings(fact: FileFact): Promise<Modelfile> {
    const mark = markOf(fact);
    const known = this.#modelfiles.get(fact.path);
    if (known?.mark === mark) return known.settings;
    const settings = await this.#parse(fact);
    this.#modelfiles.set(fact.path, { mark, settings });
    return settings;
  }

  async #parse(fact: FileFact): Promise<Modelfile> {
    const path = fact.path;
    if (fact.sizeBytes > largestModelfileBytes) {
      this.#log.warn({ path }, 'this Modelfile is too large and is ignored');
      return {};
    }
    try {
      const { settings, warnings } = parseModelfile(await readFile(path, 'utf8'));
      for (const warning of warnings) this.#log.warn({ path }, `Modelfile: ${warning}`);
      return settings;
    } catch (error) {
      this.#log.warn({ path, err: error }, 'this Modelfile cannot be read and is ignored');
      return {};
    }
  }
}
