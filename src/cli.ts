#!/usr/bin/env node
/** rkllama: the command line of a board's owner. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from './cli/index.ts';

const code = await runCommandLine(process.argv.slice(2), {
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  environment: process.env,
  daemonScript: beside('daemon'),
});
// What went wrong with the last words is told in the next turn.
setImmediate(() => process.exit(code));

/** Another entry point: a `.ts` file in the sources, a `.js` file when built. */
function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
}
