import { ApplianceError } from '../../errors.ts';

/** What is known of the board and its runtime; null where it is not. */
export interface Board {
  /** `RK3588` */
  platform: string | null;
  /** Version of librkllmrt.so, `1.2.1`. */
  runtimeVersion: string | null;
}

/** The platform a path names, in capitals: `RK3588`; the file name counts before its folders. */
export function platformOf(path: string): string | null {
  const matches = [...path.matchAll(/rk35\d\d|rv11\d\db?/gi)];
  return matches.at(-1)?.[0].toUpperCase() ?? null;
}

/** The toolkit version a path names: `…-1.1.4.rkllm`, `v1.2.0`. */
export function toolkitVersionOf(path: string): string | null {
  const matches = [...path.matchAll(/(?<![\d.])v?(1\.[0-3]\.\d)(?![\d]|\.\d)/gi)];
  return matches.at(-1)?.[1] ?? null;
}

/** Why `path` in `repository` will not run on this board, as far as its name tells; null if it may. */
export function misfit(repository: string, path: string, board: Board): string | null {
  const platform = platformOf(path) ?? platformOf(repository);
  if (platform !== null && board.platform !== null && platform !== board.platform.toUpperCase()) {
    return `for ${platform}`;
  }
  const version = toolkitVersionOf(path) ?? toolkitVersionOf(repository);
  if (version !== null && board.runtimeVersion !== null && isNewer(version, board.runtimeVersion)) {
    return `needs runtime ${version}`;
  }
  return null;
}

/**
 * The one `.rkllm` file of a repository that fits this board.
 * @param tag a word the file name must contain
 * @throws ApplianceError `model_not_found` without any, `model_unusable` when none fits,
 *   `model_ambiguous` when several do
 */
export function chooseFile(
  repository: string,
  paths: readonly string[],
  tag: string | null,
  board: Board,
): string {
  const files = paths.filter((path) => /[^/]\.rkllm$/i.test(path));
  if (files.length === 0) {
    throw new ApplianceError('model_not_found', `${repository} holds no .rkllm file.`);
  }
  const wanted = files.filter((path) => path.toLowerCase().includes(tag?.toLowerCase() ?? ''));
  if (wanted.length === 0) {
    throw new ApplianceError(
      'model_not_found',
      `No .rkllm file of ${repository} has "${tag}" in its name. It holds: ${list(files)}.`,
    );
  }
  const fitting = wanted.filter((path) => misfit(repository, path, board) === null);
  if (fitting.length === 0) {
    const reasons = wanted.map((path) => `${path} (${misfit(repository, path, board)})`);
    const runtime = board.runtimeVersion === null ? '' : ` with runtime ${board.runtimeVersion}`;
    throw new ApplianceError(
      'model_unusable',
      `No file of ${repository} fits this board (${board.platform ?? 'unknown'}${runtime}): ${list(reasons)}. Name a file to pull it all the same.`,
    );
  }
  const named = fitting.filter((path) => platformOf(path) !== null);
  // Where some files name this platform and others name none, the first are meant.
  const best = board.platform !== null && named.length > 0 ? named : fitting;
  const [only, ...others] = best;
  if (only !== undefined && others.length === 0) return only;
  throw new ApplianceError(
    'model_ambiguous',
    `${repository} holds several files for this board; name one: ${list(best.map((path) => `${repository}/${path}`))}.`,
  );
}

function isNewer(version: string, than: string): boolean {
  const left = version.split('.').map(Number);
  const right = than.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

const listedFiles = 20;

function list(items: readonly string[]): string {
  const shown = items.slice(0, listedFiles).join(', ');
  return items.length > listedFiles ? `${shown} and ${items.length - listedFiles} more` : shown;
}
