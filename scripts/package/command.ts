import { spawnSync } from 'node:child_process';

/**
 * Runs a command to its end. What it says is shown only when it fails.
 * @returns its standard output
 * @throws where it is not there or fails
 */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }
  return stdout;
}
