/**
 * The prompt caches of all models in one folder. A file counts from the moment its record is on the
 * disk, which is after the file itself is; whatever else is found at the start is deleted.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeDurably } from '../../library/index.ts';
import type { Logger } from '../logger.ts';
import { roomIn } from './budget.ts';
import { Costs } from './costs.ts';
import { noCounts } from './counters.ts';
import { isIntact, type PrefixEntry, recordText, type Scope, settleFile } from './entry.ts';
import { FolderLock } from './folder-lock.ts';
import { sweep } from './leftovers.ts';
import { type Match, PrefixIndex } from './prefix-index.ts';
import type { Tokens } from './tokens.ts';

export interface PrefixStoreOptions {
  /** Made when it is not there. */
  folder: string;
  /** Most bytes on the disk; 0 keeps nothing, null: 2 GiB and no more than a tenth of the free room. */
  budgetBytes: number | null;
  /** Left out: learned for each model. */
  costs?: Costs;
  log: Logger;
}

export interface PrefixStoreStats {
  /** Null: files are written. Otherwise why none are. */
  off: string | null;
  entries: number;
  bytes: number;
  /** Files given up to make room for others. */
  evictions: number;
}

/** Files beyond this many cost more than they save. */
const mostEntries = 512;

interface Kept {
  entry: PrefixEntry;
  /** Its content was read and found right since the daemon started. */
  isChecked: boolean;
  isUsed: boolean;
}

export class PrefixStore {
  /** Of all models since the start. */
  readonly counts = noCounts();
  readonly #options: PrefixStoreOptions;
  /** The least recently used first. */
  readonly #kept = new Map<string, Kept>();
  readonly #indices = new Map<string, PrefixIndex<PrefixEntry>>();
  readonly #pending = new Set<Promise<unknown>>();
  #opening: Promise<void> | undefined;
  #lock: FolderLock | undefined;
  #off: string | null = 'not opened yet';
  #evictions = 0;

  /** Touches nothing yet. */
  constructor(options: PrefixStoreOptions) {
    this.#options = options;
  }

