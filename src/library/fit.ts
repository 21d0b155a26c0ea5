import type { Inspection } from './inspection/inspection.ts';

/** What is known of the machine; null where it is not. */
export interface Machine {
  /** For instance `RK3588`. */
  readonly platform: string | null;
  /** Version of librkllmrt.so, for instance `1.2.1`. */
  readonly runtimeVersion: string | null;
}

/** Files of toolkits before this one do not load on any runtime since. */
const oldestToolkit = '1.1.0';

/**
 * Why the runtime would refuse a file on this machine, in words
 * for its owner; null when nothing speaks against it.
 */
export function problemOf(inspection: Inspection, machine: Machine): string | null {
  const { damage, platform, platformCode, toolkitVersion } = inspection;
  if (damage !== null) return damage;
  const board = machine.platform === null ? null : normalPlatform(machine.platform);
  if (board !== null && platform !== null && platform !== board) {
    return `The model is for ${platform}, this board is ${board}. Get the file that was converted for ${board}.`;
  }
  if (board === 'RK3588' && platform === null && platformCode !== null && platformCode !== 0) {
    return 'The model is for another chip than RK3588, which this board has. Get the file that was converted for RK3588.';
  }
  if (toolkitVersion === null) return null;
  if (compareVersions(toolkitVersion, oldestToolkit) < 0) {
    return `The model was converted with rkllm-toolkit ${toolkitVersion}, which no runtime since ${oldestToolkit} loads. Convert it anew.`;
  }
  const runtime = machine.runtimeVersion;
  if (runtime !== null && compareVersions(toolkitVersion, runtime) > 0) {
    return `The model was converted with rkllm-toolkit ${toolkitVersion}, newer than the installed runtime ${runtime}. Install librkllmrt.so ${toolkitVersion} or later.`;
  }
  return null;
}

/** RK3588S and the like run the files of their family. */
function normalPlatform(name: string): string {
  return name.toUpperCase().replace(/^(RK\d{4})S\d*$/, '$1');
}

/** Compares the numbers of two versions; a beta counts as its release. Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
