/** What goes into the runtime for a request: the prompt, and how to go on from it. */
import type { RunRequest } from '../rkllm/index.ts';
import type { OutputOptions } from './output/index.ts';
import { beginningsOf } from './prefix/index.ts';
import { type FittedPrompt, fitPlain, type PromptInput } from './prompt/index.ts';
import type { ModelRun, ResidentModel } from './resident-model.ts';
import type { GenerationRequest } from './types.ts';

export type RunInput = RunRequest['input'];

/** Tokens of the request's context: what it asks for, within what the model was loaded with. */
export function contextOf(model: ResidentModel, { contextLength }: GenerationRequest): number {
  return Math.min(contextLength ?? model.contextLength, model.contextLength);
}

/** Most tokens of an answer, besides what the context has room for. */
export function tokenLimit(model: ResidentModel, { maxTokens }: GenerationRequest): number {
  return maxTokens ?? model.maxTokens;
}

/** The prompt, cut to what the context has room for. */
export function writePrompt(
  model: ResidentModel,
  request: GenerationRequest,
  { ownTemplate = model.hasOwnTemplate }: { ownTemplate?: boolean } = {},
): Promise<FittedPrompt> {
  const { maxTokens, overflow } = request;
  const contextLength = contextOf(model, request);
  const budget = {
    contextLength,
    reserve: reserveFor(contextLength, maxTokens),
    overflow: overflow ?? 'truncate',
    // In steps, so that the beginning stays in the KV cache for several turns.
    step: Math.ceil(contextLength / 8),
    ownTemplate,
  };
  if (request.prompt !== undefined) return fitPlain(model.prompter, request.prompt, budget);
  return model.prompter.fit(promptInput(request), budget);
}

function promptInput(request: GenerationRequest & { prompt?: never }): PromptInput {
  const { messages, tools, toolChoice, thinking } = request;
  return {
    messages,
    ...(tools && toolChoice !== 'none' && { tools }),
    ...(thinking !== undefined && { thinking }),
  };
}

/** Tokens kept free for the answer when the prompt has to be cut. */
function reserveFor(contextLength: number, maxTokens: number | undefined): number {
  return Math.min(maxTokens ?? contextLength, Math.ceil(contextLength / 8), 512);
}

/** One run of the request's model, with its sampling. */
export function runRequest(
  model: ResidentModel,
  request: GenerationRequest,
  run: Omit<ModelRun, 'beginnings' | 'stopTokenIds' | 'options'>,
): ModelRun {
  const { sampling, lora, keepHistory } = request;
  return {
    ...run,
    beginnings: beginningsOf(request),
    stopTokenIds: [...model.stopTokenIds],
    options: {
      ...(lora !== undefined && { lora }),
      ...(keepHistory !== undefined && { keepHistory }),
      ...(model.capabilities.perRunSampling && { sampling: { ...model.sampling, ...sampling } }),
    },
  };
}

export function inputOf(prompt: FittedPrompt, thinking: GenerationRequest['thinking']): RunInput {
  if (prompt.kind === 'tokens' && prompt.ids) return { type: 'tokens', ids: prompt.ids };
  const think =
    prompt.kind === 'runtime' && thinking !== undefined ? thinking !== false : undefined;
  return {
    type: 'prompt',
    text: prompt.text,
    ...(think !== undefined && { thinking: think }),
  };
}

/** How the text of an answer is read; null: as the model wrote it. */
export function outputOptions(
  model: ResidentModel,
  request: GenerationRequest,
  prompt: FittedPrompt,
): OutputOptions | null {
  const { stop, tools, toolChoice, stopOnRepetition } = request;
  const stops = [...(model.file.modelfile.stop ?? []), ...(stop ?? [])];
  if (isRaw(request) && stops.length === 0 && !stopOnRepetition) return null;
  return {
    stop: stops,
    reasoning: { opened: prompt.thinkingOpened },
    ...(tools && toolChoice !== 'none' && { tools: { list: tools, format: prompt.toolFormat } }),
    ...(stopOnRepetition && { repetition: {} }),
  };
}

/** Nothing is taken out of the text. */
export function isRaw({ raw, prompt }: GenerationRequest): boolean {
  return (raw ?? false) || prompt !== undefined;
}
