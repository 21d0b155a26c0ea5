import { setTimeout as sleep } from 'node:timers/promises';

/** Loads the demonstration model from outside of the machine, as somebody on the network would. */
export async function visit(url: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const response = await fetch(new URL('/load_model', url), {
      method: 'POST',
      body: JSON.stringify({ model_name: 'demo.rkllm' }),
      signal: AbortSignal.timeout(60_000),
    }).catch(() => null);
    if (response?.ok) return;
    await sleep(500);
  }
}
