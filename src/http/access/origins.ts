import type { Request, Response } from 'express';
import { ApplianceError } from '../../errors.ts';

/** What pages of other origins may see of an answer besides its body. */
const exposedHeaders = 'X-Request-Id, X-Rkllama-Unsupported, Retry-After, Allow';
const preflightSeconds = '600';

/** True when pages of `origin` may use this board. `*` in an entry stands for anything. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => {
    const pattern = entry.split('*').map(RegExp.escape).join('.*');
    return new RegExp(`^${pattern}$`, 'is').test(origin);
  });
}

/** True when the page comes from this board itself, by whatever name it was asked for. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** Lets the page that asks read the answer, where it may. */
export function openToPage(request: Request, response: Response, allowed: readonly string[]): void {
  response.vary('Origin');
  const origin = request.get('origin');
  if (origin === undefined || !isAllowedOrigin(origin, allowed)) return;
  response.set('Access-Control-Allow-Origin', allowed.includes('*') ? '*' : origin);
  response.set('Access-Control-Expose-Headers', exposedHeaders);
}

/** @throws ApplianceError `origin_not_allowed` when the page of somebody else wants a change */
export function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.get('origin');
  if (origin === undefined || ['GET', 'HEAD'].includes(request.method)) return;
  if (isSameOrigin(origin, request.get('host')) || isAllowedOrigin(origin, allowed)) return;
  throw notAllowed(origin);
}

/**
 * The answer to a browser's question whether a page may send a request.
 * @returns false when it was no such question
 * @throws ApplianceError `origin_not_allowed`
 */
export function answerPreflight(
  request: Request,
  response: Response,
  { methods, allowed }: { methods: string; allowed: readonly string[] },
): boolean {
  const origin = request.get('origin');
  if (origin === undefined || request.get('access-control-request-method') === undefined) {
    return false;
  }
  if (!isAllowedOrigin(origin, allowed)) throw notAllowed(origin);
  response.set('Access-Control-Allow-Methods', methods);
  response.set('Access-Control-Max-Age', preflightSeconds);
  const headers = request.get('access-control-request-headers');
  if (headers !== undefined && /^[\w!#$%&'*+.^`|~, -]*$/.test(headers)) {
    response.set('Access-Control-Allow-Headers', headers);
  }
  if (request.get('access-control-request-private-network') === 'true') {
    response.set('Access-Control-Allow-Private-Network', 'true');
  }
  response.status(204).end();
  return true;
}

function notAllowed(origin: string): ApplianceError {
  return new ApplianceError(
    'origin_not_allowed',
    `Pages of ${origin.slice(0, 200)} may not use this board. If they should, add the origin to security.cors_origins.`,
  );
}
