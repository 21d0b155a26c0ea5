/** The runtimes on this machine: several versions side by side, one of them selected. */
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  findRuntime,
  installedRuntime,
  type RuntimeLibrary,
  type RuntimeVersion,
  readSelection,
  runtimesIn,
  runtimeVersions,
  type Selection,
  selectionFile,
  selectionText,
} from '../rkllm/index.ts';

/** How files are written so that a power cut leaves the old or the new one. */
export interface Durable {
  writeDurably(file: string, content: string | Uint8Array): Promise<void>;
  /** Makes new entries of a folder survive. */
  syncFolder(folder: string): Promise<void>;
}

export interface Installed {
  version: RuntimeVersion;
  path: string;
  /** What the file says of itself; null when that is another version. */
  library: RuntimeLibrary | null;
}

export class RuntimeStore {
  readonly #home: string;
  readonly #durable: Durable;

  /** @param home the appliance's folder, whose `runtime/` holds the versions */
  constructor(home: string, durable: Durable) {
    this.#home = home;
    this.#durable = durable;
  }

  get folder(): string {
    return runtimesIn(this.#home);
  }

  /** Oldest to newest. */
  async installed(): Promise<Installed[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const versions = runtimeVersions.filter((version) => names.includes(version));
    const found = await Promise.all(versions.map((version) => this.#describe(version)));
    return found.flatMap((each) => each ?? []);
  }

  /** Null where nothing was selected. Throws `runtime_not_found` when the note of it is damaged. */
  selection(): Promise<Selection | null> {
    return readSelection(this.#home);
  }

  /** Writes a library that has been verified; returns its path. */
  async install(version: RuntimeVersion, content: Uint8Array): Promise<string> {
    const path = installedRuntime(this.#home, version);
    const folders = [this.#home, this.folder, dirname(path)];
    const owner = await ownerAbove(this.#home);
    const created = await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await this.#durable.writeDurably(path, content);
    // The service is another user than the one who installs, whose umask may be strict.
    await Promise.all([chmod(path, 0o644), chmod(dirname(path), 0o755), chmod(this.folder, 0o755)]);
    const isNew = (folder: string) => created !== undefined && folder.startsWith(created);
    await giveTo(owner, [path, ...folders.filter(isNew)]);
    for (const folder of [dirname(path), ...folders]) await this.#durable.syncFolder(folder);
    return path;
  }

  async select(selection: Selection): Promise<void> {
    const file = selectionFile(this.#home);
    await this.#durable.writeDurably(file, selectionText(selection));
    await chmod(file, 0o644);
    await giveTo(await ownerAbove(this.#home), [file]);
  }

  /** Null where there is no file, or none that this user may read. */
  async #describe(version: RuntimeVersion): Promise<Installed | null> {
    const path = installedRuntime(this.#home, version);
    const library = await findRuntime({ path, abiOverride: version }).catch(() => null);
    if (library === null) return null;
    const isIts = library.banner?.includes(`version: ${version} `) ?? true;
    return { version, path, library: isIts ? library : null };
  }
}

/** Who owns the folder, or the first one above it that exists. */
async function ownerAbove(folder: string): Promise<{ uid: number; gid: number }> {
  const found = await stat(folder).catch(() => null);
  return found ?? ownerAbove(dirname(folder));
}

/** What root puts into the folder of another user is that user's: the daemon adds to it. */
async function giveTo(
  { uid, gid }: { uid: number; gid: number },
  paths: readonly string[],
): Promise<void> {
  if (process.getuid?.() !== 0 || uid === 0) return;
  await Promise.all(paths.map((path) => chown(path, uid, gid)));
}
