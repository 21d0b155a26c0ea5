import { ApplianceError } from '../../errors.ts';
import { FileChanged, TransientFailure } from './failures.ts';
import type { RemoteFile } from './hub.ts';
import { type HubClient, isWebPage, type OpenAnswer } from './hub-client.ts';
import type { ByteRange } from './ranges.ts';
import { refusal } from './refusal.ts';

/** An answer whose body is bytes of the file, beginning at `start`. */
export interface RangeAnswer {
  answer: OpenAnswer;
  start: number;
  /** False when the server sends the whole file whatever it is asked. */
  isRange: boolean;
  etag: string | null;
}

/** How long the address a hub redirected to is asked directly; hubs sign them for an hour. */
const directMs = 5 * 60_000;

/** Opens ranges of one remote file and refuses answers that are not bytes of it. */
export class RangeSource {
  readonly #client: HubClient;
  readonly #remote: RemoteFile;
  #direct: { url: URL; until: number } | null = null;

  constructor(client: HubClient, remote: RemoteFile) {
    this.#client = client;
    this.#remote = remote;
  }

  /**
   * @param knownEtag entity tag of the bytes already there; null when there are none
   * @throws FileChanged when the server has another content now
   * @throws TransientFailure when another try may help
   * @throws ApplianceError when none will
   */
  async open(
    range: ByteRange,
    knownEtag: () => string | null,
    signal: AbortSignal,
  ): Promise<RangeAnswer> {
    const headers: Record<string, string> = { range: `bytes=${range.start}-${range.end - 1}` };
    // A weak tag must not stand in If-Range (RFC 9110, section 13.1.5).
    const etag = knownEtag();
    if (etag?.startsWith('"')) headers['if-range'] = etag;
    const answer = await this.#openAnswer(headers, signal);
    try {
      const start = this.#check(answer, range, knownEtag());
      if (start === null) throw refusal(answer, this.#remote.path);
      const isRange = answer.status === 206;
      return { answer, start, isRange, etag: answer.headers.get('etag') };
    } catch (error) {
      answer.close();
      throw error;
    }
  }

  async #openAnswer(headers: Record<string, string>, signal: AbortSignal): Promise<OpenAnswer> {
    const direct = this.#direct;
    this.#direct = null;
    if (direct && direct.until > Date.now()) {
      const answer = await this.#client.open(direct.url, { headers }, signal);
      if (answer.status === 200 || answer.status === 206) {
        this.#direct = direct;
        return answer;
      }
      // The signature has run out: the hub gives a new address.
      answer.close();
    }
    const answer = await this.#client.open(this.#remote.url, { headers }, signal);
    if (answer.hops.length > 1) {
      this.#direct = { url: answer.url, until: Date.now() + directMs };
    }
    return answer;
  }

  /** The offset the body begins at; null for a refusal. */
  #check({ status, headers, hops, url }: OpenAnswer, range: ByteRange, etag: string | null) {
    const { sizeBytes, sha256 } = this.#remote;
    const linkedEtag = hops[0]?.get('x-linked-etag')?.replace(/^W\/|"/g, '');
    if (sha256 !== null && linkedEtag && linkedEtag !== sha256) {
      throw new FileChanged(`${this.#remote.path} has another content now`);
    }
    if (status === 416) throw new FileChanged(`${this.#remote.path} is shorter now`);
    // It was there when the metadata were read; asking those again tells what became of it.
    if (status === 404) throw new FileChanged(`${this.#remote.path} has been moved`);
    const isRefusal = status !== 200 && status !== 206;
    if (isRefusal && hops.length > 1) {
      // The hub itself let us pass: its signed address ran out, or the content server is unwell.
      throw new TransientFailure(`${url.host} refused the file with status ${status}`);
    }
    if (isRefusal) return null;
    if (isWebPage(headers)) {
      throw new TransientFailure(`${url.host} sent a web page instead of the file`);
    }
    const current = headers.get('etag');
    if (etag !== null && current !== null && current !== etag) {
      throw new FileChanged(`${this.#remote.path} changed while it was downloaded`);
    }
    if (status === 200) {
      const length = headers.get('content-length');
      if (length !== null && Number(length) !== sizeBytes) {
        throw new FileChanged(`${url.host} offers ${length} bytes instead of ${sizeBytes}`);
      }
      return 0;
    }
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (Number(start) !== range.start) {
      throw new TransientFailure(`${url.host} answered with another range than was asked for`);
    }
    if (total !== '*' && Number(total) !== sizeBytes) {
      throw new FileChanged(`${this.#remote.path} has ${total} bytes now instead of ${sizeBytes}`);
    }
    return range.start;
  }
}

/** The error for a beginning that is a web page's or a git pointer's; null for any other. */
export function checkBeginning(file: string, beginning: Uint8Array): ApplianceError | null {
  const text = Buffer.from(beginning).toString('latin1').trimStart().toLowerCase();
  if (!/^(<|\{"|version https:\/\/git-lfs)/.test(text)) return null;
  return new ApplianceError(
    'pull_failed',
    `What the hub sent for ${file} is a page of text, not a model. It was deleted.`,
  );
}
