import { ApplianceError } from '../../errors.ts';
import { CliError } from '../failure.ts';

export function noRelease(version: string, known: readonly string[]): CliError {
  return new CliError(
    'not_found',
    `There is no release ${version} of the runtime that this rkllama knows.`,
    `Known are: ${known.join(', ')}`,
  );
}

/** What a command about runtimes failed at, with the next step; `retry` is the command with authority. */
export function asCliError(error: unknown, retry: string): unknown {
  if (error instanceof ApplianceError) {
    return new CliError(error.code.endsWith('_not_found') ? 'not_found' : 'failure', error.message);
  }
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const path = error instanceof Error ? Reflect.get(error, 'path') : undefined;
    return process.geteuid?.() === 0
      ? new CliError(
          'refused',
          `Whoever owns the folder of the appliance may not use ${path}; root does not write there with rights of its own.`,
          `Give it to that user: sudo chown -R rkllama: ${path}`,
        )
      : new CliError('refused', `This user may not use ${path}.`, `With authority: ${retry}`);
  }
  if (code === 'ENOENT' && error instanceof Error) {
    return new CliError('not_found', `There is no ${Reflect.get(error, 'path')}.`);
  }
  return error;
}
