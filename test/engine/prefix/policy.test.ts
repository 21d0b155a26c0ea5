import { describe, expect, it } from 'vitest';
import { Costs } from '../../../src/engine/prefix/costs.ts';
import {
  bestToLoad,
  type Candidate,
  paysToSave,
  paysToSaveStable,
} from '../../../src/engine/prefix/policy.ts';

/** A 1.7B model: 110 kB of cache and 4.5 ms of prefill per token. */
function board(disk: 'card' | 'nvme'): Costs {
  const costs = new Costs();
  const bytesPerMs = disk === 'card' ? 30_000 : 800_000;
  costs.sawPrefill(1000, 4500);
  const ms = 150 + 110e6 / bytesPerMs;
  costs.sawSave(1000, 110e6, { savedMs: ms, writtenMs: ms });
  costs.sawLoad(110e6, 20 + 110e6 / (2.5 * bytesPerMs));
  return costs;
}

const conversation = (tokens: number, covered: number): Candidate => ({
  tokens,
  covered,
  stable: 0,
  stableSeen: 0,
});

describe('saving what is in memory', () => {
  it('pays for a prompt that nothing has, on any disk', () => {
    expect(paysToSave(conversation(1500, 0), board('card'), 'leaving')).toBe(true);
    expect(paysToSave(conversation(1500, 0), board('nvme'), 'idle')).toBe(true);
  });

  it('does not pay on a card for a few tokens more than a file has', () => {
    expect(paysToSave(conversation(1600, 1500), board('card'), 'idle')).toBe(false);
    expect(paysToSave(conversation(1600, 1500), board('nvme'), 'idle')).toBe(true);
  });

  it('never pays for what a file has', () => {
    expect(paysToSave(conversation(1600, 1600), board('nvme'), 'idle')).toBe(false);
  });

  it('keeps a waiting request from its turn only where the disk is quick', () => {
    expect(paysToSave(conversation(1500, 0), board('card'), 'waiting')).toBe(false);
    expect(paysToSave(conversation(1500, 0), board('nvme'), 'waiting')).toBe(true);
  });

  it('keeps a waiting request for as long as the NPU is kept, not until the disk is done', () => {
    const costs = board('nvme');
    for (let save = 0; save < 30; save++) {
      costs.sawSave(1000, 110e6, { savedMs: 150, writtenMs: 2000 });
    }
    expect(paysToSave(conversation(1500, 0), costs, 'waiting')).toBe(true);
    for (let save = 0; save < 30; save++) {
      costs.sawSave(1000, 110e6, { savedMs: 2000, writtenMs: 2000 });
    }
    expect(paysToSave(conversation(1500, 0), costs, 'waiting')).toBe(false);
  });

  it('pays no more once conversations turn out to stay in memory', () => {
    const costs = board('card');
    expect(paysToSave(conversation(1500, 1000), costs, 'idle')).toBe(false);
    const quick = board('nvme');
    expect(paysToSave(conversation(1500, 1400), quick, 'idle')).toBe(true);
    for (let turn = 0; turn < 40; turn++) quick.sawDisplaced(false);
    expect(paysToSave(conversation(1500, 1400), quick, 'idle')).toBe(false);
  });

  it('is sure of a system prompt that was asked for twice', () => {
    const costs = board('card');
    for (let turn = 0; turn < 40; turn++) costs.sawDisplaced(false);
    const once = { tokens: 1600, covered: 0, stable: 1500, stableSeen: 1 };
    expect(paysToSave(once, costs, 'idle')).toBe(false);
    expect(paysToSave({ ...once, stableSeen: 2 }, costs, 'idle')).toBe(true);
  });

  it('is tried once on a board that has never saved anything', () => {
    expect(paysToSave(conversation(40, 0), new Costs(), 'idle')).toBe(true);
    expect(paysToSave(conversation(40, 0), new Costs(), 'waiting')).toBe(false);
  });

  it('leaves alone what would keep the disk busy for too long', () => {
    expect(paysToSave(conversation(30_000, 0), board('card'), 'idle')).toBe(false);
    expect(paysToSave(conversation(30_000, 0), board('nvme'), 'idle')).toBe(true);
  });
});

describe('saving the stable beginning by itself', () => {
  const used = { tokens: 2000, covered: 0, stable: 1500, stableSeen: 2 };

  it('pays when it is used again and only a much longer file has it', () => {
    expect(paysToSaveStable(used, 8000 * 110_000, board('card'))).toBe(true);
    expect(paysToSaveStable(used, 1600 * 110_000, board('card'))).toBe(false);
    expect(paysToSaveStable(used, null, board('nvme'))).toBe(true);
  });

  it('waits for the second time', () => {
    expect(paysToSaveStable({ ...used, stableSeen: 1 }, null, board('nvme'))).toBe(false);
  });
});

describe('the file to load', () => {
  const file = (tokens: number, length: number) => ({
    tokens,
    entry: { sizeBytes: length * 110_000 },
  });

  it('is the one that saves the most time, not the one that has the most tokens', () => {
    const [long, short] = [file(1510, 9000), file(1500, 1500)];
    expect(bestToLoad([long, short], 0, board('nvme'))).toBe(short);
    const own = file(2500, 2600);
    expect(bestToLoad([own, short], 0, board('nvme'))).toBe(own);
  });

  it('is none where memory has nearly as much', () => {
    expect(bestToLoad([file(1500, 1500)], 1490, board('nvme'))).toBeNull();
    expect(bestToLoad([file(1500, 1500)], 1100, board('card'))).toBeNull();
    expect(bestToLoad([file(1500, 1500)], 0, board('card'))).not.toBeNull();
  });
});

describe('what is learned', () => {
  it('comes back from its own text, and is the usual for any other', () => {
    const costs = board('nvme');
    expect(Costs.parse(JSON.stringify(costs))).toEqual(costs);
    for (const text of ['', '{', '{}', '[]', '{"prefillMsPerToken":-1}']) {
      expect(Costs.parse(text)).toEqual(new Costs());
    }
  });

  it('follows the board', () => {
    const costs = new Costs();
    costs.sawPrefill(1000, 1000);
    expect(costs.prefillMs(1)).toBe(1);
    for (let run = 0; run < 30; run++) costs.sawPrefill(1000, 3000);
    expect(costs.prefillMs(1)).toBeCloseTo(3, 2);
  });

  it('is not drawn from a handful of tokens', () => {
    const costs = new Costs();
    costs.sawPrefill(3, 300);
    expect(costs).toEqual(new Costs());
  });

  it('is not thrown off by one slow save of a small file', () => {
    const costs = new Costs();
    costs.sawSave(50, 5000, { savedMs: 20, writtenMs: 30 });
    costs.sawSave(1000, 100_000, { savedMs: 900, writtenMs: 2000 });
    expect(costs.writeMs(100_000)).toBeLessThan(50);
  });

  it('tells what a save costs anyway from what its bytes cost', () => {
    const costs = new Costs();
    costs.sawSave(10, 1e6, { savedMs: 20, writtenMs: 30 });
    costs.sawSave(1000, 100e6, { savedMs: 120, writtenMs: 530 });
    expect([costs.saveMs(0), costs.writeMs(0)]).toEqual([20, 30]);
    expect(costs.saveMs(100e6)).toBeGreaterThan(40);
    expect(costs.writeMs(100e6)).toBeGreaterThan(150);
  });
});
