import { clientField } from '../../access/client.ts';
import { parseBody } from '../../body.ts';
import { clientSignal } from '../../client-signal.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { modelFor } from './model-name.ts';
import { rerankRequest } from './schemas.ts';

/** `POST rerank`, as Jina, Cohere and llama.cpp have it. */
export function rerank(services: HttpServices): Handler {
  return async (request, response) => {
    const body = parseBody(rerankRequest, request);
    const { documents } = body;
    const { model, results, promptTokens } = await services.engine.rerank(
      {
        model: modelFor(services, body),
        query: body.query,
        documents,
        ...(body.instruction && { instruction: body.instruction }),
        ...(typeof body.keep_alive === 'number' && { keepAliveMs: body.keep_alive }),
        ...clientField(request),
      },
      clientSignal(response),
    );
    response.json({
      object: 'list',
      model,
      results: results.slice(0, body.top_n ?? undefined).map(({ index, score }) => ({
        index,
        relevance_score: score,
        ...(body.return_documents && { document: { text: documents[index] } }),
      })),
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    });
  };
}
