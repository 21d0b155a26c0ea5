import { relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { isOfInterest } from './listing.ts';
import { isModelsOwnFolder } from './units.ts';

/** Called with the entry of the models folder in or under which something changed; '' for the folder itself. */
export type OnChange = (entry: string) => void;

/** models folder / user / model / file */
const deepest = 3;

/** Watches the models folder, as deep as models lie. `onReady` comes when no change can be missed any more. */
export class FolderWatcher {
  readonly #watcher: FSWatcher;

  constructor(
    root: string,
    onChange: OnChange,
    onReady: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#watcher = watch(root, {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: false,
      depth: deepest - 1,
      ignored: (path, stats) => isIgnored(relative(root, path), stats?.isFile() ?? false),
    });
    this.#watcher.on('all', (_event, path) => onChange(relative(root, path).split(sep)[0] ?? ''));
    this.#watcher.on('ready', onReady);
    // One reason (too many watches, for instance) comes once for every folder.
    this.#watcher.once('error', onError);
    this.#watcher.on('error', () => {});
  }

  async close(): Promise<void> {
    await this.#watcher.close();
  }
}

function isIgnored(path: string, isFile: boolean): boolean {
  if (path === '' || path.startsWith('..')) return false;
  const parts = path.split(sep);
  const name = parts.at(-1) ?? '';
  if (parts.length > deepest || parts.some((part) => part.startsWith('.'))) return true;
  if (parts.slice(1).some(isModelsOwnFolder)) return true;
  return isFile && !isOfInterest(name);
}
