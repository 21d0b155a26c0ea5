import { type Assignment, parseDotenv } from './dotenv.ts';
import { framedTemplate } from './framed-template.ts';
import { parseOllama } from './ollama.ts';
import { type Modelfile, modelfileSchema, pathByKey } from './settings.ts';

export interface ParsedModelfile {
  readonly settings: Modelfile;
  /** Lines that were left out and why, for the log and for `/api/create`. */
  readonly warnings: readonly string[];
}

/** Words that Ollama knows and that mean nothing on an NPU: no reason for a warning. */
const ignoredKeys = new Set(
  `requires renderer parser num_gpu num_thread num_batch main_gpu use_mmap use_mlock numa low_vram f16_kv
  vocab_only logits_all penalize_newline tfs_z typical_p`.split(/\s+/),
);

/**
 * Reads a Modelfile in either syntax: RKLLama's `KEY=value` lines or Ollama's instructions. A line that makes
 * no sense is left out with a warning; it never keeps a model from running.
 */
export function parseModelfile(text: string): ParsedModelfile {
  const warnings: string[] = [];
  const raw: Record<string, unknown> = {};
  for (const { key, value, isParameter } of readAssignments(text)) {
    const path = pathByKey.get(key.toLowerCase());
    if (path !== undefined) put(raw, path, key, value);
    else if (!ignoredKeys.has(key.toLowerCase())) {
      warnings.push(`${key} is no ${isParameter ? 'parameter' : 'key'} of a Modelfile`);
    }
  }
  return { settings: withFrame(validate(raw, warnings), warnings), warnings };
}

/** The three texts around a prompt, as a template where there is no other. */
function withFrame(settings: Modelfile, warnings: string[]): Modelfile {
  const { frame, template } = settings;
  if (frame === undefined || template !== undefined) return settings;
  const { system, prefix, postfix } = frame;
  if (system !== undefined && prefix !== undefined && postfix !== undefined) {
    return { ...settings, template: framedTemplate({ system, prefix, postfix }) };
  }
  warnings.push('SYSTEM_PROMPT, PROMPT_PREFIX and PROMPT_POSTFIX have an effect only together');
  return settings;
}

/** What a Modelfile says, key by key, in either syntax. */
export function readAssignments(text: string): Assignment[] {
  const source = text.replace(/^\uFEFF/, '');
  return isDotenv(source) ? parseDotenv(source) : parseOllama(source);
}

/** The first line that is no comment tells the syntax. */
function isDotenv(source: string): boolean {
  const line = source.split('\n').find((candidate) => /^\s*[^#\s]/.test(candidate)) ?? '';
  return /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=/.test(line);
}

function put(
  raw: Record<string, unknown>,
  [field = '', inner]: readonly string[],
  key: string,
  value: string,
): void {
  if (inner === undefined) raw[field] = value;
  else if (inner !== '[]') raw[field] = { ...recordAt(raw, field), [inner]: value };
  else listAt(raw, field).push(...elements(key.toLowerCase(), value));
}

function listAt(raw: Record<string, unknown>, field: string): unknown[] {
  const list = raw[field];
  if (Array.isArray(list)) return list;
  const empty: unknown[] = [];
  raw[field] = empty;
  return empty;
}

function recordAt(raw: Record<string, unknown>, field: string): object {
  const record = raw[field];
  return typeof record === 'object' && record !== null ? record : {};
}

function elements(key: string, value: string): unknown[] {
  if (key === 'message') {
    const [, role = '', content = ''] = /^(\S*)\s?([\s\S]*)$/.exec(value) ?? [];
    return [{ role, content }];
  }
  if (key === 'stop' && value.startsWith('[')) return jsonList(value) ?? [value];
  return [value];
}

function jsonList(value: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves out every value that the schema refuses, with a warning each. */
function validate(raw: Record<string, unknown>, warnings: string[]): Modelfile {
  const parsed = modelfileSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const kept = structuredClone(raw);
  for (const issue of parsed.error.issues) {
    const [field = '', inner] = issue.path.map(String);
    const key = keyOf(field, inner);
    warnings.push(`${key.toUpperCase()} is left out: ${issue.message}`);
    const record = kept[field];
    if (
      inner !== undefined &&
      !Array.isArray(record) &&
      typeof record === 'object' &&
      record !== null
    ) {
      Reflect.deleteProperty(record, inner);
    } else {
      delete kept[field];
    }
  }
  return modelfileSchema.parse(kept);
}

function keyOf(field: string, inner: string | undefined): string {
  const found = [...pathByKey].find(
    ([, path]) =>
      path[0] === field && (path[1] === undefined || path[1] === '[]' || path[1] === inner),
  );
  return found?.[0] ?? field;
}
