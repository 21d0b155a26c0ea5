/** The runtimes on this machine: several versions side by side, one of them selected. */
import { chmod, mkdir, readdir } from 'node:fs/promises';
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
import { asOwnerOf } from './as-owner.ts';

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
  install(version: RuntimeVersion, content: Uint8Array): Promise<string> {
    const path = installedRuntime(this.#home, version);
    return asOwnerOf(this.#home, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await this.#durable.writeDurably(path, content);
      // Whoever installs may have a strict umask, and other users read it too.
      const folders = [dirname(path), this.folder];
      await Promise.all([chmod(path, 0o644), ...folders.map((folder) => chmod(folder, 0o755))]);
      for (const folder of [...folders, this.#home]) await this.#durable.syncFolder(folder);
      return path;
    });
  }

  select(selection: Selection): Promise<void> {
    const file = selectionFile(this.#home);
    return asOwnerOf(this.#home, async () => {
      await this.#durable.writeDurably(file, selectionText(selection));
      await chmod(file, 0o644);
    });
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
