import type { Clock } from '../../../board/index.ts';
import { type Check, ok, skipped, warn } from '../check.ts';

const pin = 'sudo systemctl enable --now rkllamad-clocks';
/** Governors that keep the clock where it was put. */
const steady = ['performance', 'userspace'];

export const clocks: Check = {
  id: 'clocks',
  title: 'NPU and CPUs run at their best clocks',
  judge: ({ board }) => {
    const { npu, cpus } = board.clocks;
    if (npu.value === null) return skipped(`The NPU's clock is not known: ${npu.reason}.`);
    const big = cpus.toSorted((a, b) => b.maxHz - a.maxHz)[0];
    const words = `NPU ${clockText(npu.value)}${big ? `, big CPUs ${clockText(big)}` : ''}.`;
    const slow = [npu.value, ...(big ? [big] : [])].filter(isHeldLow);
    if (slow.length > 0) return warn(`${words} A governor holds them low.`, pin);
    const isPinned = [npu.value, ...cpus].every(({ governor }) => steady.includes(governor));
    return ok(
      isPinned ? words : `${words} Pinned, they answer 5 to 8 % faster.`,
      isPinned ? null : pin,
    );
  },
};

export const ddr: Check = {
  id: 'ddr',
  title: 'The memory runs at its best clock',
  judge: ({ board, runtime }) => {
    const { value, reason } = board.clocks.ddr;
    if (value === null) {
      if (runtime.library?.simulator || board.npu.platform === null)
        return skipped(`The memory's clock is not known: ${reason}.`);
      return warn(
        `The memory's clock cannot be seen or set (${reason}): where it stays low, answers come at two thirds of the speed.`,
        'Update the firmware and the kernel to ones that scale the memory (devfreq dmc).',
      );
    }
    const words = `${clockText(value)}.`;
    if (isHeldLow(value))
      return warn(`${words} It is held low, which costs more than any other clock.`, pin);
    if (value.currentHz >= value.maxHz) return ok(words);
    return ok(`${words} It follows the load; pinned, it cannot lag behind.`, pin);
  },
};

function isHeldLow({ governor, currentHz, maxHz }: Clock): boolean {
  return governor === 'powersave' || (governor === 'userspace' && currentHz < maxHz);
}

function clockText({ currentHz, maxHz, governor }: Clock): string {
  const mhz = (hz: number) => Math.round(hz / 1e6);
  return `${mhz(currentHz)} of ${mhz(maxHz)} MHz (${governor})`;
}
