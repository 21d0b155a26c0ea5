/** An answer that the model writes as it likes, in one run. */
import { Answer } from './answer.ts';
import type { Turn } from './generation.ts';
import type { FittedPrompt } from './prompt/index.ts';
import { refusal } from './prompt-too-long.ts';
import type { ResidentModel } from './resident-model.ts';
import {
  contextOf,
  inputOf,
  isRaw,
  outputOptions,
  runRequest,
  tokenLimit,
  writePrompt,
} from './run-request.ts';
import type { GenerationEvent } from './types.ts';

export async function* freeAnswer({
  request,
  model,
  choice,
  runs,
  costs,
  cancelled,
  waited,
}: Turn): AsyncGenerator<readonly GenerationEvent[]> {
  const prompt = await writePrompt(model, request);
  cancelled.throwIfAborted();
  const context = contextOf(model, request);
  const room = prompt.tokenCount === null ? context : Math.max(1, context - prompt.tokenCount);
  const run = runRequest(model, request, {
    input: inputOf(prompt, request.thinking),
    ownTemplate: prompt.kind === 'runtime',
    stableTokens: prompt.stableTokens ?? 0,
    maxTokens: Math.min(tokenLimit(model, request), room),
  });
  const answer = new Answer({
    choice,
    output: outputOptions(model, request, prompt),
    raw: isRaw(request),
    promptTokens: prompt.tokenCount,
    contextLength: model.contextLength,
    droppedMessages: prompt.dropped,
    waited,
  });
  try {
    const events = await runs.start(run, prompt.text.length);
    void runs.last();
    for await (const event of events) {
      if (event.type === 'finished') costs.learnRun(event);
      const batch = answer.take(event);
      if (answer.complete) runs.abort();
      if (batch.at(-1)?.type === 'done') learn(model, prompt, answer);
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    throw refusal(model, prompt, error);
  }
}

/** What one answer teaches about the next prompts of this model. */
function learn({ prompter }: ResidentModel, prompt: FittedPrompt, answer: Answer): void {
  const { message, generated, usage } = answer;
  if (message) prompter.remember(message, generated);
  if (prompt.kind === 'tokens' || !usage || usage.cachedTokens !== 0) return;
  if (usage.promptTokens !== null) prompter.learn(prompt.text, usage.promptTokens);
}
