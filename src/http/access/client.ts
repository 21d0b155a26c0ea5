import type { Request } from 'express';

const keys = new WeakMap<Request, string>();

/** Whose request it is: the id of an API key, or else an address; undefined over a Unix socket. */
export function clientIn(request: Request): string | undefined {
  return keys.get(request) ?? request.ip;
}

/** The same as the field of a request to the engine. */
export function clientField(request: Request): { client?: string } {
  const client = clientIn(request);
  return client === undefined ? {} : { client };
}

/** The key that a request has shown. */
export function noteClient(request: Request, keyId: string): void {
  keys.set(request, keyId);
}
