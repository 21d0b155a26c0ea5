/** Writes what follows from the table of settings: config/config.toml, the table in the manual. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { renderConfigFile, renderReference } from '../src/config/index.ts';

const manual = 'docs/CONFIGURATION.md';
const marks = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/;

await mkdir('config', { recursive: true });
await writeFile('config/config.toml', renderConfigFile());
const text = await readFile(manual, 'utf8');
await writeFile(
  manual,
  text.replace(marks, `$1\n${renderReference().replaceAll('$', '$$$$')}\n$2`),
);
