import * as z from 'zod';
import type { Client } from '../client/client.ts';
import type { PullEvent } from './pulls.ts';

const line = z.object({
  status: z.string(),
  total: z.number().optional(),
  completed: z.number().optional(),
});

/** How far back the rate looks. */
const windowMs = 5000;

/** A pull over Ollama's route, which tells bytes but neither rate nor time left. */
export async function* pullAsOllama(
  client: Client,
  reference: string,
  signal: AbortSignal,
): AsyncGenerator<PullEvent> {
  const file = reference.split('/').at(-1) ?? reference;
  const rate = new Rate();
  let isStarted = false;
  for await (const { status, total, completed } of client.stream(
    '/api/pull',
    { model: reference },
    line,
    signal,
  )) {
    if (status === 'success') yield { event: 'done', name: reference };
    else if (status.startsWith('verifying')) yield { event: 'verifying', file };
    else if (total !== undefined && !isStarted) {
      isStarted = true;
      yield { event: 'start', file, size_bytes: total, resumed_bytes: completed ?? 0 };
    } else if (total !== undefined && completed !== undefined) {
      const perSecond = rate.add(completed);
      yield {
        event: 'progress',
        file,
        received_bytes: completed,
        size_bytes: total,
        bytes_per_second: perSecond,
        seconds_left: perSecond > 0 ? (total - completed) / perSecond : null,
      };
    }
  }
}

/** Bytes per second over the last seconds. */
class Rate {
  readonly #samples: { at: number; bytes: number }[] = [];

  add(bytes: number): number {
    const at = performance.now();
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > windowMs) {
      this.#samples.shift();
    }
    const [first] = this.#samples;
    if (!first || at === first.at) return 0;
    return Math.max(0, ((bytes - first.bytes) / (at - first.at)) * 1000);
  }
}
