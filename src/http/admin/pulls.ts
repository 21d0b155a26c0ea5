import type { Request, Response } from 'express';
import * as z from 'zod';
import { ApplianceError } from '../../errors.ts';
import type { BegunPull } from '../../library/index.ts';
import { parseBody } from '../body.ts';
import { clientSignal } from '../client-signal.ts';
import { NdjsonStream } from '../ndjson.ts';
import type { Handler } from '../routing.ts';
import type { HttpServices } from '../services.ts';
import { errorObject } from './errors.ts';
import { parameter, withQuery, yesOrNo } from './parameters.ts';
import { eventLine, pullObject } from './pull-lines.ts';

const optionalText = z
  .string()
  .max(512)
  .nullish()
  .transform((value) => value ?? undefined);

export const pullRequest = z.object({
  reference: z
    .string()
    .max(2048)
    .describe('user/repo/file.rkllm, user/repo, or an address on Hugging Face or ModelScope.'),
  name: optionalText.describe('Name of the model; its file name without .rkllm when left out.'),
  revision: optionalText.describe('Branch, tag or commit.'),
});

const cancelQuery = z.object({
  delete_partial: yesOrNo.describe('Also deletes what has arrived; else the next try resumes it.'),
});

/** `GET /admin/pulls` */
export function listPulls({ puller }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ pulls: puller.pulls().map(pullObject) });
  };
}

/** `POST /admin/pulls`: the download goes on when the client leaves. */
export function beginPull({ puller }: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const { reference, name, revision } = parseBody(pullRequest, request);
    const options = {
      signal: clientSignal(response),
      ...(name !== undefined && { name }),
      ...(revision !== undefined && { revision }),
    };
    await tell(await puller.begin(reference, options), response, silenceMs);
  };
}

/** `GET /admin/pulls/:id/events` */
export function followPull({ puller }: HttpServices, silenceMs: number): Handler {
  return async (request, response) => {
    const pull = puller.follow(parameter(request, 'id'), clientSignal(response));
    if (!pull) throw notFound(request, 'runs');
    await tell(pull, response, silenceMs);
  };
}

/** `DELETE /admin/pulls/:id` */
export function cancelPull({ puller }: HttpServices): Handler {
  return withQuery(cancelQuery, async ({ delete_partial: deletePartial }, request, response) => {
    const status = await puller.cancel(parameter(request, 'id'), { deletePartial });
    if (!status) throw notFound(request, 'runs or can be resumed');
    response.json({ id: status.id, state: status.state, partial_deleted: deletePartial });
  });
}

async function tell(pull: BegunPull, response: Response, silenceMs: number): Promise<void> {
  const lines = new NdjsonStream(response, (error) => ({ event: 'error', ...errorObject(error) }));
  const beat = () => ({ event: 'waiting' });
  await lines.run({ silenceMs, beat }, async (send) => {
    send([{ event: 'pull', ...pullObject(pull.status) }]);
    for await (const event of pull.events) {
      // Who does not keep up misses how far it was a moment ago, and nothing else.
      if (event.type !== 'progress' || !response.writableNeedDrain) send([eventLine(event)]);
    }
  });
}

function notFound(request: Request, what: string): ApplianceError {
  const id = parameter(request, 'id').slice(0, 200);
  return new ApplianceError('pull_not_found', `There is no pull "${id}" that ${what}.`);
}
