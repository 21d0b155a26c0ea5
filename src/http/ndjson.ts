import { once } from 'node:events';
import type { Response } from 'express';
import type { ApplianceError } from '../errors.ts';
import { toApplianceError } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { logOf } from './request-log.ts';

interface StreamOptions {
  /** Silence after which `beat` is sent. */
  silenceMs: number;
  /** A line that means nothing: an empty one would break Ollama's own Python client. */
  beat: () => object | undefined;
}

/**
 * Objects in lines. The status waits for the first line, so that an error before it is thrown and
 * gets a status of its own; a later one is the last line.
 */
export class NdjsonStream {
  readonly #response: Response;
  readonly #failureLine: (error: ApplianceError) => object;

  /** `failureLine`: how an error after the first line is told; Ollama's way unless given. */
  constructor(response: Response, failureLine = ollamaFailure) {
    this.#response = response;
    this.#failureLine = failureLine;
  }

  /** Runs `produce` to the stream's end; a client that has left is no error. */
  async run({ silenceMs, beat }: StreamOptions, produce: (sent: Sender) => Promise<void>) {
    const response = this.#response;
    const heartbeat = new Heartbeat(silenceMs, () => {
      const line = beat();
      if (line && !response.writableNeedDrain && !response.destroyed) this.#write([line]);
    });
    try {
      await produce((lines) => {
        heartbeat.refresh();
        return lines.length === 0 || this.#write(lines);
      });
    } catch (thrown) {
      if (response.destroyed) return;
      if (!response.headersSent) throw thrown;
      const error = toApplianceError(thrown, logOf(response));
      logOf(response).warn({ code: error.code, reason: error.message }, 'stream failed');
      this.#write([this.#failureLine(error)]);
    } finally {
      heartbeat.stop();
    }
    response.end();
  }

  /** Until the client has read what it was sent. */
  async drained(signal: AbortSignal): Promise<void> {
    await once(this.#response, 'drain', { signal });
  }

  #write(lines: readonly object[]): boolean {
    const response = this.#response;
    if (response.destroyed) return true;
    if (!response.headersSent) {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    }
    return response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}

/** False when the client does not read as fast as it is sent. */
export type Sender = (lines: readonly object[]) => boolean;

function ollamaFailure({ message }: ApplianceError): object {
  return { error: message };
}