  /** Opens the folder, once for all who ask. Resolves with whether files are kept. */
  async open(): Promise<boolean> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#turnOff('its folder cannot be used', error);
    });
    await this.#opening;
    return this.#off === null;
  }

  /** Work that is to be over before the folder is closed. */
  track(work: Promise<unknown>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }

  /** Lets the next daemon have the folder. */
  async close(): Promise<void> {
    await this.#opening;
    await Promise.allSettled(this.#pending);
    this.#off ??= 'closed';
    await this.#lock?.release();
  }

  stats(): PrefixStoreStats {
    const evictions = this.#evictions;
    return { off: this.#off, entries: this.#kept.size, bytes: this.#bytes(), evictions };
  }

  /** How many files there are of a model, and their bytes. */
  kept(model: string): { entries: number; bytes: number } {
    const kept = [...this.#kept.values()].filter(({ entry }) => entry.model === model);
    return { entries: kept.length, bytes: sumOf(kept) };
  }

  /** Entries of `scope` that begin like `ids`, the longest common beginning first. */
  matches(scope: Scope, ids: Tokens): Iterable<Match<PrefixEntry>> {
    return this.#off === null ? (this.#indices.get(keyOf(scope))?.matches(ids) ?? []) : [];
  }

  /** Where the file of an entry is. */
  pathOf({ model, id }: Pick<PrefixEntry, 'model' | 'id'>): string {
    return join(this.#folderOf(model), `${id}.kv`);
  }

  /** Deletes what was saved of a model that has changed since. */
  async dropStale({ model, identity }: Pick<Scope, 'model' | 'identity'>): Promise<void> {
    for (const { entry } of [...this.#kept.values()]) {
      if (entry.model === model && entry.identity !== identity) await this.remove(entry);
    }
  }

  /**
   * Makes room for a file of about so many bytes. Resolves with the path to write it to, or null
   * where there is no room for it.
   */
  async begin({ model }: Scope, sizeBytes: number, costs: Costs): Promise<string | null> {
    if (!(await this.#isHeld())) return null;
    const room = await roomIn(this.#options.folder, this.#options.budgetBytes, this.#bytes());
    if (sizeBytes > room.limitBytes || sizeBytes > room.freeBytes) return null;
    await this.#evict(room.limitBytes - sizeBytes, mostEntries - 1, costs);
    await mkdir(this.#folderOf(model), { recursive: true, mode: 0o700 });
    return join(this.#folderOf(model), `${randomUUID()}.part`);
  }

  /** Takes in what the runtime has written to a path of `begin`. Throws the file system's error. */
  async commit(
    part: string,
    content: Scope & Pick<PrefixEntry, 'ids' | 'shared'>,
    costs: Costs,
  ): Promise<PrefixEntry> {
    const entry: PrefixEntry = { ...content, id: randomUUID(), ...(await settleFile(part)) };
    if (entry.sizeBytes === 0) throw new Error('the runtime wrote an empty file');
    if (!(await this.#isHeld())) throw new Error('another daemon has taken the folder');
    try {
      await renameDurably(part, this.pathOf(entry));
      await writeDurably(this.#recordOf(entry), recordText(entry));
    } catch (error) {
      await this.remove(entry);
      throw error;
    }
    this.#add({ entry, isChecked: true, isUsed: false });
    await this.#removeSuperseded(entry);
    const room = await roomIn(this.#options.folder, this.#options.budgetBytes, this.#bytes());
    await this.#evict(room.limitBytes, mostEntries, costs);
    return entry;
  }

  /** Where it cannot be deleted now, the next start does. */
  async discard(part: string): Promise<void> {
    await rm(part, { force: true }).catch(() => {});
  }

  /** Whether the file is whole; one that is not is deleted. It is read once, and then trusted. */
  async check(entry: PrefixEntry): Promise<boolean> {
    const kept = this.#kept.get(entry.id);
    if (!kept) return false;
    kept.isChecked ||= await isIntact(this.pathOf(entry), entry);
    const size = await stat(this.pathOf(entry)).then(
      (found) => found.size,
      () => null,
    );
    if (kept.isChecked && size === entry.sizeBytes) return true;
    this.#options.log.warn({ entry: entry.id }, 'a prompt cache file was damaged; it is deleted');
    await this.remove(entry);
    return false;
  }

  /** Notes that an entry was of use. */
  async used(entry: PrefixEntry): Promise<void> {
    const kept = this.#kept.get(entry.id);
    if (!kept) return;
    kept.isUsed = true;
    this.#kept.delete(entry.id);
    this.#kept.set(entry.id, kept);
    const now = new Date();
    // The order after a restart; nothing else hangs on it.
    await utimes(this.#recordOf(entry), now, now).catch(() => {});
  }

  /** Notes that an entry begins more than one conversation: it is given up last. */
  async share(entry: PrefixEntry): Promise<void> {
    if (entry.shared || !this.#kept.has(entry.id)) return;
    entry.shared = true;
    await writeDurably(this.#recordOf(entry), recordText(entry)).catch(() => {});
  }

  /** Forgets an entry and deletes it, the record first: a file without one is nothing. */
  async remove(entry: PrefixEntry): Promise<void> {
    this.#kept.delete(entry.id);
    const index = this.#indices.get(keyOf(entry));
    index?.remove(entry);
    if (index?.size === 0) this.#indices.delete(keyOf(entry));
    await rm(this.#recordOf(entry), { force: true }).catch(() => {});
    await rm(this.pathOf(entry), { force: true }).catch(() => {});
  }

  /** What was measured of a model; what is usual where nothing was. */
  async costs({ model }: Pick<Scope, 'model'>): Promise<Costs> {
    if (this.#options.costs) return this.#options.costs;
    return Costs.parse(await readFile(this.#costsOf(model), 'utf8').catch(() => ''));
  }

  /** Where they cannot be written, they are learned again. */
  async keepCosts({ model }: Pick<Scope, 'model'>, costs: Costs): Promise<void> {
    if (!(await this.#isHeld())) return;
    const write = async () => {
      await mkdir(this.#folderOf(model), { recursive: true, mode: 0o700 });
      await writeDurably(this.#costsOf(model), JSON.stringify(costs));
    };
    await write().catch(() => {});
  }

  async #open(): Promise<void> {
    const { folder, budgetBytes, log } = this.#options;
    if (budgetBytes === 0) {
      this.#off = 'switched off';
      return;
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await FolderLock.take(folder);
    if (typeof lock === 'number') {
      this.#off = `process ${lock} uses ${folder}`;
      log.warn({ folder, pid: lock }, 'another daemon keeps its prompts in this folder');
      return;
    }
    this.#lock = lock;
    for (const entry of await sweep(folder)) {
      this.#add({ entry, isChecked: false, isUsed: false });
    }
    this.#off = null;
    const { limitBytes } = await roomIn(folder, budgetBytes, this.#bytes());
    await this.#evict(limitBytes, mostEntries, new Costs());
  }

  async #isHeld(): Promise<boolean> {
    if (this.#off !== null) return false;
    if (await this.#lock?.isHeld()) return true;
    this.#turnOff('another daemon has taken its folder over, or it is gone');
    return false;
  }

  #turnOff(why: string, error?: unknown): void {
    this.#off = why;
    const { folder, log } = this.#options;
    log.warn({ folder, ...(error !== undefined && { err: error }) }, `no prompts are kept: ${why}`);
  }

  #add(kept: Kept): void {
    const key = keyOf(kept.entry);
    const index = this.#indices.get(key) ?? new PrefixIndex<PrefixEntry>();
    this.#indices.set(key, index);
    index.add(kept.entry);
    this.#kept.set(kept.entry.id, kept);
  }

  /** A new entry has everything that its own beginnings have. */
  async #removeSuperseded(entry: PrefixEntry): Promise<void> {
    const matches = [...this.matches(entry, entry.ids)];
    for (const { entry: other, tokens } of matches) {
      if (other.id === entry.id || tokens < other.ids.length) continue;
      if (!other.shared || tokens === entry.ids.length) await this.remove(other);
    }
  }

  /** Gives up the least recently used files, shared ones last. */
  async #evict(mostBytes: number, mostCount: number, costs: Costs): Promise<void> {
    const order = [...this.#kept.values()].sort(
      (a, b) => Number(a.entry.shared) - Number(b.entry.shared),
    );
    for (const { entry, isUsed } of order) {
      if (this.#bytes() <= mostBytes && this.#kept.size <= mostCount) return;
      if (!isUsed) costs.sawReturn(false);
      this.#evictions += 1;
      await this.remove(entry);
    }
  }

  #bytes(): number {
    return sumOf([...this.#kept.values()]);
  }

  #folderOf(model: string): string {
    return join(this.#options.folder, hash(model));
  }

  #recordOf({ model, id }: Pick<PrefixEntry, 'model' | 'id'>): string {
    return join(this.#folderOf(model), `${id}.json`);
  }

  #costsOf(model: string): string {
    return join(this.#folderOf(model), 'costs');
  }
}

async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

function keyOf({ model, identity, contextLength, lora }: Scope): string {
  return JSON.stringify([model, identity, contextLength, lora]);
}

function sumOf(kept: readonly Kept[]): number {
  return kept.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
