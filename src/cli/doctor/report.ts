/** What the owner of a board attaches to a bug report. */

import type { BoardSummary } from '../../board/index.ts';
import { ownVersion, type ShownSetting, showConfig } from '../../config/index.ts';
import { sizeText } from '../units.ts';
import type { Checked } from './check.ts';
import type { Facts } from './facts.ts';
import { redact } from './redact.ts';

/** Markdown. Nothing secret is put in; what may be in the words of others is taken out again. */
export function reportText(facts: Facts, results: readonly Checked[]): string {
  const lines = [
    '# rkllama doctor',
    '',
    ...rows([
      ['rkllama', ownVersion()],
      ['Node.js', process.version],
      ['architecture', process.arch],
      ...runtimeRows(facts),
      ...boardRows(facts.board),
      ['models', facts.models.map(modelText).join('; ') || 'none'],
      [
        'settings',
        changedSettings(facts.installation.environment).join('; ') || 'all are the defaults',
      ],
    ]),
    '',
    '## Checks',
    '',
    ...results.map(({ id, verdict, words }) => `- **${verdict}** ${id}: ${words}`),
    '',
  ];
  return redact(lines.join('\n'));
}

function runtimeRows({ runtime: { library, reason } }: Facts): Row[] {
  if (library === null) return [['runtime', reason]];
  const kind = library.simulator ? 'the simulator, not an NPU' : (library.banner ?? 'no banner');
  return [['runtime', `${library.version} (${kind})`]];
}

function boardRows({ name, kernel, os, npu, clocks, memory, temperatures }: BoardSummary): Row[] {
  const mhz = (hz: number) => `${Math.round(hz / 1e6)} MHz`;
  const clock = ({ value, reason }: typeof clocks.npu) =>
    value ? `${mhz(value.currentHz)} of ${mhz(value.maxHz)}, ${value.governor}` : reason;
  return [
    ['board', name.value ?? name.reason],
    ['SoC', npu.platform ?? 'none of Rockchip with an NPU for language models'],
    ['kernel', kernel.value ?? kernel.reason],
    ['system', os.value ?? os.reason],
    ['NPU driver', `${npu.driver ?? 'none'} ${npu.driverVersion.value ?? ''}`.trim()],
    ['NPU nodes', npu.devices.map(({ path }) => path).join(', ') || 'none'],
    ['NPU clock', clock(clocks.npu)],
    ['memory clock', clock(clocks.ddr)],
    [
      'CPU clocks',
      clocks.cpus.map((cpu) => clock({ value: cpu, reason: null })).join('; ') ||
        'this kernel tells none',
    ],
    [
      'temperatures',
      temperatures.value?.map((zone) => `${zone.name} ${Math.round(zone.celsius)}`).join(', ') ??
        temperatures.reason,
    ],
    [
      'memory',
      memory.value
        ? `${sizeText(memory.value.availableBytes)} of ${sizeText(memory.value.totalBytes)} free`
        : memory.reason,
    ],
  ];
}

type Row = readonly [string, string | null];

function rows(pairs: readonly Row[]): string[] {
  return pairs.map(([key, value]) => `- ${key}: ${value ?? 'unknown'}`);
}

function modelText({ name, sizeBytes, inspection }: Facts['models'][number]): string {
  const { toolkitVersion, platform, architecture } = inspection;
  const parts = [architecture, platform, toolkitVersion && `toolkit ${toolkitVersion}`];
  return `${name} (${[sizeText(sizeBytes), ...parts.filter(Boolean)].join(', ')})`;
}

/** Numbers and choices are told; a text may name somebody's machine, and is not. */
function changedSettings(environment: NodeJS.ProcessEnv): string[] {
  return showConfig(environment)
    .settings.filter(({ source }) => source.kind !== 'default')
    .map(({ key, value }: ShownSetting) => {
      const isHarmless = typeof value === 'number' || typeof value === 'boolean';
      return isHarmless || key === 'log.level' ? `${key} = ${value}` : `${key} is set`;
    });
}
