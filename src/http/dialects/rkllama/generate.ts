import { clientField } from '../../access/client.ts';
import { streamAnswer } from '../../answer-stream.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { unixSeconds } from './answer.ts';
import { collectAnswer } from './collect.ts';
import { generationRequest, wireNames } from './generation-request.ts';
import { resolveLoaded } from './resolve-loaded.ts';
import { generateRequest, nameIn } from './schemas.ts';
import { StreamEncoder } from './stream-encoder.ts';
import { texts } from './texts.ts';

/** `POST /generate`: an answer of the loaded model, whole or as a stream. */
export function generate(services: HttpServices, keepAliveMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(generateRequest, request);
    const messages = body.messages ?? body.prompt;
    if (!messages) {
      response.status(400).json({
        status: 'error',
        message: texts.messagesMissing,
        error: 'messages: expected a string or a list of chat messages',
      });
      return;
    }
    const model = resolveLoaded(services, nameIn(body));
    const signal = clientSignal(response);
    const generation = await services.engine.generate(
      { ...generationRequest(body, messages, model), ...clientField(request) },
      signal,
    );
    if (generation.unsupported.length > 0) {
      response.set('X-Rkllama-Unsupported', wireNames(generation.unsupported).join(', '));
    }
    if (body.stream) {
      const encoder = new StreamEncoder(unixSeconds());
      await streamAnswer(generation, encoder, response, signal, keepAliveMs);
    } else response.json(await collectAnswer(generation));
  };
}
