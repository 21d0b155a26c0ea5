/** Finds librkllmrt.so and reads its version from the file, before anything opens it. */
import { execFile } from 'node:child_process';
import { access, constants, open, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ApplianceError } from '../errors.ts';
import { isRuntimeVersion, type RuntimeVersion, runtimeVersions } from './versions.ts';

const fileName = 'librkllmrt.so';

export interface RuntimeLibrary {
  path: string;
  /** The layout that is used: the file's own version, or the override. */
  version: RuntimeVersion;
  /** As the file states it, with build and date; null in files that state none. */
  banner: string | null;
  /** True for the simulator of this project, which is no NPU. */
  simulator: boolean;
}

export interface DiscoveryOptions {
  /** A file that must be used; searching stops there. */
  path?: string | undefined;
  /** Folder whose `runtime/` is looked at first. */
  home?: string | undefined;
  /** Colon-separated folders that the loader looks at before its own (`LD_LIBRARY_PATH`). */
  loaderPath?: string | undefined;
  /** Layout to use whatever the file says. */
  abiOverride?: string | undefined;
}

/** Throws `runtime_not_found` or `runtime_unsupported`, with the next step in words. */
export async function findRuntime(options: DiscoveryOptions): Promise<RuntimeLibrary> {
  const path = await locate(options);
  return describe(path, options.abiOverride);
}

async function locate(options: DiscoveryOptions): Promise<string> {
  if (options.path !== undefined) {
    if (await isReadable(options.path)) return resolve(options.path);
    throw new ApplianceError(
      'runtime_not_found',
      `The runtime library ${options.path} cannot be read.`,
    );
  }
  const places = [
    ...(options.home === undefined ? [] : [join(options.home, 'runtime', fileName)]),
    join('/usr/lib', fileName),
    join('/usr/local/lib', fileName),
    ...(options.loaderPath ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => join(dir, fileName)),
    ...(await loaderCache()),
  ];
  for (const place of places) {
    if (await isReadable(place)) return place;
  }
  throw new ApplianceError(
    'runtime_not_found',
    `Rockchip's ${fileName} was not found. Put it into ${places[0] ?? '/usr/lib'} or name it with RKLLM_LIB.`,
  );
}

/** Every place where the dynamic loader's cache knows the library. */
async function loaderCache(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('/sbin/ldconfig', ['-p'], { timeout: 5000 });
    return stdout
      .split('\n')
      .filter((line) => line.trimStart().startsWith(`${fileName} `))
      .flatMap((line) => line.split(' => ')[1]?.trim() ?? []);
  } catch {
    return [];
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const bannerStart = 'RKLLM SDK (version: ';
const bannerPattern = /^RKLLM SDK \(version: ([0-9][^ |]*) \| target: ([^ |]+) \| build: ([^)]*)\)/;

async function describe(path: string, override: string | undefined): Promise<RuntimeLibrary> {
  const banner = await findText(path, bannerStart, 200);
  const match = banner === null ? null : bannerPattern.exec(banner);
  const version = override ?? match?.[1];
  const known = `Known versions: ${runtimeVersions.join(', ')}.`;
  if (override !== undefined && !isRuntimeVersion(override)) {
    throw new ApplianceError(
      'runtime_unsupported',
      `RKLLAMA_RUNTIME_ABI is ${override}, which is no version whose ABI is known. ${known}`,
    );
  }
  if (version === undefined) {
    throw new ApplianceError(
      'runtime_unsupported',
      `${path} does not state a version, so its ABI cannot be known. ${known} ` +
        'If you know which one it is, set RKLLAMA_RUNTIME_ABI to it.',
    );
  }
  if (!isRuntimeVersion(version)) {
    throw new ApplianceError(
      'runtime_unsupported',
      `${path} is version ${version}, whose ABI this rkllamad does not know. ${known} ` +
        'Install one of them, or update rkllamad. To try another layout all the same, set RKLLAMA_RUNTIME_ABI.',
    );
  }
  return {
    path,
    version,
    banner: match?.[0] ?? null,
    simulator: match?.[3]?.includes('simulator') ?? false,
  };
}

const chunkBytes = 1 << 18;

/** `length` characters of the file from the first `start` on, or null. Reads in small pieces. */
async function findText(path: string, start: string, length: number): Promise<string | null> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(chunkBytes + length);
    for (let position = 0; ; position += chunkBytes) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      const atEnd = bytesRead < buffer.length;
      const at = buffer.subarray(0, bytesRead).indexOf(start, 0, 'latin1');
      // What starts in the overlap is whole in the next piece, if there is one.
      if (at >= 0 && (at < chunkBytes || atEnd)) {
        return buffer.toString('latin1', at, Math.min(at + length, bytesRead));
      }
      if (atEnd) return null;
    }
  } finally {
    await file.close();
  }
}
