import type { Setting } from './setting.ts';

/** Where a value was given. */
export type Source =
  | { kind: 'default' }
  | { kind: 'file'; path: string; line: number }
  | { kind: 'environment'; variable: string }
  | { kind: 'flag'; flag: string }
  | { kind: 'credential'; path: string };

/** Something that cannot be used, in words that name where it stands. */
export interface Problem {
  source: Source;
  message: string;
}

/** Settings that cannot be used: all of them at once, one in each line of the message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: string | readonly Problem[]) {
    const list =
      typeof problems === 'string'
        ? [{ source: { kind: 'default' } as const, message: problems }]
        : problems;
    super(list.map((problem) => problem.message).join('\n'));
    this.problems = list;
  }
}

/** `/etc/rkllamad/config.toml:12`, `RKLLAMA_PORT`, `--port`, `default`. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'file':
      return `${source.path}:${source.line}`;
    case 'environment':
      return source.variable;
    case 'flag':
      return `--${source.flag}`;
    case 'credential':
      return source.path;
    case 'default':
      return 'default';
  }
}

/** A value that its setting does not take. */
export function wrongValue(setting: Setting<unknown>, given: unknown, source: Source): Problem {
  const name =
    source.kind === 'file' ? `${sourceText(source)}: ${setting.key}` : sourceText(source);
  const value = setting.secret ? 'what it is given' : inQuotes(given);
  const message = `${name} cannot be ${value}: it must be ${setting.kind.expects}. (${setting.title}.)`;
  return { source, message };
}

const longestValue = 100;

function inQuotes(given: unknown): string {
  const text = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}
