/** Reads templates and the names of special tokens out of Hugging Face's tokenizer files. */
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import type { TemplateSources } from './chat-format.ts';

/** The largest in use (Gemma's `tokenizer_config.json`) has 1.2 MB. */
const largestFile = 16 * 1024 * 1024;

const token = z.union([z.string(), z.object({ content: z.string() }).transform((t) => t.content)]);
const namedTemplates = z.array(z.object({ name: z.string(), template: z.string() }));

const configSchema = z.object({
  chat_template: z.union([z.string(), namedTemplates]).nullish().catch(null),
  bos_token: token.nullish().catch(null),
  eos_token: token.nullish().catch(null),
  pad_token: token.nullish().catch(null),
  unk_token: token.nullish().catch(null),
});

/** The template in `chat_template.jinja`, `chat_template.json` or `tokenizer_config.json`; null without one. */
export async function readTemplate(path: string): Promise<TemplateSources | null> {
  const text = await readLimited(path);
  if (path.endsWith('.jinja')) return text.trim() === '' ? null : { main: text };
  const { chat_template: found } = configSchema.parse(JSON.parse(text));
  if (typeof found === 'string') return found.trim() === '' ? null : { main: found };
  const named = (name: string) => found?.find((each) => each.name === name)?.template ?? null;
  const withTools = named('tool_use');
  const main = named('default') ?? withTools ?? found?.[0]?.template;
  return main === undefined ? null : { main, withTools };
}

/** `bos_token`, `eos_token`, `pad_token`, `unk_token`, as far as the file has them. */
export async function readSpecialTokens(path: string): Promise<Record<string, string>> {
  const { chat_template: _, ...tokens } = configSchema.parse(JSON.parse(await readLimited(path)));
  return Object.fromEntries(
    Object.entries(tokens).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

async function readLimited(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > largestFile) throw new Error(`it has ${size} bytes`);
  return readFile(path, 'utf8');
}
