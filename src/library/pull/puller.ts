import path from 'node:path';
import { ApplianceError } from '../../errors.ts';
import { chooseFile } from './choose-file.ts';
import type { PullContext, PullLog } from './context.ts';
import { Download } from './download.ts';
import type { PullEvent, PullStatus } from './events.ts';
import { type HubAccess, type HubSettings, hubAccess } from './hub-access.ts';
import { findLeftovers, leftoverAt } from './leftovers.ts';
import { discardPartial } from './partial-file.ts';
import { checkRevision, formatReference, type PullReference, parseReference } from './reference.ts';
import { type SearchOptions, type SearchResult, searchHub } from './search.ts';
import { freeBytesOf } from './storage.ts';
import { checkPathSegment, type PullTarget, pullTarget, targetAt } from './target.ts';
import { fetchTransport, httpTransport, type Transport } from './transport.ts';
import { defaultTuning, type Tuning } from './tuning.ts';

export interface PullerOptions extends HubSettings {
  /** The models folder. */
  folder: string;
  /** The board's SoC, `RK3588`; null when unknown. */
  platform?: () => string | null;
  /** Version of the installed librkllmrt.so, `1.2.1`; null when unknown. */
  runtimeVersion?: () => string | null;
  /** Memory that a model may take; null when unknown. */
  memoryBytes?: () => number | null;
  /** Instead of the transport over node:http; costs some fifty megabytes during a pull. */
  fetch?: typeof fetch;
  /** Told of a model before its pull is done; `path` is its file. */
  arrived?: (path: string) => Promise<void>;
  /** Free bytes on the file system of a folder. */
  freeBytes?: (folder: string) => Promise<number>;
  log?: PullLog;
  tuning?: Partial<Tuning>;
}

export interface PullOptions {
  /** Name of the model, instead of the file name without `.rkllm`. */
  name?: string;
  /** Branch, tag or commit; one in the reference counts before it. */
  revision?: string;
  /** Detaches this caller; the download goes on. */
  signal?: AbortSignal;
}

/** A pull, and what it tells from now on; a signal that detached its listener is thrown. */
export interface BegunPull {
  status: PullStatus;
  events: AsyncIterable<PullEvent>;
}

const silent: PullLog = { info: () => undefined, warn: () => undefined };
/** Ended pulls that are still listed. */
const maxEnded = 50;

/** Downloads models into the library; each file once, however many ask for it. */
export class Puller {
  readonly #options: PullerOptions;
  readonly #transport: Transport;
  readonly #surroundings: Omit<PullContext, 'client' | 'hubs'>;
  #hub: HubAccess;
  readonly #running = new Map<string, Download>();
  /** Pulls that ended without success, and what earlier daemons left; newest last. */
  readonly #ended = new Map<string, PullStatus>();
  #isStopping = false;

