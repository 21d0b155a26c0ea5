/**
 * Versions of Rockchip's runtime whose ABI is known, grouped by what is identical between them.
 * Source: RKLLM SDK headers 1.1.0 to 1.3.1.
 */

const groupByVersion = {
  '1.1.0': 'A',
  '1.1.1': 'A',
  '1.1.2': 'A',
  '1.1.3': 'A',
  '1.1.4': 'A',
  '1.2.0': 'B',
  '1.2.1b1': 'B1',
  '1.2.1': 'C',
  '1.2.2': 'C',
  '1.2.3': 'C',
  '1.3.0': 'D',
  '1.3.1': 'E',
} as const;

/** A runtime version with a known ABI. */
export type RuntimeVersion = keyof typeof groupByVersion;

/** Oldest to newest. */
export const abiGroups = ['A', 'B', 'B1', 'C', 'D', 'E'] as const;
export type AbiGroup = (typeof abiGroups)[number];

/** Oldest to newest. */
export const runtimeVersions = Object.keys(groupByVersion).filter(isRuntimeVersion);

export function isRuntimeVersion(version: string): version is RuntimeVersion {
  return Object.hasOwn(groupByVersion, version);
}

export function abiGroupOf(version: RuntimeVersion): AbiGroup {
  return groupByVersion[version];
}

/** True when `group` is `since` or newer. */
export function isAtLeast(group: AbiGroup, since: AbiGroup): boolean {
  return abiGroups.indexOf(group) >= abiGroups.indexOf(since);
}
