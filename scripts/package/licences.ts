/** Whose work is in the bundle, under which licence. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as z from 'zod';

const person = z.union([z.string(), z.object({ name: z.string(), email: z.string().optional() })]);
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: person.optional(),
});

export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX. */
  license: string;
  /** Lines such as `Copyright (c) 2020 Somebody`. */
  copyright: readonly string[];
  /** The whole text, with notices. */
  text: string;
}

/** Packages whose licence file is in another one. */
const elsewhere = [{ package: /^@koromix\/koffi-/, file: '../../koffi/LICENSE.txt' }];

/**
 * Every package that a bundle has code of, and those in `folders`, by name.
 * @throws where a package does not say its licence
 */
export async function bundledPackages(
  metafile: Metafile,
  folders: readonly string[],
): Promise<BundledPackage[]> {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const bundled = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const packages = await Promise.all([...new Set([...bundled, ...folders])].map(readPackage));
  const order = ({ name, version }: BundledPackage) => `${name} ${version}`;
  return packages.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${folder} does not say its licence`);
  const { name, version, license, author } = parsed.data;
  const files = await licenceFiles(folder, name);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const holder = typeof author === 'string' ? author : author?.name;
  if (texts.length === 0 && license !== 'MIT') throw new Error(`${name} has no licence file`);
  const whole = texts.length > 0 ? texts.join('\n') : mitText;
  const named = copyrightLines(whole);
  const copyright = named.length > 0 ? named : [`Copyright ${holder ?? `the authors of ${name}`}`];
  return { name, version, license, copyright, text: whole };
}

async function licenceFiles(folder: string, name: string): Promise<string[]> {
  const known = elsewhere.find((entry) => entry.package.test(name));
  if (known) return [join(folder, known.file)];
  const isLicence = (file: string) => /^(licen[cs]e|copying|notice)/i.test(basename(file));
  return (await readdir(folder))
    .filter(isLicence)
    .sort()
    .map((file) => join(folder, file));
}

function copyrightLines(text: string): string[] {
  const lines = text.matchAll(/^[\s/*#>-]*(copyright\s+(?:\(c\)|©|\d{4}).*?)\s*$/gim);
  return [...new Set([...lines].map(([, line = '']) => line))];
}

/** For the package that says MIT and carries no text. */
const mitText = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
