import { clientField } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { ParameterError } from './errors.ts';
import { modelFor } from './model-name.ts';
import { embedsRequest, mostInputs } from './schemas.ts';

/** Rather too few than too many: a chunk must not be longer than it may be. */
const charactersPerToken = 3;

/** `POST embeds` (Ai00): cuts a text into chunks, and gives a vector for each. */
export function embeds(services: HttpServices): Handler {
  return async (request, response) => {
    const body = parseBody(embedsRequest, request);
    const chunks = chunksOf(body.input, body.max_tokens * charactersPerToken);
    const { model, vectors } = await services.engine.embed(
      {
        model: modelFor(services, body),
        inputs: chunks.map((chunk) => body.prefix + chunk),
        ...clientField(request),
      },
      clientSignal(response),
    );
    response.json({
      object: 'embeds',
      model,
      data: [
        {
          object: 'embed',
          index: 0,
          chunks: vectors.map((vector, index) => ({
            chunk: chunks[index] ?? '',
            embed: [Array.from(vector)],
          })),
        },
      ],
    });
  };
}

/**
 * Pieces of at most `length` characters, cut behind a sentence, else behind a word.
 * @throws ParameterError for a text of too many
 */
export function chunksOf(text: string, length: number): string[] {
  const chunks: string[] = [];
  let rest = text.trim();
  while (rest.length > length) {
    if (chunks.length === mostInputs) {
      throw new ParameterError(
        'invalid_request',
        'input',
        `input: it has more than ${mostInputs} chunks. Send it in parts, or with a larger max_tokens.`,
      );
    }
    const window = rest.slice(0, length + 1);
    const sentence = window.search(/[.!?]\s[^.!?]*$/) + 1;
    const cut = sentence || window.lastIndexOf(' ');
    const at = cut > 0 ? cut : length;
    chunks.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return rest === '' && chunks.length > 0 ? chunks : [...chunks, rest];
}
