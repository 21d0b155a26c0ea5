import type { Generation, GenerationEvent, GenerationRequest } from '../../../engine/index.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { EngineService, HttpServices } from '../../services.ts';
import { deliver } from './deliver.ts';
import { textGeneration, userMessage } from './generation-request.ts';
import { modelFor } from './model-name.ts';
import { checkParameters } from './parameters.ts';
import { completionRequest } from './schemas.ts';
import { completionShape } from './shape.ts';

/**
 * `POST completions`: each prompt is a question to the model, as with Ollama. The models of these
 * boards are made for chats, and would not go on with a text that stands for itself.
 */
export function completions(services: HttpServices, keepAliveMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(completionRequest, request);
    const reported = checkParameters(body);
    const signal = clientSignal(response);
    const model = modelFor(services, body);
    const choicesPerPrompt = body.n ?? 1;
    // A client of this API would wait for thoughts that it never sees.
    const requests = body.prompt.map((prompt) => ({
      ...textGeneration(body, [userMessage(prompt)], model, request.ip),
      thinking: false,
    }));
    const generation = await generateAll(services.engine, requests, choicesPerPrompt, signal);
    const options = {
      shape: completionShape,
      choices: requests.length * choicesPerPrompt,
      choicesPerPrompt,
      oneCall: false,
      includeUsage: body.stream_options?.include_usage ?? false,
      runtime: services.runtime()?.version,
    };
    const stream = body.stream ?? false;
    await deliver(generation, options, { response, signal, stream, keepAliveMs, reported });
  };
}

/** One generation out of several: the choices of the second prompt follow those of the first. */
async function generateAll(
  engine: EngineService,
  [first, ...rest]: readonly GenerationRequest[],
  choicesPerPrompt: number,
  signal: AbortSignal,
): Promise<Generation> {
  if (!first) throw new Error('the schema lets through at least one prompt');
  const generation = await engine.generate(first, signal);
  async function* events(): AsyncGenerator<readonly GenerationEvent[]> {
    yield* generation.events;
    for (const [index, request] of rest.entries()) {
      const offset = (index + 1) * choicesPerPrompt;
      const { events: more } = await engine.generate(request, signal);
      for await (const batch of more) {
        yield batch.map((event) => ({ ...event, choice: event.choice + offset }));
      }
    }
  }
  return { ...generation, events: events() };
}
