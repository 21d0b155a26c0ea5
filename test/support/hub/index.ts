import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { HubContent } from './content.ts';
import type { Fault, Faults, HubRequest } from './faults.ts';
import { modelInfo, modelScopeFiles, treeEntries } from './metadata.ts';
import { Repositories } from './repositories.ts';
import { sendFile } from './send.ts';

export type { HubContent } from './content.ts';
export type { Fault, Faults, HubRequest } from './faults.ts';

export interface HubOptions {
  /** Keys are `user/repo/path/of/file`. `.rkllm` files are LFS files, all others lie in git. */
  files: Record<string, HubContent>;
  faults?: Faults;
  /** Repositories that want `token`. */
  gated?: readonly string[];
  token?: string;
  /** Another loopback address that serves the content; the hub's own unless told. */
  cdnAddress?: string;
  /** Revisions besides `main`, `master` and the commit. */
  revisions?: readonly string[];
  port?: number;
}

export interface Hub {
  /** Endpoint in Hugging Face's layout, and in ModelScope's too. */
  url: string;
  /** `host:port` of the content server. */
  contentHost: string;
  requests: HubRequest[];
  /** Adds or replaces a file; a replaced one has another hash, ETag and commit. */
  put(fullPath: string, content: HubContent): void;
  /** SHA-256 of an `.rkllm` file. */
  sha256(fullPath: string): string;
  setFaults(faults: Faults | undefined): void;
  close(): Promise<void>;
}

