/** The table that goes into a bug report. */
import type { BoardSummary } from '../../board/index.ts';
import { ownVersion } from '../../config/index.ts';
import type { Model } from '../../library/index.ts';
import type { RuntimeLibrary } from '../../rkllm/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { harmless } from '../terminal/width.ts';
import { sizeText } from '../units.ts';
import type { Measured } from './assertion.ts';
import type { Outcome, Result } from './selftest.ts';

interface Tested {
  library: RuntimeLibrary;
  model: Model;
  board: BoardSummary;
}

/** What was tested on what, a line each. */
export function header({ library, model, board }: Tested): string[] {
  const { npu, name, kernel } = board;
  const runtime = library.simulator ? 'the simulator, not an NPU' : 'librkllmrt.so';
  const { toolkitVersion, quantization, platform } = model.inspection;
  const lines: [string, string][] = [
    ['rkllama', ownVersion()],
    ['Runtime', `${library.version}, ${runtime}`],
    ['Model', `${model.name}, ${sizeText(model.sizeBytes)}`],
    ['Made by', `toolkit ${toolkitVersion ?? '?'}, ${quantization ?? '?'}, for ${platform ?? '?'}`],
    ['Board', `${name.value ?? 'unknown'}, ${npu.platform ?? 'no Rockchip NPU'}`],
    ['Driver', `${npu.driver ?? 'none'} ${npu.driverVersion.value ?? ''}`.trimEnd()],
    ['Kernel', kernel.value ?? 'unknown'],
  ];
  return [...lines.map(([key, value]) => `${`${key}:`.padEnd(9)} ${harmless(value)}`), ''];
}

const marks = { pass: 'green', fail: 'red', skipped: 'dim' } as const;

/** Columns of a verdict and the name of what it is about. */
const room = 23;
const reasonRoom = 9;

/** One result: verdict, name and figures, then what is wrong. */
export function printResult(out: Terminal, { id, title, verdict, words, measured }: Result): void {
  const mark = out.style.paint(marks[verdict], verdict.padEnd(8));
  out.hanging(`${mark} ${id.padEnd(13)} `, room, figures(measured));
  const reason = words ?? '';
  const lines = { pass: [], fail: [`expected: ${title}`, `but: ${reason}`], skipped: [reason] };
  for (const line of lines[verdict]) out.hanging(' '.repeat(reasonRoom), reasonRoom, line);
}

function figures(measured: Measured): string {
  return Object.entries(measured)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`)
    .join(', ');
}

export function documentOf({ library, model, board }: Tested, { results, facts }: Outcome) {
  return {
    rkllama: ownVersion(),
    runtime: {
      version: library.version,
      banner: library.banner,
      simulator: library.simulator,
    },
    model: {
      name: model.name,
      size_bytes: model.sizeBytes,
      toolkit: model.inspection.toolkitVersion,
      platform: model.inspection.platform,
      architecture: model.inspection.architecture,
      dtype: facts.modelDtype ?? model.inspection.quantization,
    },
    board: {
      name: board.name.value,
      platform: board.npu.platform,
      driver: board.npu.driver,
      driver_version: facts.driverVersion ?? board.npu.driverVersion.value,
      kernel: board.kernel.value,
    },
    results,
  };
}
