/** The kinds of values that settings have: how each is written, checked and told. */
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import * as z from 'zod';

export interface Kind<T> {
  /** What a value must be: "a whole number from 0 to 65535". */
  expects: string;
  /** Judges a value as TOML has it, and makes of it what the daemon uses. */
  schema: z.ZodType<T>;
  /** What a variable's or a flag's text stands for, before `schema` judges it. */
  fromText(text: string): unknown;
}

const asItIs = (given: string) => given;

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    schema: z.number().int().min(min).max(max),
    // Number() also takes 0xF0, as TOML does.
    fromText: (given) => Number(given),
  };
}

export const text: Kind<string> = {
  expects: 'a text without line breaks',
  schema: z.string().regex(/^\P{Cc}*[^\s\p{Cc}]\P{Cc}*$/u),
  fromText: asItIs,
};

/** What a header of HTTP can carry. */
export const token: Kind<string> = {
  expects: 'a token: letters, digits and signs of ASCII, without spaces',
  schema: z.string().regex(/^[\x21-\x7e]+$/),
  fromText: asItIs,
};

/** `~/` at its start is the home folder of the user that the daemon runs as. */
export const path: Kind<string> = {
  expects: 'a path',
  schema: text.schema.transform((given) => resolve(given.replace(/^~(?=\/|$)/, homedir()))),
  fromText: asItIs,
};

export const pathOrNone: Kind<string> = {
  ...path,
  expects: 'a path, or none',
  schema: z.union([z.literal('none'), path.schema]),
};

export const yesOrNo: Kind<boolean> = {
  expects: 'true or false (in a variable also yes or no, 1 or 0)',
  schema: z.boolean(),
  fromText: (given) => {
    if (['true', '1', 'yes', 'on'].includes(given.toLowerCase())) return true;
    if (['false', '0', 'no', 'off'].includes(given.toLowerCase())) return false;
    return given;
  },
};

export function oneOf<const T extends string>(choices: readonly T[]): Kind<T> {
  return { expects: `one of ${choices.join(', ')}`, schema: z.enum(choices), fromText: asItIs };
}

/** A list; as a variable or a flag with commas between its entries. */
export function listOf(what: string, entry: z.ZodType<string> = text.schema): Kind<string[]> {
  return {
    expects: `a list of ${what}: ["a", "b"] (in a variable: a,b)`,
    schema: z.array(entry),
    fromText: (given) =>
      given
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
  };
}

export const webAddress: Kind<string> = {
  expects: 'an address (URL) that begins with http:// or https://',
  schema: z.url({ protocol: /^https?$/ }),
  fromText: asItIs,
};

const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]*[a-z][a-z0-9_-]*\.?$/i;

/** An address of this machine; only listening tells whether it has it. */
export const host: Kind<string> = {
  expects: 'an IP address (127.0.0.1, ::1) or a host name, without http:// and without a port',
  schema: text.schema.refine((given) => isIP(given) !== 0 || hostName.test(given)),
  fromText: asItIs,
};

const durationPattern =
  /^[+-]?(?:\d+(?:\.\d*)?|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;

/** A time as Ollama's `keep_alive` takes it: seconds, "5m", "1h30m", negative for ever. */
export const duration: Kind<string> = {
  expects: 'a time: 300 (seconds), "5m", "1h30m", 0, or -1 for ever',
  schema: z
    .union([z.number(), z.string()])
    .transform((given) => String(given).trim())
    .pipe(z.string().regex(durationPattern)),
  fromText: asItIs,
};
