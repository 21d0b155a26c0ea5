import { EventEmitter } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { ApplianceError } from '../errors.ts';
import { Assembler } from './assemble.ts';
import { modelfileFor, newModelName, writeModelfile } from './create.ts';
import { DigestCache } from './digest/cache.ts';
import { Digester } from './digest/digester.ts';
import { Examiner } from './disk/examine.ts';
import { Growth } from './disk/growth.ts';
import type { FileFact } from './disk/listing.ts';
import { Presence } from './disk/presence.ts';
import { Scanner } from './disk/scanner.ts';
import { WorkQueue } from './disk/work-queue.ts';
import type { Surroundings } from './make-model.ts';
import { type Incoming, type Logger, type Model, silentLogger } from './model.ts';
import { checkName, NameIndex } from './names.ts';
import { isInside, shownPath } from './paths.ts';
import { checkNotNeeded, emptyTrash, removeFromDisk } from './remove.ts';

export interface CatalogueOptions {
  /** The models folder; it may be missing, and may come and go. */
  folder: string;
  log?: Logger;
  /** A file that has not changed for so long has been written whole; default 2000. */
  settleMs?: number;
  /** Everything is looked at again this often, should the watching have missed something; default 60000. */
  sweepMs?: number;
  /** What is known of the board; asked again at every change. */
  board?: () => { platform: string | null };
  /** Version of librkllmrt.so, null while unknown. */
  runtimeVersion?: () => string | null;
  /** State file for digests; default `.rkllamad/digests.json` in the models folder. */
  digestCache?: string;
}

export interface RemoveHooks {
  /** Called before anything is deleted; what it throws keeps the model. */
  unload?: (model: Model) => Promise<void>;
}

interface CatalogueEvents {
  /** The models are others than before. */
  change: [];
  /** Other files arrive than before, or more of them has arrived. */
  incoming: [];
}

const debounceMs = 50;
const missingPollMs = 1000;

