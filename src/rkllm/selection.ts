/** Which of the runtimes in the appliance's folder is in force, as a file that outlives a power cut. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplianceError } from '../errors.ts';
import { isRuntimeVersion, type RuntimeVersion } from './versions.ts';

export const libraryName = 'librkllmrt.so';

export interface Selection {
  version: RuntimeVersion;
  /** Chosen by what the models need, and chosen anew when runtimes come or go. */
  automatic: boolean;
}

/** Folder of the runtimes below the appliance's folder. */
export function runtimesIn(home: string): string {
  return join(home, 'runtime');
}

/** Where a version lies when it is installed. */
export function installedRuntime(home: string, version: RuntimeVersion): string {
  return join(runtimesIn(home), version, libraryName);
}

export function selectionFile(home: string): string {
  return join(runtimesIn(home), 'selected');
}

/** The content of the selection file. */
export function selectionText({ version, automatic }: Selection): string {
  return `${version}${automatic ? ' auto' : ''}\n`;
}

/** Null where nothing was selected. Throws `runtime_not_found` when the file says nothing of use. */
export async function readSelection(home: string): Promise<Selection | null> {
  const path = selectionFile(home);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unusable(path, `cannot be read (${code})`);
  });
  if (text === null) return null;
  const [, version = '', mode] = /^(\S+)( auto)?\n?$/.exec(text) ?? [];
  if (!isRuntimeVersion(version)) throw unusable(path, 'names no version that is known');
  return { version, automatic: mode !== undefined };
}

function unusable(path: string, why: string): ApplianceError {
  return new ApplianceError(
    'runtime_not_found',
    `The choice of a runtime in ${path} ${why}. Choose again: rkllama runtime use auto`,
  );
}
