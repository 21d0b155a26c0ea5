import type { Generation, GenerationEvent, GenerationRequest } from '../../../engine/index.ts';
import { clientIn } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { EngineService, HttpServices } from '../../services.ts';
import { blamed } from './blame.ts';
import { deliver } from './deliver.ts';
import { generationOptions } from './generation-request.ts';
import { modelFor } from './model-name.ts';
import { checkParameters } from './parameters.ts';
import { completionRequest } from './schemas.ts';
import { completionShape } from './shape.ts';

/** `POST completions`: the model goes on with each prompt as it stands, without a chat template. */
export function completions(services: HttpServices, keepAliveMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(completionRequest, request);
    const reported = checkParameters(body);
    const signal = clientSignal(response);
    const model = modelFor(services, body);
    const choicesPerPrompt = body.n ?? 1;
    const requests = body.prompt.map((prompt) => ({
      ...generationOptions(body, model, clientIn(request)),
      prompt,
    }));
    const answers = await generateAll(services.engine, requests, choicesPerPrompt, signal);
    const generation = body.echo ? echoing(answers, body.prompt, choicesPerPrompt) : answers;
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
  const generation = await engine.generate(first, signal).catch(blamed);
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

/** Each choice begins with its prompt. */
function echoing(
  generation: Generation,
  prompts: readonly string[],
  choicesPerPrompt: number,
): Generation {
  async function* events(): AsyncGenerator<readonly GenerationEvent[]> {
    let begun = -1;
    for await (const batch of generation.events) {
      yield batch.flatMap((event) => {
        if (event.choice === begun) return [event];
        begun = event.choice;
        const text = prompts[Math.floor(begun / choicesPerPrompt)] ?? '';
        return [{ type: 'text' as const, choice: begun, text, tokens: 0 }, event];
      });
    }
  }
  return { ...generation, events: events() };
}