/** A stand-in for huggingface.co and modelscope.cn on the loopback. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const standIn = new StandIn(options);
  const listener: RequestListener = (request, response) => {
    standIn.answer(request, response).catch(() => response.destroy());
  };
  const servers = [await listen(listener, '127.0.0.1', options.port ?? 0)];
  const url = `http://127.0.0.1:${portOf(servers[0])}`;
  let contentHost = new URL(url).host;
  if (options.cdnAddress) {
    const cdn = await listen(listener, options.cdnAddress, 0);
    servers.push(cdn);
    contentHost = `${options.cdnAddress}:${portOf(cdn)}`;
  }
  standIn.contentOrigin = `http://${contentHost}`;
  return {
    url,
    contentHost,
    requests: standIn.requests,
    put: (path, content) => standIn.repositories.put(path, content),
    sha256: (path) => standIn.sha256(path),
    setFaults: (faults) => {
      standIn.faults = faults;
    },
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

async function listen(listener: RequestListener, address: string, port: number): Promise<Server> {
  const server = createServer(listener);
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (!address || typeof address === 'string') throw new Error('the stand-in hub has no port');
  return address.port;
}

class StandIn {
  readonly repositories = new Repositories();
  readonly requests: HubRequest[] = [];
  faults: Faults | undefined;
  contentOrigin = '';
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.#options = options;
    this.faults = options.faults;
    for (const [path, content] of Object.entries(options.files)) {
      this.repositories.put(path, content);
    }
  }

  sha256(fullPath: string): string {
    const [user, repo, ...path] = fullPath.split('/');
    const file = this.repositories.files(`${user}/${repo}`)?.get(path.join('/'));
    if (!file?.sha256) throw new Error(`${fullPath} is no LFS file of the stand-in hub`);
    return file.sha256;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    const path = decodeURIComponent(url.pathname);
    const fault = this.#note(request, path);
    if (fault?.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    } else if (fault?.html !== undefined) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(fault.html);
    } else if (fault?.redirectTo !== undefined) {
      response.writeHead(302, { location: fault.redirectTo }).end();
    } else if (path.startsWith('/api/')) {
      await this.#metadata(request, response, url, path);
    } else if (path.startsWith('/cdn/')) {
      const sha256 = path.slice('/cdn/'.length);
      const file = this.repositories.bySha256(sha256);
      if (file) await sendFile(request, response, file, `"${sha256}"`, fault);
      else response.writeHead(404).end();
    } else {
      await this.#resolve(request, response, path, fault);
    }
  }

  #note(request: IncomingMessage, path: string): Fault | undefined {
    const kind = path.startsWith('/api/')
      ? 'api'
      : path.startsWith('/cdn/')
        ? 'content'
        : 'resolve';
    const noted: HubRequest = {
      kind,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rangeStart: Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0),
      index: this.requests.filter((other) => other.kind === kind).length,
      localAddress: request.socket.localAddress ?? '',
    };
    this.requests.push(noted);
    return this.faults?.(noted);
  }

  async #metadata(request: IncomingMessage, response: ServerResponse, url: URL, path: string) {
    if (path === '/api/models') return json(response, this.#search(url.searchParams));
    const modelScope = /^\/api\/v1\/models\/([^/]+\/[^/]+)\/repo\/files$/.exec(path);
    if (modelScope) {
      const [, name = ''] = modelScope;
      if (!this.#admit(request, response, name, url.searchParams.get('Revision') ?? 'master'))
        return;
      return json(response, modelScopeFiles(this.repositories, name));
    }
    const [, name = '', route, revision] =
      /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree|paths-info)\/(.+))?$/.exec(path) ?? [];
    if (!this.#admit(request, response, name, revision ?? 'main')) return;
    if (route === 'tree') return json(response, treeEntries(this.repositories, name));
    if (route === 'paths-info') {
      const body: unknown = JSON.parse(await bodyOf(request));
      const isAsk = typeof body === 'object' && body !== null && 'paths' in body;
      const paths = isAsk && Array.isArray(body.paths) ? body.paths.map(String) : [];
      return json(response, treeEntries(this.repositories, name, paths));
    }
    return json(response, modelInfo(this.repositories, name, this.#isGated(name)));
  }

  async #resolve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    fault: Fault | undefined,
  ): Promise<void> {
    const [, name = '', revision = '', file = ''] =
      /^(?:\/models)?\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (!this.#admit(request, response, name, revision)) return;
    const stored = this.repositories.files(name)?.get(file);
    if (!stored) return deny(response, 404, 'EntryNotFound', 'Entry not found');
    const commit = { 'x-repo-commit': this.repositories.commit(name) };
    if (stored.sha256 === null) {
      response.setHeader('x-repo-commit', commit['x-repo-commit']);
      return sendFile(request, response, stored, `"${stored.gitSha1}"`, fault);
    }
    response
      .writeHead(302, {
        ...commit,
        'x-linked-size': stored.sizeBytes,
        'x-linked-etag': `"${stored.sha256}"`,
        etag: `"${stored.gitSha1}"`,
        'accept-ranges': 'bytes',
        location: `${this.contentOrigin}/cdn/${stored.sha256}?signature=1`,
      })
      .end();
  }

  #search(query: URLSearchParams) {
    const words = (query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    return this.repositories
      .names()
      .filter((name) => words.every((word) => name.toLowerCase().includes(word)))
      .slice(0, Number(query.get('limit') ?? 100))
      .map((name) => modelInfo(this.repositories, name, this.#isGated(name)));
  }

  #isGated(name: string): boolean {
    return this.#options.gated?.includes(name) ?? false;
  }

  /** Refuses as huggingface.co does: 401 for what a stranger may not know of. */
  #admit(request: IncomingMessage, response: ServerResponse, name: string, revision: string) {
    const isKnown = this.repositories.files(name) !== undefined;
    const hasToken = request.headers.authorization === `Bearer ${this.#options.token}`;
    if (!isKnown) {
      const status = hasToken ? 404 : 401;
      deny(response, status, 'RepoNotFound', 'Repository not found');
      return false;
    }
    if (this.#isGated(name) && !hasToken) {
      deny(response, 401, 'GatedRepo', `Access to model ${name} is restricted.`);
      return false;
    }
    const commit = this.repositories.commit(name);
    const known = ['main', 'master', 'HEAD', commit, ...(this.#options.revisions ?? [])];
    if (known.includes(revision)) return true;
    deny(response, 404, 'RevisionNotFound', 'Invalid rev id');
    return false;
  }
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function deny(response: ServerResponse, status: number, code: string, message: string): void {
  const headers = {
    'content-type': 'application/json',
    'x-error-code': code,
    'x-error-message': message,
  };
  response.writeHead(status, headers).end(JSON.stringify({ error: message }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
