import type { Logger } from '../model.ts';
import { statOrNull } from './listing.ts';
import { FolderWatcher } from './watcher.ts';

/** Whether the models folder is there, and the watching of the one that is. */
export class Presence {
  readonly #root: string;
  readonly #log: Logger;
  readonly #onChange: (entry: string) => void;
  /** Device and inode; null while there is no folder, undefined before the first look. */
  #identity: string | null | undefined;
  #watcher: FolderWatcher | null = null;

  /** `onChange` hears of the entry that has changed; '' means: look at everything. */
  constructor(root: string, log: Logger, onChange: (entry: string) => void) {
    this.#root = root;
    this.#log = log;
    this.#onChange = onChange;
  }

  get isPresent(): boolean {
    return typeof this.#identity === 'string';
  }

  /** Whether the folder has come, gone or been replaced since `follow`. */
  async hasMoved(): Promise<boolean> {
    return (await identityOf(this.#root)) !== this.#identity;
  }

  /** Takes the folder as it is now, and watches it. True when it is another one than before. */
  async follow(): Promise<boolean> {
    const identity = await identityOf(this.#root);
    if (identity === this.#identity) return false;
    await this.close();
    this.#identity = identity;
    if (identity === null) this.#log.warn({ folder: this.#root }, 'the models folder is missing');
    else this.#watch();
    return true;
  }

  async close(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = null;
    this.#identity = undefined;
    await watcher?.close();
  }

  #watch(): void {
    this.#watcher = new FolderWatcher(
      this.#root,
      this.#onChange,
      () => this.#onChange(''),
      (error) => {
        this.#log.warn(
          { err: error },
          'the models folder cannot be watched well: changes are noticed late',
        );
      },
    );
  }
}

async function identityOf(folder: string): Promise<string | null> {
  const stats = await statOrNull(folder);
  return stats?.isDirectory() ? `${stats.dev}:${stats.ino}` : null;
}
