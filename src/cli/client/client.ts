import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { CliError } from '../failure.ts';
import type { Address } from './address.ts';
import { connectionFailure, isAbsent, isDenied, refusal, unexpectedAnswer } from './failures.ts';
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

  get<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    return this.#json('GET', path, schema, signal && { signal });
  }

  post<T>(path: string, body: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    return this.#json('POST', path, schema, { body, ...(signal && { signal }) });
  }

  delete<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#json('DELETE', path, schema);
  }

  /** Reads the answer to its end, and whatever it is takes its status for success. */
  async send(method: Method, path: string, ask: Ask = {}): Promise<void> {
    await textOf(await this.#answer(method, path, ask), this.place);
  }

  /**
   * An answer in lines of JSON, bare or as server-sent events. It is read as fast as it is asked
   * for, and whoever stops asking ends it. A line with an error ends it as that error.
   */
  async *stream<T>(path: string, body: object, schema: z.ZodType<T>, signal?: AbortSignal) {
    const answer = await this.#answer('POST', path, { body, ...(signal && { signal }) });
    for await (const line of linesOf(answer, this.place)) {
      const value = parseJson(line, this.place);
      const result = schema.safeParse(value);
      if (!result.success)
        throw refusal(200, value, line, this.#circumstances) ?? unexpectedAnswer(this.place, line);
      yield result.data;
    }
  }

  async #json<T>(method: Method, path: string, schema: z.ZodType<T>, ask: Ask = {}): Promise<T> {
    const text = await textOf(await this.#answer(method, path, ask), this.place);
    const result = schema.safeParse(parseJson(text, this.place));
    if (!result.success) throw unexpectedAnswer(this.place, text);
    return result.data;
  }

  async #answer(method: Method, path: string, ask: Ask): Promise<IncomingMessage> {
    const answer = await this.#connect(method, path, ask);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const text = await textOf(answer, this.place);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new CliError('failure', `${this.place} answered ${status}, and is no rkllamad.`);
    }
    throw refusal(status, value, text, this.#circumstances) ?? unexpectedAnswer(this.place, text);
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

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpectedAnswer(place, text);
  }
}
