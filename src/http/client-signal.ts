import type { Response } from 'express';
import { ApplianceError } from '../errors.ts';

/** Aborts as soon as the client's connection is gone before the whole answer was sent. */
export function clientSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  const leave = () =>
    controller.abort(new ApplianceError('client_closed_request', 'The client has left.'));
  if (response.destroyed) leave();
  else {
    response.once('close', () => {
      if (!response.writableFinished) leave();
    });
  }
  return controller.signal;
}
