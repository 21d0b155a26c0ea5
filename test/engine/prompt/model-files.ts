/** A model's folder with the files that a test gives it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tokenizerConfigJson, tokenizerJson } from '../../../simulator/tokenizer-json.ts';
import {
  Prompter,
  type PrompterOptions,
  type PromptModel,
} from '../../../src/engine/prompt/index.ts';

/** The simulator's own tokenizer: small, and with ids that the simulator knows. */
const spec = { text: 'The quick brown fox jumps over the lazy dog. Be brief. Hello there.\n' };
export const smallTokenizer = tokenizerJson(spec);
export const smallConfig = (template: unknown) =>
  JSON.stringify({ ...JSON.parse(tokenizerConfigJson(spec)), chat_template: template });

export class ModelFiles {
  readonly folder: string;
  readonly warnings: string[] = [];
  readonly #prompters: Prompter[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: Record<string, string> = {}): Promise<ModelFiles> {
    const created = new ModelFiles(await mkdtemp(join(tmpdir(), 'rkllamad-prompt-')));
    for (const [path, text] of Object.entries(files)) await created.write(path, text);
    return created;
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  prompter(model: Partial<PromptModel> = {}, options: PrompterOptions = {}): Prompter {
    const prompter = new Prompter(
      { name: 'model', architecture: null, searchFolders: [this.folder], modelfile: {}, ...model },
      { log: { warn: (_, words) => this.warnings.push(words) }, ...options },
    );
    this.#prompters.push(prompter);
    return prompter;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#prompters.map((prompter) => prompter.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
