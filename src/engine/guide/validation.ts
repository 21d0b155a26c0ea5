import { createContext, runInContext } from 'node:vm';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { guaranteedFormats, ownFormats } from './formats.ts';
import type { PlainSchema } from './schema/modernise.ts';

type Find = (pattern: string) => (text: string) => boolean;

/** Branches that refer to each other can keep a validator busy for ever. */
const mostMs = 5_000;

/**
 * Ajv's judgement of texts. Patterns of a schema are matched by `find` instead of the engine's own
 * regular expressions, which a hostile one can keep busy for ever. Throws where Ajv refuses `schema`.
 */
export function validatorOf(schema: PlainSchema, find: Find): (text: string) => string | null {
  const validate = compiled(schema, find);
  const context = createContext({
    judge: (document: unknown) => validate(document),
    document: null,
  });
  return (text) => {
    const document = parsed(text);
    if (document === undefined) return 'It is not JSON.';
    context['document'] = document;
    try {
      const isValid: unknown = runInContext('judge(document)', context, { timeout: mostMs });
      if (isValid === true) return null;
    } catch (error) {
      return error instanceof Error ? error.message : 'It cannot be judged.';
    } finally {
      context['document'] = null;
    }
    const [first] = validate.errors ?? [];
    return `document${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`;
  };
}

function compiled(schema: PlainSchema, find: Find): ValidateFunction {
  try {
    return ajvFor(schema, find, false).compile(schema);
  } catch (error) {
    // The code for very large objects nests too deeply, unless all errors are asked for.
    if (error instanceof RangeError) return ajvFor(schema, find, true).compile(schema);
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
    code: { regExp: engine },
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
