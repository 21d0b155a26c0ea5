/** A `PromptWriter` in a thread of its own, with a limit on what it may take. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Conversation } from './chat-format.ts';
import {
  descriptionSchema,
  encodedSchema,
  reportSchema,
  type ThreadReport,
  type ThreadRequest,
  writtenSchema,
} from './prompt-protocol.ts';
import type { AnswerPiece, Description, WriterSpec, Written } from './prompt-writer.ts';
import { charactersIn } from './template-messages.ts';
import { TemplateRefusal } from './template-refusal.ts';
import type { Frame } from './text-tokenizer.ts';

export interface ThreadLimits {
  /** For one request, besides what its length adds. */
  readonly requestMs: number;
  /** For reading the tokenizer. */
  readonly loadMs: number;
  readonly heapMegabytes: number;
}

export const defaultThreadLimits: ThreadLimits = {
  requestMs: 20_000,
  loadMs: 120_000,
  heapMegabytes: 1024,
};

/** The thread was ended because it took too long or too much; what it did was not done. */
export class ThreadLost extends Error {}

export class PromptThread {
  readonly #worker: Worker;
  readonly #limits: ThreadLimits;
  /** Resolves, never rejects, when the request before is answered. */
  #before: Promise<unknown> = Promise.resolve();
  #current: PromiseWithResolvers<ThreadReport> | undefined;
  #lost: ThreadLost | undefined;

  constructor(spec: WriterSpec, limits: ThreadLimits) {
    this.#limits = limits;
    this.#worker = new Worker(workerFile(), {
      workerData: spec,
      // No template and no tokenizer has a business with the daemon's environment.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes },
    });
    this.#worker.unref();
    this.#worker.on('message', (message) => this.#take(message));
    this.#worker.on('error', (error) => this.#lose(error.message));
    this.#worker.on('exit', () => this.#lose('it ended'));
  }

  async open(): Promise<Description> {
    return descriptionSchema.parse(await this.#ask({ type: 'open' }));
  }

  async load(): Promise<void> {
    await this.#ask({ type: 'load' }, this.#limits.loadMs);
  }

  /** Throws `TemplateRefusal`, `ThreadLost`, or what the writer throws. */
  async write(conversation: Conversation, kind: 'tokens' | 'text'): Promise<Written> {
    const limitMs = this.#limitFor(charactersIn(conversation.messages));
    return writtenSchema.parse(await this.#ask({ type: 'write', conversation, kind }, limitMs));
  }

  async encode(text: string, frame: Frame): Promise<Int32Array<ArrayBuffer> | null> {
    const limitMs = this.#limitFor(text.length);
    return encodedSchema.parse(await this.#ask({ type: 'encode', text, frame }, limitMs)).ids;
  }

  async extend(pieces: readonly AnswerPiece[]): Promise<Int32Array<ArrayBuffer> | null> {
    const limitMs = this.#limitFor(pieces.reduce((sum, { text }) => sum + text.length, 0));
    return encodedSchema.parse(await this.#ask({ type: 'extend', pieces }, limitMs)).ids;
  }

  /** Ends the thread and gives its memory back. */
  async close(): Promise<void> {
    this.#lose('it was closed');
    await this.#worker.terminate();
  }

  /** Tokenizers read some 300 characters a millisecond; a busy board gets thirty times as long. */
  #limitFor(characters: number): number {
    return this.#limits.requestMs + characters / 10;
  }

  /** One request at a time, so that the one that takes too long is known. */
  #ask(request: ThreadRequest, limitMs = this.#limits.requestMs): Promise<unknown> {
    const answer = this.#before.then(() => this.#exchange(request, limitMs));
    this.#before = answer.catch(() => {});
    return answer;
  }

  async #exchange(request: ThreadRequest, limitMs: number): Promise<unknown> {
    if (this.#lost) throw this.#lost;
    this.#current = Promise.withResolvers();
    const seconds = Math.round(limitMs / 1000);
    const timer = setTimeout(() => void this.#end(`it took more than ${seconds} s`), limitMs);
    this.#worker.ref();
    this.#worker.postMessage(request);
    try {
      const report = await this.#current.promise;
      if (report.type === 'done') return report.value;
      throw report.type === 'refused'
        ? new TemplateRefusal(report.message)
        : new Error(report.message);
    } finally {
      clearTimeout(timer);
      this.#worker.unref();
      this.#current = undefined;
    }
  }

  #take(message: unknown): void {
    const report = reportSchema.safeParse(message);
    if (report.success) this.#current?.resolve(report.data);
    else this.#lose(`it speaks another protocol: ${report.error.message}`);
  }

  async #end(reason: string): Promise<void> {
    this.#lose(reason);
    await this.#worker.terminate();
  }

  #lose(reason: string): void {
    this.#lost ??= new ThreadLost(reason);
    this.#current?.reject(this.#lost);
  }
}

/** Beside this file; in a bundle the file may have become part of a chunk in a folder below. */
function workerFile(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const places = ['.', '..'].map((folder) =>
    fileURLToPath(new URL(`${folder}/prompt-worker.${extension}`, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? places[0] ?? '';
}
