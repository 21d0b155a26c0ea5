import { ApplianceError } from '../../errors.ts';
import { value } from './combine.ts';
import type { Guide } from './guide.ts';
import { accepts } from './language.ts';
import { Compiler } from './schema/compiler.ts';
import { Languages, type Patterns } from './schema/languages.ts';
import { modernise, type PlainSchema } from './schema/modernise.ts';
import { SchemaReader } from './schema/reader.ts';
import { assertFounded } from './schema/references.ts';

/**
 * A guide for the JSON documents that a JSON Schema (draft 2020-12) allows. Properties come in the
 * order in which they are declared, optional ones may be left out, others follow behind them.
 * Throws ApplianceError `invalid_request` that names the keyword, and its place as a JSON pointer,
 * where a schema cannot be guaranteed or allows nothing.
 */
export async function compileGuide(schema: unknown): Promise<Guide> {
  try {
    const key = JSON.stringify(schema) ?? '';
    const guide = recentGuides.get(key) ?? (await compileFresh(schema));
    keep(key, guide);
    return guide;
  } catch (error) {
    // The stack has an end, whichever of the steps meets it.
    if (!(error instanceof RangeError)) throw error;
    const message = 'The schema is nested too deeply, or too much in it is combined.';
    throw new ApplianceError('invalid_request', message, { cause: error });
  }
}

/** The same few schemas come with every request of a client; those of a house's tools are some thirty. */
const recentGuides = new Map<string, Guide>();
/** Characters of one schema, and of all together: a guide takes some hundred times as much. */
const longestKept = 32_768;
const mostKept = 65_536;

function keep(key: string, guide: Guide): void {
  recentGuides.delete(key);
  if (key.length > longestKept) return;
  recentGuides.set(key, guide);
  let characters = [...recentGuides.keys()].reduce((sum, { length }) => sum + length, 0);
  for (const oldest of recentGuides.keys()) {
    if (characters <= mostKept) return;
    recentGuides.delete(oldest);
    characters -= oldest.length;
  }
}

async function compileFresh(schema: unknown): Promise<Guide> {
  const plain = modernise(schema);
  const { node, languages } = await compileNode(plain);
  const find = (pattern: string) => {
    const rules = { minLength: 0, maxLength: Infinity, patterns: [pattern], without: [] };
    const language = languages.of(rules, '');
    return (text: string) => accepts(language, text);
  };
  const { validatorOf } = await import('./validation.ts');
  const validate = validator(() => validatorOf(plain, find));
  return value(node, async (text) => validate(text));
}

function validator(make: () => (text: string) => string | null) {
  try {
    return make();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ApplianceError('invalid_request', `The schema is not valid: ${why}`, {
      cause: error,
    });
  }
}

async function compileNode(plain: PlainSchema) {
  const reader = new SchemaReader(plain);
  const root = reader.root();
  assertFounded(root);
  const languages = new Languages(reader.needsPatterns ? await loadPatterns() : null);
  const compiler = new Compiler(languages, (name, pointer) => reader.requiring(name, pointer));
  return { node: compiler.compile(root), languages };
}

async function loadPatterns(): Promise<Patterns> {
  const [{ machinesOf }, { intersection, lengthMachine, otherThan }] = await Promise.all([
    import('./regex.ts'),
    import('./machine.ts'),
  ]);
  return { machinesOf, intersection, lengthMachine, otherThan };
}

/** Any JSON object. */
export const anyObject: Guide = {
  get start() {
    return objects().start;
  },
  get grammar() {
    return objects().grammar;
  },
  validate: (text) => objects().validate(text),
};

let known: Guide | undefined;

function objects(): Guide {
  if (known !== undefined) return known;
  const reader = new SchemaReader({ type: 'object' });
  const root = reader.root();
  const compiler = new Compiler(new Languages(null), (name, at) => reader.requiring(name, at));
  const node = compiler.compile(root);
  known = value(node, async (text) => (isObject(text) ? null : 'It is not a JSON object.'));
  return known;
}

function isObject(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && !Array.isArray(document);
  } catch {
    return false;
  }
}
