import type { Response } from 'express';
import { parseBody } from '../../body.ts';
import { toApplianceError } from '../../errors.ts';
import { logOf } from '../../request-log.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { PullLines } from './pull-lines.ts';
import { pullRequest } from './schemas.ts';
import { texts } from './texts.ts';

/**
 * `POST /pull`: fetches a model, told line by line. The download belongs to the board, not to the
 * connection: it goes on when the client leaves, and a client that reads slowly cannot slow it.
 */
export function pull({ puller }: HttpServices): Handler {
  return async (request, response) => {
    const { reference, name } = parseBody(pullRequest, request);
    if (reference === '') {
      response.status(400);
      write(response, `${texts.modelMissingToPull}\n`);
      response.end();
      return;
    }
    const lines = new PullLines();
    try {
      const events = puller.pull(reference, name === undefined ? {} : { name });
      for await (const event of events) write(response, lines.render(event));
    } catch (thrown) {
      const error = toApplianceError(thrown, logOf(response));
      logOf(response).warn({ code: error.code, reason: error.message }, 'pull failed');
      if (!response.headersSent) response.status(error.code === 'internal_error' ? 500 : 400);
      write(response, `${texts.pullFailed(onOneLine(error.message))}\n`);
    }
    response.end();
  };
}

function write(response: Response, lines: string): void {
  if (lines === '' || response.destroyed) return;
  if (!response.headersSent) response.type('text/plain');
  response.write(lines);
}

function onOneLine(message: string): string {
  return message.replace(/\s*[\r\n]+\s*/g, ' ');
}
