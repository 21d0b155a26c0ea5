import { clientField } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { modelFor } from './model-name.ts';
import { embeddingRequest } from './schemas.ts';

/** `POST embeddings`. OpenAI's SDKs ask for base64 unless they are told otherwise. */
export function embeddings(services: HttpServices): Handler {
  return async (request, response) => {
    const body = parseBody(embeddingRequest, request);
    const { model, vectors, promptTokens } = await services.engine.embed(
      {
        model: modelFor(services, body),
        inputs: body.input,
        overflow: body.truncation === 'auto' ? 'truncate' : 'error',
        ...(body.dimensions && { dimensions: body.dimensions }),
        ...(typeof body.keep_alive === 'number' && { keepAliveMs: body.keep_alive }),
        ...clientField(request),
      },
      clientSignal(response),
    );
    const encode = body.encoding_format === 'base64' ? base64 : Array.from<number>;
    response.json({
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: encode(vector),
      })),
      model,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    });
  };
}

/** Little-endian float32, whatever the machine has. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
