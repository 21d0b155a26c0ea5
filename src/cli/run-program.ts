import { spawn } from 'node:child_process';

/**
 * Runs a program in the place of this one, on the same terminal. Resolves with its exit code,
 * null when there is no such program.
 */
export function runProgram(program: string, args: readonly string[]): Promise<number | null> {
  // Ctrl-C reaches both; the program ends of it, and this one with it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const child = spawn(program, args, { stdio: 'inherit' });
  return new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      'code' in error && error.code === 'ENOENT' ? resolve(null) : reject(error),
    );
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  }).finally(() => process.off('SIGINT', ignore));
}
