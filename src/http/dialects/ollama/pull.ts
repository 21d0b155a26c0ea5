import { ApplianceError } from '../../../errors.ts';
import { parseBody } from '../../body.ts';
import { NdjsonStream } from '../../ndjson.ts';
import type { Handler } from '../../routing.ts';
import type { CatalogueService, HttpServices } from '../../services.ts';
import { namedModel, nameIn, stream } from './fields.ts';
import { PullLines } from './pull-lines.ts';

export const pullRequest = namedModel.extend({ stream });

/**
 * `POST /api/pull`. The download belongs to the board, not to the connection: it goes on when the
 * client leaves, and a client that reads slowly cannot slow it.
 */
export function pull({ puller, catalogue }: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const body = parseBody(pullRequest, request);
    const name = nameIn(body);
    if (name === '') throw new ApplianceError('invalid_request', 'model is required');
    const events = isOnDisk(name, catalogue)
      ? [{ type: 'done' as const, name }]
      : puller.pull(name);
    if (body.stream === false) {
      for await (const _event of events);
      response.json({ status: 'success' });
      return;
    }
    const lines = new PullLines();
    let last: object | undefined;
    await new NdjsonStream(response).run({ silenceMs, beat: () => last }, async (send) => {
      for await (const event of events) {
        const rendered = lines.render(event);
        last = rendered.at(-1);
        // What somebody who does not keep up misses is how far it got a moment ago.
        if (event.type !== 'progress' || !response.writableNeedDrain) send(rendered);
      }
    });
  };
}

/** Clients pull what they are about to use; a name without a repository is none of a hub. */
function isOnDisk(name: string, catalogue: CatalogueService): boolean {
  try {
    const found = catalogue.find(name).name;
    return !name.includes('/') || found === name.replace(/:latest$/, '');
  } catch (error) {
    if (error instanceof ApplianceError && error.code !== 'model_ambiguous') return false;
    throw error;
  }
}
