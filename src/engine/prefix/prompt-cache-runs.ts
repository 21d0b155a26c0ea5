/** What the runtime does with prompt-cache files: a run that saves one, and loading one. */
import type { ModelProcess, RunEvent } from '../../rkllm/index.ts';
import { within } from './deadline.ts';
import type { Tokens } from './tokens.ts';

/** A runtime that takes this long, and twice what is expected besides, hangs and is ended. */
const patienceMs = 10_000;
const slack = 2;

export interface SaveRun {
  /** Prompt tokens that had to be computed; null where the runtime does not tell. */
  computedTokens: number | null;
  /** Milliseconds. */
  ms: number;
}

/**
 * Has the runtime write the KV cache of `ids` to `path`: a run of one token that begins with what is
 * in memory, so that nothing has to be computed for it. Throws what a run throws, and when the
 * runtime says that it failed.
 */
export async function saveToFile(
  process: ModelProcess,
  { ids, lora, path }: { ids: Tokens; lora: string | null; path: string },
  expectedMs: number,
): Promise<SaveRun> {
  const started = performance.now();
  const finished = await runOnce(process, ids, lora, expectedMs, path);
  if (finished.saveFailed) throw new Error('the runtime could not write the file');
  const computedTokens = finished.counters?.prefillTokens ?? null;
  return { computedTokens, ms: performance.now() - started };
}

/** Has `ids` in memory again. Resolves with how many had to be computed; null where nobody tells. */
export async function restore(
  process: ModelProcess,
  ids: Tokens,
  lora: string | null,
  expectedMs: number,
): Promise<number | null> {
  const finished = await runOnce(process, ids, lora, expectedMs);
  return finished.counters?.prefillTokens ?? null;
}

/** Resolves with the runtime's status: 0 is success. Throws when the worker ends over it. */
export async function loadFromFile(
  process: ModelProcess,
  path: string,
  { releaseFirst, expectedMs }: { releaseFirst: boolean; expectedMs: number },
): Promise<number> {
  const load = async () => {
    // Before another file is loaded (RKLLM SDK manual 1.3.0).
    if (releaseFirst) await process.call({ method: 'releasePromptCache' });
    return process.call({ method: 'loadPromptCache', path });
  };
  const status = await within(limitMs(expectedMs), load(), () => process.kill());
  return Number(status);
}

async function runOnce(
  process: ModelProcess,
  ids: Tokens,
  lora: string | null,
  expectedMs: number,
  path?: string,
) {
  const run = process.run({
    input: { type: 'tokens', ids },
    options: {
      ...(path !== undefined && { savePromptCache: path }),
      ...(lora !== null && { lora }),
    },
    maxTokens: 1,
  });
  const all = async () => {
    let last: RunEvent | undefined;
    for await (const event of run.events) last = event;
    await run.over;
    return last;
  };
  const last = await within(limitMs(expectedMs), all(), () => process.kill());
  if (last?.type !== 'finished' || process.pid === null) throw new Error('the run did not end');
  return last;
}

function limitMs(expectedMs: number): number {
  return patienceMs + slack * expectedMs;
}
