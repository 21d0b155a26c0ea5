/** The manual pages, made of the command tree and of the table of settings. */
import { ownVersion } from '../config/index.ts';
import { createContext } from './create-context.ts';
import { rkllamaPage } from './man/rkllama-page.ts';
import { rkllamadPage } from './man/rkllamad-page.ts';
import { tomlPage } from './man/toml-page.ts';
import { commandTree } from './tree.ts';

/**
 * Troff sources by file name: `rkllama.1`, `rkllamad.8`, `rkllamad.toml.5`.
 * @param date of the pages; the same date makes the same bytes
 */
export async function manPages(date: Date): Promise<ReadonlyMap<string, string>> {
  const { stdin, stdout, stderr } = process;
  const context = createContext({
    streams: { stdin, stdout, stderr },
    environment: {},
    daemonScript: '',
  });
  const tree = await commandTree(context);
  const day = date.toISOString().slice(0, 10);
  const version = ownVersion();
  return new Map([
    ['rkllama.1', rkllamaPage(tree, day, version)],
    ['rkllamad.8', rkllamadPage(day, version)],
    ['rkllamad.toml.5', tomlPage(day, version)],
  ]);
}
