import { memoryNeed } from '../../../library/index.ts';
import { faultWith } from '../../../runtimes/index.ts';
import { sizeText } from '../../units.ts';
import { type Check, type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Facts } from '../facts.ts';

export const runtime: Check = {
  id: 'runtime',
  title: "Rockchip's library is installed, and its version is known",
  judge: ({ runtime: { library, reason }, hasOpenMp }) => {
    if (library === null) return fail(reason, 'sudo rkllama runtime install');
    const { path, version, simulator } = library;
    if (simulator) return ok(`The simulator of ${version} answers (${path}): it is no NPU.`);
    if (hasOpenMp === false) {
      return fail(
        `${path} is version ${version}, and needs libgomp.so.1, which is missing.`,
        'sudo apt install libgomp1',
      );
    }
    return ok(`${path} is version ${version}.`);
  },
};

export const models: Check = {
  id: 'models',
  title: 'There are models that this board and this runtime can load',
  judge: (facts) => {
    const { models: all, modelsFolder, runtime: found } = facts;
    if (modelsFolder.state === 'hidden') {
      return skipped(`${modelsFolder.path} cannot be seen by this user.`, 'sudo rkllama doctor');
    }
    if (all.length === 0) {
      return warn(`There is no model in ${modelsFolder.path}.`, 'rkllama search qwen');
    }
    const bad = all.filter(({ problem }) => problem !== null);
    const first = bad[0] && `${bad[0].name}: ${bad[0].problem}`;
    if (bad.length === all.length) return fail(`No model can be loaded. ${first}`, showModel(bad));
    if (bad.length > 0) {
      return warn(`${bad.length} of ${all.length} cannot be loaded. ${first}`, showModel(bad));
    }
    const version = found.library?.version;
    const fault =
      version && all.flatMap(({ inspection }) => faultWith(version, inspection) ?? [])[0];
    if (fault) return warn(fault, 'sudo rkllama runtime install 1.3.1');
    return compared(facts);
  },
};

/** Only what they were compared with. */
function compared({ models: all, board, runtime: { library } }: Facts): Finding {
  const which = all.length === 1 ? 'The model fits' : `All ${all.length} fit`;
  const hasBoard = board.npu.platform !== null;
  if (hasBoard && library) return ok(`${which} the board and the runtime.`);
  if (library) return ok(`${which} the runtime; there is no board's NPU to compare with.`);
  if (hasBoard) return ok(`${which} the board; there is no runtime to compare with.`);
  const whole = all.length === 1 ? 'The model is whole' : `All ${all.length} are whole`;
  return skipped(`${whole}; there is neither a board's NPU nor a runtime to compare with.`);
}

export const memory: Check = {
  id: 'memory',
  title: 'The models fit into the memory',
  judge: (facts) => {
    const { board, models: all } = facts;
    const { value, reason } = board.memory;
    if (value === null) return skipped(`The memory is not known: ${reason}.`);
    const { totalBytes, availableBytes, zramBytes } = value;
    const room = `${sizeText(availableBytes)} of ${sizeText(totalBytes)} are free`;
    const usable = all.filter(({ problem }) => problem === null);
    const needs = usable.map((model) => ({ model, bytes: needOf(model, facts) }));
    const never = needs.filter(({ bytes }) => bytes > totalBytes);
    if (never.length > 0) {
      const shown = never.map(({ model, bytes }) => `${model.name} (${sizeText(bytes)})`);
      return warn(
        `${room}; too large for this board: ${shown.join(', ')}.`,
        'Take a smaller model, a stronger quantization, or a smaller context (num_ctx).',
      );
    }
    const loaded = facts.health?.models_loaded ?? 0;
    const tight = needs.filter(({ bytes }) => bytes > availableBytes);
    if (tight.length > 0 && loaded === 0) {
      const [largest] = tight.toSorted((a, b) => b.bytes - a.bytes);
      return warn(
        `${room}; ${largest?.model.name} takes ${sizeText(largest?.bytes ?? 0)}.`,
        'Stop other programs: ps aux --sort=-rss | head',
      );
    }
    const zram = zramBytes > 0 ? `, ${sizeText(zramBytes)} of compressed swap (zram)` : '';
    return ok(`${room}${zram}.`);
  },
};

function needOf(model: Facts['models'][number], { installation }: Facts): number {
  const wanted = model.modelfile.numCtx ?? installation.config.contextLength;
  return memoryNeed(model, Math.min(wanted, model.inspection.maxContext ?? wanted));
}

function showModel(bad: readonly { name: string }[]): string {
  return `rkllama show ${bad[0]?.name}`;
}
