import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import type { Address } from './address.ts';
import {
  connectionFailure,
  isAbsent,
  isDenied,
  noDaemon,
  refusal,
  silence,
  unexpectedAnswer,
} from './failures.ts';
import { linesOf, textOf } from './lines.ts';
import { type Method, request } from './request.ts';

interface Ask {
  body?: object;
  signal?: AbortSignal;
}

/** The daemon, asked over its admin socket or over TCP. Every method throws `CliError`. */
export class Client {
  #address: Address;
  readonly #apiKey: string | undefined;
  /** The admin socket is there, but not for this user. */
  #socketIsDenied = false;

  constructor(address: Address, apiKey: string | undefined) {
    this.#address = address;
    this.#apiKey = apiKey;
  }

  /** For a person: `/run/rkllamad/admin.sock` or `http://board:8080`. */
  get place(): string {
    return this.#address.type === 'socket' ? this.#address.path : this.#address.url.origin;
  }

  /** False: administration would be refused, and a refusal is logged over there. */
  get mayAdministrate(): boolean {
    return this.#address.type === 'socket' || this.#apiKey !== undefined;
  }

  get #circumstances() {
    return { place: this.place, socketIsDenied: this.#socketIsDenied };
  }

  /** @param patienceMs for what is answered at once by a daemon that is well */
  async get<T>(path: string, schema: z.ZodType<T>, patienceMs?: number): Promise<T> {
    if (patienceMs === undefined) return this.#json('GET', path, schema);
    const limit = AbortSignal.timeout(patienceMs);
    try {
      return await this.#json('GET', path, schema, { signal: limit });
    } catch (error) {
      throw limit.aborted ? silence(this.place, patienceMs) : error;
    }
  }

  post<T>(path: string, body: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    return this.#json('POST', path, schema, { body, ...(signal && { signal }) });
  }

  delete<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#json('DELETE', path, schema);
  }

  /** For requests whose success has nothing to say. */
  async send(method: Method, path: string, body: object): Promise<void> {
    const text = await textOf(await this.#answer(method, path, { body }), this.place);
    if (text !== '') throw unexpectedAnswer(this.place, text);
  }

  /**
   * An answer in lines of JSON, bare or as server-sent events. It is read as fast as it is asked
   * for, and whoever stops asking ends it. A line with an error ends it as that error.
   */
  async *stream<T>(path: string, body: object, schema: z.ZodType<T>, signal?: AbortSignal) {
    const answer = await this.#answer('POST', path, { body, ...(signal && { signal }) });
    for await (const line of linesOf(answer, this.place)) {
      const value = parsedJson(line);
      const result = schema.safeParse(value);
      if (!result.success)
        throw refusal(200, value, this.#circumstances) ?? unexpectedAnswer(this.place, line);
      yield result.data;
    }
  }

  async #json<T>(method: Method, path: string, schema: z.ZodType<T>, ask: Ask = {}): Promise<T> {
    const text = await textOf(await this.#answer(method, path, ask), this.place);
    const result = schema.safeParse(parsedJson(text));
    if (!result.success) throw unexpectedAnswer(this.place, text);
    return result.data;
  }

  async #answer(method: Method, path: string, ask: Ask): Promise<IncomingMessage> {
    const answer = await this.#connect(method, path, ask);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const text = await textOf(answer, this.place);
    throw (
      refusal(status, parsedJson(text), this.#circumstances) ??
      noDaemon(this.place, status, answer.headers.location)
    );
  }

  /** Where the socket is not for this user, or nobody listens on it, TCP may do. */
  async #connect(method: Method, path: string, ask: Ask): Promise<IncomingMessage> {
    const address = this.#address;
    try {
      return await request(address, method, path, { ...ask, apiKey: this.#apiKey });
    } catch (error) {
      if (ask.signal?.aborted) throw error;
      if (address.type === 'socket' && (isAbsent(error) || isDenied(error))) {
        this.#socketIsDenied = isDenied(error);
        this.#address = { type: 'tcp', url: address.otherwise };
        return this.#connect(method, path, ask);
      }
      throw connectionFailure(error, this.#circumstances);
    }
  }
}

/** Undefined where it is no JSON, which no schema takes. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
