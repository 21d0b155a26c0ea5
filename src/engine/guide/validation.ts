import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { guaranteedFormats, ownFormats } from './formats.ts';
import type { PlainSchema } from './schema/modernise.ts';
import { withinTime } from './time-limit.ts';

type Find = (pattern: string) => (text: string) => boolean;

/** Branches that refer to each other can keep a validator busy for ever. */
const mostMs = 5_000;

/**
 * Ajv's judgement of texts. Patterns of a schema are matched by `find` instead of the engine's own
 * regular expressions, which a hostile one can keep busy for ever. Throws where Ajv refuses `schema`.
 */
export function validatorOf(schema: PlainSchema, find: Find): (text: string) => string | null {
  const compiled = (allErrors: boolean) => ajvFor(schema, find, allErrors).compile(schema);
  let validate = unlessTooDeep(
    () => compiled(false),
    () => compiled(true),
  );
  const judge = (document: unknown): boolean =>
    unlessTooDeep(
      () => validate(document),
      () => {
        validate = compiled(true);
        return validate(document);
      },
    );
  return (text) => {
    const document = parsed(text);
    if (document === undefined) return 'It is not JSON.';
    try {
      if (withinTime(mostMs, () => judge(document))) return null;
    } catch (error) {
      return error instanceof Error ? error.message : 'It cannot be judged.';
    }
    const [first] = validate.errors ?? [];
    return `document${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`;
  };
}

/** The code for very large objects nests too deeply, unless all errors are asked for. */
function unlessTooDeep<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch (error) {
    if (error instanceof RangeError) return second();
    throw error;
  }
}

function ajvFor(schema: PlainSchema, find: Find, allErrors: boolean): Ajv2020 {
  const engine = (pattern: string) => ({ test: find(pattern), toString: () => pattern });
  engine.code = 'find';
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    validateSchema: false,
    allErrors,
    // It runs once per answer: what counts is how long it takes to make.
    code: { regExp: engine, optimize: false },
  });
  // Otherwise all branches of an anyOf are tried, and at every level twice as many.
  ajv.opts.unevaluated = JSON.stringify(schema).includes('"unevaluated');
  ajvFormats.default(ajv, { mode: 'full' });
  for (const format of Object.keys(ajv.formats))
    if (!guaranteedFormats.has(format)) ajv.addFormat(format, true);
  for (const [format, pattern] of ownFormats) ajv.addFormat(format, new RegExp(pattern));
  return ajv;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
