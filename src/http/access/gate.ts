import { setTimeout as wait } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { ApplianceError } from '../../errors.ts';
import { logOf, noteKey, quieten } from '../request-log.ts';
import type { HttpServices, KeyInfo, SecuritySettings } from '../services.ts';
import { isTrustedSocket } from '../trusted-sockets.ts';
import type { Access } from './access.ts';
import { clientIn, noteClient } from './client.ts';
import { ClientLimit } from './client-limit.ts';
import { type Credential, credentialsOf } from './credentials.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { isOwnHost } from './hosts.ts';
import { answerPreflight, checkOrigin, openToPage } from './origins.ts';

/** More than any client or proxy sends. */
const mostHeaders = 100;

/** Decides about a request by its head alone: before its body is read, before anything costs. */
export class Gate {
  readonly #keys: HttpServices['keys'];
  readonly #settings: () => SecuritySettings;
  readonly #failed = new FailedAttempts();
  readonly #limit = new ClientLimit();

  constructor({ keys, security }: Pick<HttpServices, 'keys' | 'security'>) {
    this.#keys = keys;
    this.#settings = security;
  }

  /** Lets pass who may, and throws in words at who may not. */
  guard(access: Access): RequestHandler {
    return async (request, response, next) => {
      if (!isTrustedSocket(request.socket)) await this.#check(access, request, response);
      next();
    };
  }

  /** Answers a browser's question before a request; false when it is none. */
  preflight(request: Request, response: Response, methods: string): boolean {
    return answerPreflight(request, response, { methods, allowed: this.#settings().corsOrigins });
  }

  async #check(access: Access, request: Request, response: Response): Promise<void> {
    if (request.rawHeaders.length > 2 * mostHeaders) {
      throw new ApplianceError(
        'too_many_headers',
        `The request has more than ${mostHeaders} headers.`,
      );
    }
    const { allowedHosts, corsOrigins, requestsPerClient } = this.#settings();
    openToPage(request, response, corsOrigins);
    // It tells what a route can, and browsers ask it without a key.
    if (request.method === 'OPTIONS') return;
    const credentials = credentialsOf(request);
    const proof = this.#keys.required ? this.#proofAmong(credentials) : undefined;
    if (!proof && access !== 'open')
      await this.#assertNoneNeeded(access, credentials, request, response);
    if (proof) {
      noteKey(response, proof.key.id);
      noteClient(request, proof.key.id);
      assertScope(proof.key, access);
    }
    if (!proof || proof.remembered) {
      assertOwnHost(request, allowedHosts);
      checkOrigin(request, corsOrigins);
    }
    if (access === 'inference' && request.method === 'POST') {
      this.#limit.enter(clientIn(request) ?? '', requestsPerClient, response);
    }
  }

  #proofAmong(credentials: readonly Credential[]): (Credential & { key: KeyInfo }) | undefined {
    for (const credential of credentials) {
      const key = this.#keys.identify(credential.secret);
      if (key) return { ...credential, key };
    }
    return;
  }

  async #assertNoneNeeded(
    access: Access,
    credentials: readonly Credential[],
    request: Request,
    response: Response,
  ): Promise<void> {
    if (this.#keys.required) {
      await this.#noteFailure(request, response);
      response.set('WWW-Authenticate', challengeFor(request));
      throw new ApplianceError('invalid_api_key', credentials.length === 0 ? keyMissing : keyWrong);
    }
    if (access === 'owner') throw new ApplianceError('forbidden', ownerOnly);
  }

  async #noteFailure(request: Request, response: Response): Promise<void> {
    const client = request.ip ?? '';
    const { count, waitMs, worthLogging } = this.#failed.note(client);
    if (worthLogging) logOf(response).warn({ client, count }, 'refused: no valid API key');
    else quieten(response);
    if (waitMs > 0) await wait(waitMs);
  }
}

const keyMissing =
  'This board asks for an API key. Send it as "Authorization: Bearer rk-..." or as "X-Api-Key"; the owner of the board makes one with: rkllama keys add NAME.';
const keyWrong = 'The API key is not valid here: it is wrong, or it was revoked.';
const ownerOnly =
  'Over the network, administration needs an API key of scope admin, and this board has no keys. On the board itself: rkllama keys add NAME --scope admin.';

function assertScope({ name, scope }: KeyInfo, access: Access): void {
  if (scope === 'admin' || access === 'open' || access === 'inference') return;
  throw new ApplianceError(
    'forbidden',
    `The API key "${name}" is of scope ${scope}; this needs one of scope admin.`,
  );
}

function assertOwnHost(request: Request, allowed: readonly string[]): void {
  const host = request.get('host');
  if (isOwnHost(host, allowed)) return;
  throw new ApplianceError(
    'host_not_allowed',
    `This board was asked for as "${host?.slice(0, 200)}", which is none of its names. If it is one, add it to security.allowed_hosts.`,
  );
}

/** Whoever opens a page is asked by the browser: the key is the password, the name is of no matter. */
function challengeFor(request: Request): string {
  const isPage = request.method === 'GET' && /text\/html/.test(request.get('accept') ?? '');
  return isPage ? 'Basic realm="rkllamad: an API key as password"' : 'Bearer realm="rkllamad"';
}
