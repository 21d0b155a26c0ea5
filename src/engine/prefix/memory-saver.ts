/** Saves what is in memory, where that pays. The caller has the NPU's turn. */
import type { ModelProcess } from '../../rkllm/index.ts';
import type { Held, KvMemory } from './kv-memory.ts';
import type { ModelFiles, SaveOutcome } from './model-files.ts';
import {
  bestToLoad,
  type Candidate,
  fewestTokens,
  type Moment,
  paysToSave,
  paysToSaveStable,
} from './policy.ts';
import type { StableSightings } from './stable-sightings.ts';
import type { Tokens } from './tokens.ts';

export interface MemorySaverParts {
  files: ModelFiles;
  memory: KvMemory;
  sightings: StableSightings;
}

export class MemorySaver {
  readonly #files: ModelFiles;
  readonly #memory: KvMemory;
  readonly #sightings: StableSightings;

  constructor({ files, memory, sightings }: MemorySaverParts) {
    this.#files = files;
    this.#memory = memory;
    this.#sightings = sightings;
  }

  /** Milliseconds that the NPU would be kept if it rested now; null where nothing is worth it. */
  expectedMs(process: ModelProcess): number | null {
    const held = this.#memory.of(process);
    const plan = held && this.#plan(held);
    if (!held || !plan) return null;
    const { costs } = this.#files;
    const alone = plan.alone ? costs.saveMs(costs.bytes(held.stable)) : 0;
    return alone + (plan.whole ? costs.saveMs(costs.bytes(held.ids.length)) : 0);
  }

  /** While nobody wants the NPU. Leaves in memory what was there. */
  async rest(process: ModelProcess): Promise<void> {
    const held = this.#memory.of(process);
    const plan = held && this.#plan(held);
    if (!held || !plan) return;
    const { stable } = held;
    if (plan.alone) {
      const outcome = await this.#save(held, held.ids.slice(0, stable), stable, true);
      if (outcome === 'refused') this.#files.refused();
      if (outcome !== 'saved') return;
    }
    if (plan.whole) await this.#saveWhole(held, plan.alone ? stable : held.ids.length);
    else if (plan.alone) await this.#restore(held);
  }

  /** Before something else takes the place of all but the first `common` tokens. */
  async displace(process: ModelProcess, common: number): Promise<void> {
    const held = this.#memory.of(process);
    if (held && this.#pays(held, common, 'waiting')) await this.#saveWhole(held);
  }

  /** Before the worker ends. */
  async leave(process: ModelProcess): Promise<void> {
    const held = this.#memory.of(process);
    if (held && this.#pays(held, 0, 'leaving')) await this.#saveWhole(held);
  }

  /** The stable beginning by itself, and all of it: what of both is worth its time. */
  #plan(held: Held): { alone: boolean; whole: boolean } | null {
    const candidate = this.#candidate(held, 0);
    const { costs } = this.#files;
    const whole = paysToSave(candidate, costs, 'idle');
    // A file that is little longer serves as well.
    const isHolder = whole && held.ids.length <= 2 * held.stable;
    const alone = !isHolder && paysToSaveStable(candidate, this.#holderBytes(held), costs);
    return alone || whole ? { alone, whole } : null;
  }

  #pays(held: Held, common: number, moment: Moment): boolean {
    return paysToSave(this.#candidate(held, common), this.#files.costs, moment);
  }

  #candidate({ ids, lora, stable }: Held, common: number): Candidate {
    const { costs } = this.#files;
    const stored = bestToLoad(this.#files.matches(ids, lora), 0, costs)?.tokens ?? 0;
    return {
      tokens: ids.length,
      covered: Math.max(common, stored, this.#files.pendingTokens(ids, lora)),
      stable: Math.min(stable, ids.length),
      stableSeen: this.#sightings.of(ids.slice(0, stable)),
    };
  }

  /** Of the smallest file that has the stable beginning. */
  #holderBytes({ ids, lora, stable }: Held): number | null {
    let least: number | null = null;
    for (const { entry, tokens } of this.#files.matches(ids, lora)) {
      if (tokens < stable) break;
      least = Math.min(least ?? entry.sizeBytes, entry.sizeBytes);
    }
    return least;
  }

  async #saveWhole(held: Held, heldTokens = held.ids.length): Promise<void> {
    let outcome = await this.#save(held, held.ids, heldTokens);
    // An id of the answer may be none that a prompt can have.
    const hasAnswer = fewestTokens <= held.promptTokens && held.promptTokens < held.ids.length;
    if (outcome === 'refused' && hasAnswer) {
      const prompt = held.ids.slice(0, held.promptTokens);
      outcome = await this.#save(held, prompt, Math.min(heldTokens, prompt.length));
    }
    if (outcome === 'refused') this.#files.refused();
  }

  async #save(held: Held, ids: Tokens, heldTokens: number, shared = false): Promise<SaveOutcome> {
    const before = this.#memory.of(held.process);
    this.#memory.forget();
    const order = { ids, lora: held.lora, shared, heldTokens };
    const outcome = await this.#files.save(held.process, order);
    if (outcome === 'saved') this.#memory.set({ ...held, ids });
    if (outcome === 'skipped' && before) this.#memory.set(before);
    return outcome;
  }

  async #restore(held: Held): Promise<void> {
    this.#memory.forget();
    await this.#files.restore(held.process, held.ids, held.lora);
    this.#memory.set(held);
  }
}