/** The models on disk: read once, then kept up to date by watching the folder. Reading never moves a file. */
export class Catalogue {
  readonly changes = new EventEmitter<CatalogueEvents>();
  readonly #options: CatalogueOptions;
  readonly #root: string;
  readonly #log: Logger;
  readonly #settleMs: number;
  readonly #growth: Growth;
  readonly #scanner: Scanner;
  readonly #presence: Presence;
  readonly #assembler = new Assembler();
  readonly #digests: DigestCache;
  readonly #digester: Digester;
  readonly #work: WorkQueue;
  /** Models that are being deleted. */
  readonly #leaving = new Set<string>();
  #models: readonly Model[] = [];
  #incoming: readonly Incoming[] = [];
  #names = new NameIndex<Model>([]);
  #timers: NodeJS.Timeout[] = [];
  /** A digest has become known since the last time. */
  #isStale = false;
  #isStopped = true;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#root = resolve(options.folder);
    this.#log = options.log ?? silentLogger;
    this.#settleMs = options.settleMs ?? 2000;
    this.#growth = new Growth(this.#settleMs);
    this.#scanner = new Scanner(this.#root, new Examiner(this.#growth, this.#log), this.#log);
    this.#presence = new Presence(this.#root, this.#log, (entry) => {
      // Every write to a growing file is an event; those files are looked at by the clock instead.
      if (!this.#scanner.arriving.has(entry)) this.#touch(entry);
    });
    this.#work = new WorkQueue(
      debounceMs,
      (entries) => this.#scan(entries),
      (error) => this.#log.warn({ err: error }, 'the models folder could not be read'),
    );
    this.#digests = new DigestCache(
      options.digestCache ?? join(this.#root, '.rkllamad', 'digests.json'),
    );
    this.#digester = new Digester(this.#digests, this.#log, () => {
      this.#isStale = true;
      this.#touch();
    });
  }

  /** Reads the folder and begins to watch it. A missing folder is no error: it is waited for. */
  async start(): Promise<void> {
    this.#isStopped = false;
    await this.#digests.load();
    this.#digester.start();
    await this.refresh();
    if (this.#isStopped) return;
    const { sweepMs = 60_000 } = this.#options;
    const lookMs = Math.max(20, this.#settleMs / 2);
    this.#timers = [
      setInterval(() => this.#touch(''), sweepMs).unref(),
      setInterval(() => void this.#checkPresence(), missingPollMs).unref(),
      setInterval(() => this.#touch(...this.#scanner.arriving), lookMs).unref(),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.#work.drain();
    await this.#presence.close();
    await this.#digester.stop();
  }

  /** All models by name, from memory. Throws `models_folder_missing`. */
  models(): readonly Model[] {
    this.#checkPresent();
    return this.#models;
  }

  /** Model files that are still arriving, by name. */
  incoming(): readonly Incoming[] {
    return this.#incoming;
  }

  /** Throws `model_not_found`, `model_ambiguous`, `invalid_request`, `models_folder_missing`. */
  find(name: string): Model {
    checkName(name);
    this.#checkPresent();
    return this.#names.find(name);
  }

  /**
   * Looks at everything at once; or at `path`, a file in the models folder that was just renamed into place and
   * need not be watched for growth, with its SHA-256 where it is known. Throws `invalid_request` for a path outside.
   */
  async refresh(path?: string, sha256?: string): Promise<void> {
    if (path === undefined) return this.#work.run(() => this.#scan(['']));
    const absolute = resolve(this.#root, path);
    if (!isInside(this.#root, absolute)) {
      throw new ApplianceError('invalid_request', `${path} is not in the models folder.`);
    }
    await this.#work.run(async () => {
      this.#growth.trust(absolute);
      await this.#scan([relative(this.#root, absolute).split(sep)[0] ?? '']);
      this.#growth.distrust(absolute);
      const file = this.#files().find((fact) => fact.path === absolute);
      if (file && sha256 !== undefined) await this.#digester.adopt(file, sha256);
      if (this.#isStale) this.#publish();
    });
  }

  /**
   * Deletes a model and what belongs to it, after `hooks.unload`, and returns what it was. From the first
   * moment on it is not found any more. Throws as `find` does, and `model_in_use` while others need its files.
   */
  async remove(name: string, hooks: RemoveHooks = {}): Promise<Model> {
    const model = this.find(name);
    checkNotNeeded(model, this.#models);
    this.#leaving.add(model.name);
    this.#publish();
    try {
      await hooks.unload?.(model);
      await this.#work.run(async () => {
        checkNotNeeded(model, this.#models);
        await removeFromDisk(this.#root, model);
      });
      this.#log.info({ model: model.name }, 'model deleted');
    } finally {
      this.#leaving.delete(model.name);
      await this.#work.run(() => this.#scan(['']));
    }
    return model;
  }

  /**
   * Makes a model that derives from another: a folder with just this Modelfile, which replaces an earlier one.
   * With its own name for FROM, a model that is there keeps what it has, with the settings of this Modelfile on
   * top. Throws `invalid_request` for a name or text that cannot be, `model_not_found` when FROM names nothing.
   */
  async create(name: string, modelfile: string): Promise<Model> {
    const newName = newModelName(name);
    this.#checkPresent();
    await this.#work.run(async () => {
      const found = this.#scanner.found();
      const text = await modelfileFor(newName, modelfile, found, this.#surroundings());
      await writeModelfile(this.#root, newName, text);
      await this.#scan([newName.split('/')[0] ?? '']);
    });
    return this.find(newName);
  }

  #checkPresent(): void {
    if (this.#presence.isPresent) return;
    const folder = shownPath(this.#root);
    throw new ApplianceError('models_folder_missing', `The directory ${folder} is not found.`);
  }

  #touch(...entries: readonly string[]): void {
    if (!this.#isStopped && (entries.length > 0 || this.#isStale)) this.#work.touch(...entries);
  }

  async #checkPresence(): Promise<void> {
    if (await this.#presence.hasMoved()) this.#touch('');
  }

  /** Looks at entries of the folder again, at all of them when one is '', and shows what is different. */
  async #scan(entries: readonly string[]): Promise<void> {
    const moved = await this.#presence.follow();
    if (moved && this.#presence.isPresent) await this.#tidy();
    const all = moved || entries.includes('');
    const changed = await this.#scanner.scan(all ? await this.#allEntries() : entries);
    if (all || changed || this.#isStale) this.#publish();
    if (moved) this.changes.emit('change');
  }

  async #allEntries(): Promise<readonly string[]> {
    const present = this.#presence.isPresent ? await readdir(this.#root).catch(() => []) : [];
    return [...new Set([...this.#scanner.entries, ...present])];
  }

  /** Makes what was found visible. */
  #publish(): void {
    this.#isStale = false;
    const found = this.#scanner.found();
    const { models, incoming } = this.#assembler.assemble(found, this.#surroundings());
    this.#show(models, incoming);
    if (!this.#isStopped) this.#digester.update(this.#files());
  }

  /** Model files that have arrived. */
  #files(): FileFact[] {
    return this.#scanner.found().flatMap(({ ready }) => ready.map(({ fact }) => fact));
  }

  #surroundings(): Surroundings {
    return {
      root: this.#root,
      machine: {
        platform: this.#options.board?.().platform ?? null,
        runtimeVersion: this.#options.runtimeVersion?.() ?? null,
      },
      digestOf: (file) => this.#digests.get(file),
    };
  }

  #show(models: readonly Model[], incoming: readonly Incoming[]): void {
    const [modelsBefore, incomingBefore] = [this.#models, this.#incoming];
    this.#models = Object.freeze(models.filter((model) => !this.#leaving.has(model.name)));
    this.#incoming = Object.freeze(incoming);
    this.#names = new NameIndex(this.#models);
    if (isOther(modelsBefore, this.#models)) this.changes.emit('change');
    if (JSON.stringify(incomingBefore) !== JSON.stringify(incoming)) this.changes.emit('incoming');
  }

  async #tidy(): Promise<void> {
    try {
      await emptyTrash(this.#root);
    } catch (error) {
      this.#log.warn({ err: error }, 'left-overs of deleted models could not be removed');
    }
  }
}

function isOther<T>(before: readonly T[], after: readonly T[]): boolean {
  return before.length !== after.length || before.some((one, index) => one !== after[index]);
}
