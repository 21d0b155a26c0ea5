import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  environment?: NodeJS.ProcessEnv;
  /** What is piped in; left out: stdin is empty. */
  input?: string;
}

/** The command line as a process of its own, with pipes where a terminal would be. */
export async function rkllama(
  args: readonly string[],
  { environment = {}, input = '' }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], { env: bare(environment) });
  const outcome = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    outcome.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    outcome.stderr += text;
  });
  // A program that does not read its input closes it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...outcome };
}

/** The words of a shell that start the program. */
export function commandLine(args: readonly string[]): string {
  return [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
}

/** Nothing of the machine that the tests run on. */
export function bare(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    RKLLAMA_CONFIG: '/dev/null',
    ...environment,
  };
}
