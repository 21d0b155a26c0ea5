/** Where a model's tokenizer and templates lie. */
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface PromptFiles {
  /** `tokenizer.json`; null without one. */
  readonly tokenizer: string | null;
  /** `tokenizer_config.json`; null without one. */
  readonly config: string | null;
  /** Files in which a template may stand, the first that has one counts. */
  readonly templates: readonly string[];
}

export const noFiles: PromptFiles = { tokenizer: null, config: null, templates: [] };

/** In transformers' order of precedence. */
const templateNames = ['chat_template.jinja', 'tokenizer_config.json', 'chat_template.json'];

/**
 * Looks into each folder's `tokenizer/` and into the folder itself.
 * @param tokenizer folder or file that the Modelfile names; it comes first
 */
export async function findPromptFiles(
  folders: readonly string[],
  tokenizer?: string,
): Promise<PromptFiles> {
  const named =
    tokenizer === undefined ? [] : [await folderOf(resolve(folders[0] ?? '/', tokenizer))];
  const places = [...named, ...folders.flatMap((folder) => [join(folder, 'tokenizer'), folder])];
  const tokenizers = await existing(places.map((place) => join(place, 'tokenizer.json')));
  const templates = await existing(
    places.flatMap((place) => templateNames.map((name) => join(place, name))),
  );
  const [first = null] = tokenizers;
  const configs = templates.filter((path) => path.endsWith('tokenizer_config.json'));
  const beside = configs.find((path) => first !== null && dirname(path) === dirname(first));
  return { tokenizer: first, config: beside ?? configs[0] ?? null, templates };
}

async function folderOf(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? dirname(path) : path;
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}
