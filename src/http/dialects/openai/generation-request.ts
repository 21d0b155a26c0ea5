import type { ChatMessage, GenerationRequest } from '../../../engine/index.ts';
import { samplingOf } from './sampling.ts';
import type { ChatRequest, CompletionRequest } from './schemas.ts';
import { thinkingOf } from './thinking.ts';

/** A request as the engine takes it; `model` is a name that the catalogue knows. */
export function chatGeneration(
  body: ChatRequest,
  model: string,
  client: string | undefined,
): GenerationRequest {
  const thinking = thinkingOf(body);
  const { tools } = body;
  return {
    ...textGeneration(body, body.messages ?? [userMessage(body.prompt ?? '')], model, client),
    ...(thinking !== undefined && { thinking }),
    ...(tools && tools.length > 0 && { tools }),
    ...(body.tool_choice === 'none' && { toolChoice: 'none' as const }),
  };
}

/** What completions and chats have in common. */
export function textGeneration(
  body: CompletionRequest | ChatRequest,
  messages: readonly ChatMessage[],
  model: string,
  client: string | undefined,
): GenerationRequest {
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? 0;
  const stop = [body.stop ?? []].flat().filter((text) => text !== '');
  return {
    model,
    messages,
    sampling: samplingOf(body),
    overflow: body.truncation === 'disabled' ? 'error' : 'truncate',
    ...(stop.length > 0 && { stop }),
    ...(maxTokens > 0 && { maxTokens }),
    ...(body.n && { choices: body.n }),
    ...(typeof body.keep_alive === 'number' && { keepAliveMs: body.keep_alive }),
    ...(client !== undefined && { client }),
  };
}

export function userMessage(content: string): ChatMessage {
  return { role: 'user', content };
}
