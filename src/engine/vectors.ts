/** Embeddings and rerank: runs that read the model's inside instead of its answers. */
import { ApplianceError } from '../errors.ts';
import type { Matrix, RunRequest } from '../rkllm/index.ts';
import { type SilenceLimits, SilenceWatch } from './inactivity.ts';
import type { ResidentModel } from './resident-model.ts';

/** The last row that a run in this mode gives. The caller has the NPU's turn. */
export async function lastRow(
  model: ResidentModel,
  mode: 'hidden' | 'logits',
  input: RunRequest['input'],
  limits: SilenceLimits,
  signal: AbortSignal,
): Promise<Float32Array> {
  // What the cache holds is not computed again, and what is not computed gives no rows
  // (rknn-llm issue 278).
  await model.clearKvCache();
  const { adapter: lora } = model;
  const options = { mode, ...(lora !== undefined && { lora }) };
  const run = await model.run({ input, ownTemplate: false, options, maxTokens: 1 }, signal);
  const abort = () => run.abort();
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  const silence = new SilenceWatch(limits, sizeOf(input), () => model.kill());
  let last: Matrix | undefined;
  try {
    for await (const event of run.events) {
      silence.heard();
      if (event.type === 'matrix') last = event;
      silence.listen();
    }
    await run.over;
    await model.clearKvCache();
  } finally {
    silence.end();
    signal.removeEventListener('abort', abort);
  }
  signal.throwIfAborted();
  if (!last) {
    throw new ApplianceError(
      'runtime_failed',
      `The runtime gave no ${mode === 'hidden' ? 'hidden states' : 'logits'} for this text.`,
    );
  }
  return last.values.slice((last.rows - 1) * last.columns, last.rows * last.columns);
}

/** Cut to `dimensions` and made length 1; a vector of zeros stays one. */
export function normalized(vector: Float32Array, dimensions: number | undefined): Float32Array {
  const possible = dimensions === undefined || (Number.isInteger(dimensions) && dimensions > 0);
  if (!possible || (dimensions ?? 0) > vector.length) {
    throw new ApplianceError(
      'invalid_request',
      `This model's vectors have ${vector.length} dimensions, ${dimensions} were asked for.`,
    );
  }
  const cut = vector.slice(0, dimensions);
  const length = Math.sqrt(cut.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? cut : cut.map((value) => value / length);
}

/** The probability of `yes` where the choice is between the two. */
export function yesProbability(logits: Float32Array, yes: number, no: number): number {
  const difference = (logits[no] ?? 0) - (logits[yes] ?? 0);
  return 1 / (1 + Math.exp(difference));
}

const defaultInstruction =
  'Given a web search query, retrieve relevant passages that answer the query';

/** The prompt of Qwen3-Reranker, the family that is converted for these boards. */
export function rerankPrompt(query: string, document: string, instruction?: string): string {
  return (
    '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and ' +
    'the Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n' +
    `<|im_start|>user\n<Instruct>: ${instruction ?? defaultInstruction}\n<Query>: ${query}\n` +
    `<Document>: ${document}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n`
  );
}

function sizeOf(input: RunRequest['input']): number {
  switch (input.type) {
    case 'prompt':
    case 'multimodal':
      return input.text.length;
    case 'tokens':
      return input.ids.length * 4;
    case 'embedding':
      return input.tokens * 4;
  }
}
