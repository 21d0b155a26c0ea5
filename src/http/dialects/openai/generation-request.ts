import type { ChatMessage, GenerationOptions, GenerationRequest } from '../../../engine/index.ts';
import { formatOf } from './response-format.ts';
import { samplingOf } from './sampling.ts';
import type { ChatRequest, CompletionRequest } from './schemas.ts';
import { thinkingOf } from './thinking.ts';
import { toolFields } from './tool-choice.ts';

/** A request as the engine takes it; `model` is a name that the catalogue knows. */
export function chatGeneration(
  body: ChatRequest,
  model: string,
  client: string | undefined,
): GenerationRequest {
  const thinking = thinkingOf(body);
  return {
    ...generationOptions(body, model, client),
    messages: body.messages ?? [userMessage(body.prompt ?? '')],
    ...(thinking !== undefined && { thinking }),
    ...toolFields(body.tools ?? [], body.tool_choice),
  };
}

/** What completions and chats have in common. */
export function generationOptions(
  body: CompletionRequest | ChatRequest,
  model: string,
  client: string | undefined,
): GenerationOptions {
  const format = formatOf(body);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? 0;
  const stop = [body.stop ?? []].flat().filter((text) => text !== '');
  return {
    model,
    ...(format && { format }),
    sampling: samplingOf(body),
    overflow: body.truncation === 'disabled' ? 'error' : 'truncate',
    ...(stop.length > 0 && { stop }),
    ...(maxTokens > 0 && { maxTokens }),
    ...(body.n && { choices: body.n }),
    ...(typeof body.keep_alive === 'number' && { keepAliveMs: body.keep_alive }),
    ...(client !== undefined && { client }),
  };
}

function userMessage(content: string): ChatMessage {
  return { role: 'user', content };
}
