import { existsSync } from 'node:fs';
import type { GlobalOptions } from '../context.ts';
import { CliError } from '../failure.ts';

/** How the daemon is reached: by its admin socket, with authority, or over TCP. */
export type Address =
  | { type: 'socket'; path: string /** Where to try next. */; otherwise: URL }
  | { type: 'tcp'; url: URL };

/** What the daemon on this machine is told of where it listens. */
export interface DaemonSettings {
  port?: number;
  /** What is configured. */
  adminSocket?: string;
  /** What it opens where it cannot open the service's. */
  homeSocket?: string;
}

const defaultPort = 8080;
/** As in `src/config`, which is not loaded for it: that takes longer than most answers. */
export const defaultSocket = '/run/rkllamad/admin.sock';

/**
 * `--host` is where the daemon is. RKLLAMA_HOST means the same when it names a port or another
 * machine; else it is the address that the daemon on this machine listens on, 0.0.0.0 perhaps.
 * Everything else is this machine: the admin socket, and over TCP where there is none.
 */
export function addressOf(
  { host }: GlobalOptions,
  environment: NodeJS.ProcessEnv,
  settings: DaemonSettings = {},
): Address {
  const port = settings.port || defaultPort;
  if (host !== undefined) return { type: 'tcp', url: parseHost(host, '--host', port) };
  const listens = environment['RKLLAMA_HOST']?.trim() || undefined;
  const named = listens === undefined ? undefined : parseHost(listens, 'RKLLAMA_HOST', port);
  const explicitSocket = environment['RKLLAMA_ADMIN_SOCKET']?.trim() || undefined;
  if (named && !explicitSocket && listens && tellsMore(listens, named)) {
    return { type: 'tcp', url: named };
  }
  const otherwise = named ?? new URL(`http://127.0.0.1:${port}`);
  const path = explicitSocket ?? settings.adminSocket ?? unnamedSocket(settings);
  return explicitSocket !== undefined || existsSync(path)
    ? { type: 'socket', path, otherwise }
    : { type: 'tcp', url: otherwise };
}

/** In the order in which the daemon takes them. */
function unnamedSocket({ homeSocket }: DaemonSettings): string {
  return homeSocket === undefined || existsSync(defaultSocket) ? defaultSocket : homeSocket;
}

/** `board`, `board:8080`, `[::1]:8080`, `http://board:8080/`; an address of all interfaces is this machine. */
function parseHost(text: string, source: string, port: number): URL {
  const bare = /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f.:]*$/i.test(text) ? `[${text}]` : text;
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(bare);
  let url: URL;
  try {
    url = new URL(isUrl ? bare : `http://${bare}`);
  } catch {
    throw new CliError(
      'usage',
      `${source} cannot be "${text}": expected host, host:port or http://host:port.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new CliError('usage', `${source} cannot be "${text}": expected http:// or https://.`);
  }
  if (url.pathname !== '/' || url.search !== '') {
    throw new CliError(
      'usage',
      `${source} cannot be "${text}": expected http://host:port without a path.`,
    );
  }
  if (!isUrl && !/:\d+$/.test(bare)) url.port = String(port);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url;
}

function tellsMore(text: string, url: URL): boolean {
  const isThisMachine = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return !isThisMachine || text.includes('://') || /[^:]:\d+$/.test(text);
}
