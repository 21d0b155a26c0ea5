import { ApplianceError } from '../../errors.ts';

/**
 * Where the hubs send downloads; a leading dot means every host below.
 * Source: huggingface.co/.well-known/meta.json (lfsDomains, cdnDomains are all below hf.co).
 */
const contentHosts = ['.hf.co', '.huggingface.co', '.modelscope.cn', '.modelscope.ai'];

/** Which addresses a pull may open. Entries: `host`, `.domain` or `host:port`. */
export class HostPolicy {
  readonly #endpoints: readonly URL[];
  readonly #allowed: readonly string[];

  constructor(endpoints: readonly URL[], allowed: readonly string[]) {
    this.#endpoints = endpoints;
    this.#allowed = [...contentHosts, ...allowed].map((host) => host.toLowerCase());
  }

  /** @throws ApplianceError `pull_failed` when `url` is not one of the allowed places */
  check(url: URL): void {
    if (!this.#hostAllowed(url)) {
      throw new ApplianceError(
        'pull_failed',
        `The hub sent the download to ${url.host}, which is not an allowed host. If you trust it, add it to the allowed pull hosts.`,
      );
    }
    if (url.protocol === 'https:') return;
    // A hub that is itself plain http (a mirror on the LAN) may redirect to plain http.
    const isPlainHub = this.#endpoints.some((endpoint) => endpoint.protocol === 'http:');
    if (url.protocol === 'http:' && isPlainHub) return;
    throw new ApplianceError(
      'pull_failed',
      `The hub sent the download to ${url.origin}, which is not encrypted (https).`,
    );
  }

  #hostAllowed(url: URL): boolean {
    if (this.#endpoints.some((endpoint) => endpoint.host === url.host)) return true;
    return this.#allowed.some((entry) => {
      if (entry.startsWith('.')) return url.port === '' && url.hostname.endsWith(entry);
      return entry === url.host;
    });
  }
}
