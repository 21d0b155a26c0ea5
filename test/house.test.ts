import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** DESIGN, section 1: who may import whom. Paths are relative to `src/`. */

const source = fileURLToPath(new URL('../src', import.meta.url));

/** What each folder may import of its siblings. The files beside them wire, and import everything. */
const allowed: Record<string, readonly string[]> = {
  http: ['engine', 'library', 'board', 'config'],
  engine: ['rkllm', 'library'],
  library: [],
  rkllm: [],
  board: [],
  config: [],
  systemd: [],
  access: [],
  runtimes: ['rkllm'],
  cli: ['config', 'board', 'rkllm', 'library', 'runtimes'],
};
/** Files directly in `src/` that wire the rest. */
const roots = ['appliance.ts', 'daemon.ts', 'cli.ts'];
/** What everybody may import. */
const leaf = 'errors.ts';
/** How each folder is entered from outside. */
const faceOf = (folder: string) => (folder === 'http' ? 'http/app.ts' : `${folder}/index.ts`);

/** The rules that `file`, with this text, breaks. */
function violations(file: string, text: string): string[] {
  const broken = importsOf(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(file), specifier))
    .flatMap((target) => complaint(file, target) ?? []);
  return broken.map((words) => `${file}: ${words}`);
}

function complaint(file: string, target: string): string | undefined {
  if (file === leaf) return `imports ${target}, and a leaf imports nothing`;
  if (target === leaf) return;
  if (target.startsWith('..')) return `imports ${target}, which is outside of src`;
  const [from, to] = [folderOf(file), folderOf(target)];
  if (to === null) return from === null ? undefined : `imports ${target}, which wires`;
  if (from === to) return dialectComplaint(file, target);
  if (from === null && !roots.includes(file)) return `imports ${target}, but it wires nothing`;
  if (from !== null && !allowed[from]?.includes(to)) return `imports ${target}`;
  if (target !== faceOf(to)) return `imports ${target} past the face ${faceOf(to)}`;
  return;
}

function dialectComplaint(file: string, target: string): string | undefined {
  const [from, to] = [dialectOf(file), dialectOf(target)];
  if (from !== undefined && to !== undefined && from !== to)
    return `imports another dialect, ${to}`;
  return;
}

function folderOf(path: string): string | null {
  return path.includes('/') ? (path.split('/')[0] ?? null) : null;
}

function dialectOf(path: string): string | undefined {
  return /^http\/dialects\/([^/]+)\//.exec(path)?.[1];
}

/** Every module that a text names: static, dynamic, as a type, or exported again. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require|import\.meta\.resolve)\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(([, specifier]) => specifier ?? []),
  );
}

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  .map((path) => ({ path, text: readFileSync(join(source, path), 'utf8') }));

describe('the house', () => {
  it('has in each folder only imports that its place allows', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(({ path, text }) => violations(path, text))).toEqual([]);
  });

  it('has only folders whose imports are ruled', () => {
    const folders = new Set(files.flatMap(({ path }) => folderOf(path) ?? []));
    expect([...folders].filter((folder) => !Object.hasOwn(allowed, folder))).toEqual([]);
  });

  it('has beside its folders only files that wire, and the leaf', () => {
    const beside = files.map(({ path }) => path).filter((path) => folderOf(path) === null);
    expect(beside.filter((path) => path !== leaf && !roots.includes(path))).toEqual([]);
  });

  it('has no file that is too long to be read at once', () => {
    const long = files.filter(({ text }) => text.split('\n').length - 1 > 350);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('has no drawer for things without a name', () => {
    const drawer = /^(utils?|helpers?|misc|common|managers?)$/;
    const names = files.flatMap(({ path }) => [
      ...dirname(path).split('/'),
      ...basename(path, '.ts').split('-'),
    ]);
    expect(names.filter((name) => drawer.test(name))).toEqual([]);
  });
});

describe('the check of imports', () => {
  it.each([
    ['engine/engine.ts', "import { createApp } from '../http/app.ts';"],
    ['engine/engine.ts', "import type { Config } from '../config/index.ts';"],
    ['engine/prompt/index.ts', "import { readNpu } from '../../board/index.ts';"],
    ['library/catalogue.ts', "import type { Engine } from '../engine/index.ts';"],
    ['library/pull/hub.ts', "import { findRuntime } from '../../rkllm/index.ts';"],
    ['rkllm/worker.ts', "export { Catalogue } from '../library/index.ts';"],
    ['board/npu.ts', "import '../config/index.ts';"],
    ['config/index.ts', "type Npu = import('../board/index.ts').Npu;"],
    ['systemd/notify.ts', "const { Engine } = await import('../engine/index.ts');"],
    ['http/health.ts', "import { findRuntime } from '../rkllm/index.ts';"],
    ['http/health.ts', "import {\n  type Engine,\n} from '../engine/engine.ts';"],
    ['http/dialects/openai/chat.ts', "import { texts } from '../rkllama/texts.ts';"],
    ['daemon.ts', "import { Engine } from './engine/engine.ts';"],
    ['daemon.ts', "import { Puller } from './library/pull/index.ts';"],
    ['cli.ts', "import { errors } from './http/errors.ts';"],
    ['library/model.ts', "import { Appliance } from '../appliance.ts';"],
    ['errors.ts', "import { settings } from './config/index.ts';"],
    ['engine/engine.ts', "import { writeModelFile } from '../../simulator/model-file.ts';"],
  ])('finds what is wrong in %s: %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1);
  });

  it.each([
    ['engine/engine.ts', "import type { Model } from '../library/index.ts';"],
    ['engine/prompt/index.ts', "import type { ChatMessage } from '../types.ts';"],
    ['http/dialects/rkllama/routes.ts', "import { parseBody } from '../../body.ts';"],
    ['http/app.ts', "import { routes } from './dialects/rkllama/routes.ts';"],
    ['library/catalogue.ts', "import { ApplianceError } from '../errors.ts';"],
    ['appliance.ts', "import { createApp } from './http/app.ts';"],
    ['rkllm/native.ts', "import koffi from 'koffi';"],
    ['rkllm/native.ts', "// import { Engine } from '../engine/index.ts';"],
  ])('finds nothing wrong in %s: %s', (file, text) => {
    expect(violations(file, text)).toEqual([]);
  });
});
