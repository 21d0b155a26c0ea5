import type { Request } from 'express';

/** A secret that a request carries. */
export interface Credential {
  secret: string;
  /**
   * A browser sends passwords that it remembers by itself, also when the page of somebody else
   * asks for it; other headers only when their page may.
   */
  remembered: boolean;
}

/** What a request shows: `Authorization: Bearer` or `Basic` (the key as password), `X-Api-Key`. */
export function credentialsOf(request: Request): Credential[] {
  const found: Credential[] = [];
  const [, scheme = '', value = ''] =
    /^(\S+) +(\S+)$/.exec(request.get('authorization') ?? '') ?? [];
  if (/^bearer$/i.test(scheme)) found.push({ secret: value, remembered: false });
  if (/^basic$/i.test(scheme)) {
    const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
    if (password !== undefined) found.push({ secret: password, remembered: true });
  }
  const apiKey = request.get('x-api-key');
  if (apiKey) found.push({ secret: apiKey, remembered: false });
  return found;
}
