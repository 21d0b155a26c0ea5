import { clientIn } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { blamed } from './blame.ts';
import { deliver } from './deliver.ts';
import { chatGeneration } from './generation-request.ts';
import { modelFor } from './model-name.ts';
import { checkParameters } from './parameters.ts';
import { chatRequest } from './schemas.ts';
import { chatShape, promptShape } from './shape.ts';

/** `POST chat/completions`. */
export function chatCompletions(services: HttpServices, keepAliveMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(chatRequest, request);
    const reported = checkParameters(body);
    const signal = clientSignal(response);
    const model = modelFor(services, body);
    const generation = await services.engine
      .generate(chatGeneration(body, model, clientIn(request)), signal)
      .catch(blamed);
    const choices = body.n ?? 1;
    const options = {
      shape: body.messages ? chatShape : promptShape,
      choices,
      choicesPerPrompt: choices,
      oneCall: body.parallel_tool_calls === false,
      includeUsage: body.stream_options?.include_usage ?? false,
      runtime: services.runtime()?.version,
    };
    const stream = body.stream ?? false;
    await deliver(generation, options, { response, signal, stream, keepAliveMs, reported });
  };
}
