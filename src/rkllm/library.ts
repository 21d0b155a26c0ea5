/** Finds librkllmrt.so and reads its version from the file, before anything opens it. */
import { execFile } from 'node:child_process';
import { access, constants, open, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ApplianceError } from '../errors.ts';
import { installedRuntime, libraryName, readSelection, runtimesIn } from './selection.ts';
import { isRuntimeVersion, type RuntimeVersion, runtimeVersions } from './versions.ts';

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
  /** Folder whose `runtime/` is looked at first: the selected version in it, then a loose file. */
  home?: string | undefined;
  /** Colon-separated folders that the loader looks at before its own (`LD_LIBRARY_PATH`). */
  loaderPath?: string | undefined;
  /** Layout to use whatever the file says. */
  abiOverride?: string | undefined;
}

/** Throws `runtime_not_found` or `runtime_unsupported`, with the next step in words. */
export async function findRuntime(options: DiscoveryOptions): Promise<RuntimeLibrary> {
  const { path, installedAs } = await locate(options);
  return describe(path, { override: options.abiOverride, installedAs });
}

interface Place {
  path: string;
  /** The version under which it was installed; old files do not state theirs. */
  installedAs?: RuntimeVersion;
}

async function locate(options: DiscoveryOptions): Promise<Place> {
  if (options.path !== undefined) {
    if (await isReadable(options.path)) return { path: resolve(options.path) };
    throw new ApplianceError(
      'runtime_not_found',
      `The runtime library ${options.path} cannot be read.`,
    );
  }
  const selected = options.home === undefined ? null : await selectedRuntime(options.home);
  if (selected !== null) return selected;
  const places = [
    ...(options.home === undefined ? [] : [join(runtimesIn(options.home), libraryName)]),
    join('/usr/lib', libraryName),
    join('/usr/local/lib', libraryName),
    ...(options.loaderPath ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => join(dir, libraryName)),
    ...(await loaderCache()),
  ];
  for (const place of places) {
    if (await isReadable(place)) return { path: place };
  }
  throw new ApplianceError(
    'runtime_not_found',
    `Rockchip's ${libraryName} was not found. Install it with "sudo rkllama runtime install", ` +
      `put it into ${places[0] ?? '/usr/lib'}, or name it with RKLLM_LIB.`,
  );
}

/** Null where none is selected. Another than the selected one is never taken in its place. */
async function selectedRuntime(home: string): Promise<Place | null> {
  const selection = await readSelection(home);
  if (selection === null) return null;
  const path = installedRuntime(home, selection.version);
  if (await isReadable(path)) return { path, installedAs: selection.version };
  throw new ApplianceError(
    'runtime_not_found',
    `Runtime ${selection.version} is selected, but ${path} cannot be read. ` +
      `Install it: "sudo rkllama runtime install ${selection.version}", or choose another: "sudo rkllama runtime use auto".`,
  );
}

/** Every place where the dynamic loader's cache knows the library. */
async function loaderCache(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('/sbin/ldconfig', ['-p'], { timeout: 5000 });
    return stdout
      .split('\n')
      .filter((line) => line.trimStart().startsWith(`${libraryName} `))
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
const bannerLength = 200;
const bannerPattern = /^RKLLM SDK \(version: ([0-9][^ |]*) \| target: ([^ |]+) \| build: ([^)]*)\)/;

/** What a library file says of itself; null when it says nothing. */
export interface LibraryBanner {
  /** `RKLLM SDK (version: 1.3.1 | target: Linux | build: ...)`. */
  text: string;
  version: string;
  simulator: boolean;
}

/** The banner in the content of a library file. */
export function bannerIn(content: Buffer): LibraryBanner | null {
  const at = content.indexOf(bannerStart, 0, 'latin1');
  return at < 0 ? null : parseBanner(content.toString('latin1', at, at + bannerLength));
}

function parseBanner(found: string | null): LibraryBanner | null {
  const [text, version, , build] = (found && bannerPattern.exec(found)) || [];
  if (text === undefined || version === undefined) return null;
  return { text, version, simulator: build?.includes('simulator') ?? false };
}

async function describe(
  path: string,
  { override, installedAs }: { override: string | undefined; installedAs?: string | undefined },
): Promise<RuntimeLibrary> {
  const banner = parseBanner(await findText(path, bannerStart, bannerLength));
  const version = override ?? banner?.version ?? installedAs;
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
    banner: banner?.text ?? null,
    simulator: banner?.simulator ?? false,
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
