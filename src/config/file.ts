/** The configuration file: which it is, and what it says. */
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { keyLines } from './key-lines.ts';
import { nearest } from './nearest.ts';
import { type Problem, type Source, wrongValue } from './problem.ts';
import type { Setting } from './setting.ts';
import { settingsByName } from './settings.ts';

/** Where the package puts it; a missing one is as good as an empty one. */
export const defaultConfigPath = '/etc/rkllamad/config.toml';

export interface FileReading {
  /** By the setting's name in `Config`: the value as the daemon uses it, and where it stands. */
  values: ReadonlyMap<string, { value: unknown; source: Source }>;
  problems: readonly Problem[];
  warnings: readonly string[];
}

/** `isNamed`: by somebody, so it has to be there. `isOwn`: the reader's, so that it can be read. */
export function readConfigFile(
  path: string,
  { isNamed, isOwn }: { isNamed: boolean; isOwn: boolean },
): FileReading & { found: boolean } {
  const nothing = { values: new Map(), problems: [], warnings: [], found: false };
  try {
    return { ...parseConfigFile(readFileSync(path, 'utf8'), path), found: true };
  } catch (error) {
    const { code, message } = error instanceof Error ? errorOf(error) : errorOf(new Error());
    if (code === 'ENOENT' && !isNamed) return nothing;
    const problem = cannotRead(path, code, message);
    // An ordinary user runs with the defaults beside a service whose file he may not read.
    if (code === 'EACCES' && !isOwn) return { ...nothing, warnings: [problem] };
    const source: Source = { kind: 'file', path, line: 1 };
    return { ...nothing, problems: [{ source, message: problem }] };
  }
}

/** Reads the text of a configuration file; `path` is for the words about it. */
export function parseConfigFile(text: string, path: string): FileReading {
  const values = new Map<string, { value: unknown; source: Source }>();
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const reading = { values, problems, warnings };
  const fileAt = (line: number) => ({ kind: 'file', path, line }) as const;
  let content: Record<string, unknown>;
  try {
    content = parse(text, { unsafeKeyBehaviour: 'throw' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const words = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
    const where = `${path}:${error.line}:${error.column}`;
    problems.push({ source: fileAt(error.line), message: `${where}: this is not TOML: ${words}.` });
    return reading;
  }
  const lines = keyLines(text);
  for (const { key, value } of entriesOf(content)) {
    const source = fileAt(lines.get(key) ?? lines.get(key.split('.')[0] ?? '') ?? 1);
    const [name, setting] = settingOf(key) ?? [];
    if (name === undefined || setting === undefined) {
      problems.push({ source, message: `${path}:${source.line}: ${unknownKey(key)}`, key });
      continue;
    }
    const parsed = setting.kind.schema.safeParse(value);
    if (parsed.success) values.set(name, { value: parsed.data, source });
    else problems.push(wrongValue(setting, value, source));
  }
  return reading;
}

/** A setting by its key, with its name in `Config`. */
export function settingOf(key: string): [string, Setting<unknown>] | undefined {
  return [...settingsByName].find(([, setting]) => setting.key === key);
}

/** `There is no setting servre.port. Did you mean server.port?` */
export function unknownKey(key: string): string {
  const keys = [...settingsByName.values()].map((setting) => setting.key);
  const last = key.slice(key.lastIndexOf('.') + 1);
  const meant = nearest(key, keys) ?? keys.find((each) => each.endsWith(`.${last}`));
  const hint = meant === undefined ? 'rkllama config show lists all.' : `Did you mean ${meant}?`;
  return `There is no setting ${key}. ${hint}`;
}

/** Sections are one level deep; what stands outside of one is told as unknown. */
function entriesOf(content: Record<string, unknown>): { key: string; value: unknown }[] {
  return Object.entries(content).flatMap(([section, value]) =>
    isTable(value)
      ? Object.entries(value).map(([name, each]) => ({ key: `${section}.${name}`, value: each }))
      : [{ key: section, value }],
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function errorOf(error: Error): { code: unknown; message: string } {
  return { code: Reflect.get(error, 'code'), message: error.message };
}

function cannotRead(path: string, code: unknown, message: string): string {
  switch (code) {
    case 'ENOENT':
      return `${path}: there is no such configuration file.`;
    case 'EACCES':
      return `${path}: this user may not read the configuration file.`;
    case 'EISDIR':
      return `${path}: this is a folder, not a configuration file.`;
    default:
      return `${path}: the configuration file cannot be read: ${message}`;
  }
}