  constructor(options: PullerOptions) {
    this.#options = options;
    this.#transport = options.fetch ? fetchTransport(options.fetch) : httpTransport();
    this.#surroundings = {
      tuning: { ...defaultTuning, ...options.tuning },
      board: () => ({
        platform: options.platform?.() ?? null,
        runtimeVersion: options.runtimeVersion?.() ?? null,
      }),
      freeBytes: options.freeBytes ?? freeBytesOf,
      arrived: options.arrived ?? (async () => undefined),
      log: options.log ?? silent,
    };
    this.#hub = hubAccess(options, this.#transport, this.#surroundings.tuning);
  }

  /** Pulls that begin from now on use these; running ones go on as they began. */
  useHubs(settings: HubSettings): void {
    this.#hub = hubAccess(settings, this.#transport, this.#surroundings.tuning);
  }

  /** Finds what earlier pulls left; resumes nothing by itself. */
  async start(): Promise<void> {
    this.#isStopping = false;
    for (const status of await findLeftovers(this.#options.folder)) {
      if (!this.#running.has(status.id)) this.#ended.set(status.id, status);
    }
  }

  /** Lists what earlier pulls left at these paths too: the disk may have come after the start. */
  async notice(partialPaths: readonly string[]): Promise<void> {
    for (const partialPath of partialPaths) {
      const file = path.basename(partialPath, '.partial');
      const target = targetAt(this.#options.folder, path.basename(path.dirname(partialPath)), file);
      const isKnown = () => this.#running.has(target.id) || this.#ended.has(target.id);
      if (target.partialPath !== partialPath || isKnown()) continue;
      const status = await leftoverAt(target);
      if (status && !isKnown()) this.#ended.set(target.id, status);
    }
  }

  /** Ends running transfers and keeps their partial files. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const downloads = [...this.#running.values()];
    for (const download of downloads) {
      const message = `The appliance is stopping. What has arrived of ${download.target.file} is kept; pull it again afterwards.`;
      download.stop(new ApplianceError('stopping', message), 'stopped');
    }
    await Promise.all(downloads.map((download) => download.ended));
  }

  /**
   * Pulls a model, or joins the pull of it. It begins with the first event asked for, and goes on
   * when nobody listens any more.
   * @throws ApplianceError; `client_closed_request` when the caller's signal fires
   */
  async *pull(
    reference: string,
    options: PullOptions = {},
  ): AsyncGenerator<PullEvent, void, undefined> {
    const { signal } = options;
    try {
      yield* (await this.begin(reference, options)).events;
    } catch (error) {
      if (!signal?.aborted || error instanceof ApplianceError) throw error;
      throw new ApplianceError(
        'client_closed_request',
        `You left; the pull of ${reference} goes on.`,
        { cause: error },
      );
    }
  }

  /**
   * Begins a pull, or joins it; it goes on whether anybody reads the events or not.
   * @throws ApplianceError before anything was begun; `events` throw what comes later
   */
  async begin(reference: string, options: PullOptions = {}): Promise<BegunPull> {
    if (options.name !== undefined) checkPathSegment(options.name, 'the model name');
    options.signal?.throwIfAborted();
    const download = await this.#join(this.#parse(reference, options.revision), options);
    return { status: download.status(), events: download.listen(options.signal) };
  }

  /** A pull that runs, by its `id` or its reference; null when none does. */
  follow(reference: string, signal?: AbortSignal): BegunPull | null {
    const download = this.#running.get(this.#find(reference)?.id ?? '');
    return download ? { status: download.status(), events: download.listen(signal) } : null;
  }

  /**
   * Ends a pull, or forgets an ended one.
   * @param reference as it was pulled, or the `id` out of `pulls()`
   * @returns its state then; null when there is none
   */
  async cancel(
    reference: string,
    options: { deletePartial?: boolean } = {},
  ): Promise<PullStatus | null> {
    const status = this.#find(reference);
    if (!status) return null;
    const download = this.#running.get(status.id);
    if (download) {
      const message = `The pull of ${status.file} was cancelled.`;
      download.stop(new ApplianceError('pull_failed', message), 'cancelled');
      await download.ended;
    }
    const ended = download?.status() ?? status;
    if (options.deletePartial) {
      await discardPartial(targetAt(this.#options.folder, status.name, status.file));
      this.#ended.delete(status.id);
    }
    return ended;
  }

  /** Running pulls, and those that ended without success and can be resumed. */
  pulls(): readonly PullStatus[] {
    const running = [...this.#running.values()].map((download) => download.status());
    return [...running, ...this.#ended.values()];
  }

  /** Models on the hub that fit this board. */
  search(query: string, options: SearchOptions = {}): Promise<SearchResult[]> {
    const memoryBytes = this.#options.memoryBytes?.() ?? null;
    return searchHub(query, { memoryBytes, ...options }, this.#hub.endpoint, this.#context);
  }

  get #context(): PullContext {
    const { client, hubs } = this.#hub;
    return { ...this.#surroundings, client, hubs };
  }

  #parse(text: string, revision: string | undefined): PullReference {
    const reference = parseReference(text, this.#hub.hosts);
    if (reference.revision !== null || revision === undefined) return reference;
    return { ...reference, revision: checkRevision(revision, reference.hub) };
  }

  /** What is no reference names no pull. */
  #parseOrNull(text: string): PullReference | null {
    try {
      return this.#parse(text, undefined);
    } catch (error) {
      if (error instanceof ApplianceError) return null;
      throw error;
    }
  }

  async #join(reference: PullReference, options: PullOptions): Promise<Download> {
    const { folder } = this.#options;
    const path = reference.path ?? (await this.#choose(reference, options.signal));
    if (this.#isStopping) throw new ApplianceError('stopping', 'The appliance is stopping.');
    const target = pullTarget(folder, path, options.name);
    const wanted = { ...reference, path, tag: null };
    const running = this.#running.get(target.id);
    if (running) {
      if (formatReference(running.reference) === formatReference(wanted)) return running;
      throw new ApplianceError(
        'model_in_use',
        `${target.id} is just being pulled from ${formatReference(running.reference)}. Wait for it, cancel it, or choose another name.`,
      );
    }
    return this.#begin(target, wanted);
  }

  #begin(target: PullTarget, reference: PullReference & { path: string }): Download {
    const { maxPulls } = this.#surroundings.tuning;
    if (this.#running.size >= maxPulls) {
      throw new ApplianceError(
        'queue_full',
        `${maxPulls} pulls are running; wait for one to end.`,
        {
          retryAfterSeconds: 60,
        },
      );
    }
    const others = () =>
      [...this.#running.values()]
        .filter((other) => other.target.id !== target.id)
        .reduce((sum, other) => sum + other.remainingBytes, 0);
    const download = new Download(target, reference, this.#context, others);
    this.#running.set(target.id, download);
    this.#ended.delete(target.id);
    // Never rejects (see Download.ended), so nobody has to wait for it.
    void download.ended.then(() => {
      this.#running.delete(target.id);
      const status = download.status();
      if (status.state === 'done') return;
      this.#ended.set(target.id, status);
      const [oldest] = this.#ended.keys();
      if (this.#ended.size > maxEnded && oldest !== undefined) this.#ended.delete(oldest);
    });
    return download;
  }

  async #choose(reference: PullReference, signal?: AbortSignal): Promise<string> {
    const hub = this.#hub.hubs[reference.hub];
    const repository = await hub.repository(
      reference.repository,
      reference.revision,
      signal ?? new AbortController().signal,
    );
    return chooseFile(repository.name, repository.paths, reference.tag, this.#surroundings.board());
  }

  /** By id, by reference, or by a repository out of which exactly one file is listed. */
  #find(text: string): PullStatus | undefined {
    const all = this.pulls();
    const byId = all.find((status) => status.id === text || status.reference === text);
    if (byId) return byId;
    const wanted = this.#parseOrNull(text);
    if (!wanted) return;
    const prefix = `${wanted.hub}/${wanted.repository}/`;
    const matching = all.filter((status) =>
      wanted.path === null
        ? status.reference.startsWith(prefix)
        : status.reference.replace(/@[^@]*$/, '') === `${prefix}${wanted.path}`,
    );
    return matching.length === 1 ? matching[0] : undefined;
  }
}
