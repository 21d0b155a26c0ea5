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
  /** The setting that it is about; left out where it is about all that the source says. */
  key?: string;
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

/** A value that reads well, and then turns out to be none that works. */
export class SettingError extends ConfigError {
  /** In `Config`. */
  readonly setting: string;
  readonly #refusal: string;
  readonly #key: string;

  /** @param refusal `cannot be 8080: another program listens there.` */
  constructor(setting: string, key: string, refusal: string) {
    super(`${key} ${refusal}`);
    this.setting = setting;
    this.#key = key;
    this.#refusal = refusal;
  }

  /** The message for whoever knows where the value was given. */
  by(source: Source): string {
    const name = named(this.#key, source);
    return `${name} ${this.#refusal}${source.kind === 'default' ? ' (It is the default.)' : ''}`;
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
  const name = named(setting.key, source);
  const value = setting.secret ? 'what it is given' : inQuotes(given);
  const message = `${name} cannot be ${value}: it must be ${setting.kind.expects}. (${setting.title}.)`;
  return { source, message, key: setting.key };
}

/** The setting, by the words that whoever set it used. */
function named(key: string, source: Source): string {
  if (source.kind === 'default') return key;
  return source.kind === 'file' ? `${sourceText(source)}: ${key}` : sourceText(source);
}

const longestValue = 100;

function inQuotes(given: unknown): string {
  const text = typeof given === 'string' ? `"${withoutPassword(given)}"` : JSON.stringify(given);
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}

/** Of an address, `user:password@` is nobody else's business: `https://(user)@mirror.example`. */
export function withoutPassword(text: string): string {
  return text.replace(/(:\/\/|^)[^\s/?#]*:[^\s/?#]*@|(:\/\/)[^\s/?#]*@/, '$1$2(user)@');
}
