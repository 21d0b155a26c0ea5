import { describe, expect, it } from 'vitest';
import {
  abiGroupOf,
  abiGroups,
  isAtLeast,
  isRuntimeVersion,
  runtimeVersions,
} from '../../src/rkllm/versions.ts';

describe('a runtime version', () => {
  it.each([
    ['1.1.0', 'A'],
    ['1.1.1', 'A'],
    ['1.1.2', 'A'],
    ['1.1.3', 'A'],
    ['1.1.4', 'A'],
    ['1.2.0', 'B'],
    ['1.2.1b1', 'B1'],
    ['1.2.1', 'C'],
    ['1.2.2', 'C'],
    ['1.2.3', 'C'],
    ['1.3.0', 'D'],
    ['1.3.1', 'E'],
  ] as const)('%s belongs to ABI group %s', (version, group) => {
    expect(abiGroupOf(version)).toBe(group);
  });

  it('is one of twelve, oldest first', () => {
    expect(runtimeVersions).toHaveLength(12);
    const order = runtimeVersions.map((version) => abiGroups.indexOf(abiGroupOf(version)));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it.each(['1.0.1', '1.3.2', '2.0.0', '1.2', '', 'toString', '__proto__'])(
    'is not %j',
    (version) => {
      expect(isRuntimeVersion(version)).toBe(false);
    },
  );

  it('is at least itself and what came before', () => {
    const pairs = abiGroups.flatMap((a, i) =>
      abiGroups.map((b, j) => [isAtLeast(a, b), i >= j] as const),
    );
    expect(pairs.map(([actual]) => actual)).toEqual(pairs.map(([, expected]) => expected));
  });
});
