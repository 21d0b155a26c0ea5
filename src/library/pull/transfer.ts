import { TransientFailure } from './failures.ts';
import type { HubClient } from './hub-client.ts';
import type { PartialFile } from './partial-file.ts';
import { receive } from './piece.ts';
import { RangeSource } from './range-source.ts';
import type { ByteRange } from './ranges.ts';
import { downloadOf, Retries } from './retry.ts';
import type { Tuning } from './tuning.ts';

interface TransferOptions {
  client: HubClient;
  tuning: Tuning;
  signal: AbortSignal;
  /** Bytes are about to be written at `position`. */
  onArrived: (chunks: readonly Uint8Array[], position: number) => void;
  /** Bytes were written to the partial file. */
  onWritten: () => void;
}

/**
 * Fills the gaps of a partial file. Pieces are taken in order by a few connections, so that the
 * file grows from its beginning and the hash can follow. One connection begins; its first answer
 * shows whether the server does ranges at all, and the others join while the rate is low: where one
 * connection already brings what the disk can take, more only cost.
 * @throws FileChanged when the content on the hub is another one now
 * @throws ApplianceError `pull_failed`; whatever the file system throws
 */
export async function transfer(partial: PartialFile, options: TransferOptions): Promise<void> {
  await new Transfer(partial, options).run();
}

class Transfer {
  readonly #partial: PartialFile;
  readonly #options: TransferOptions;
  readonly #source: RangeSource;
  readonly #retries: Retries;
  readonly #stop = new AbortController();
  readonly #claimed = new Set<ByteRange>();
  readonly #workers: Promise<void>[] = [];
  readonly #signal: AbortSignal;
  #mode: 'unknown' | 'ranges' | 'whole' = 'unknown';
  #rateSince = { atMs: 0, bytes: 0 };
  #hasOthers = false;
  #furthestBytes: number;
  #checkpointAt: number;
  #failure: { error: unknown } | null = null;

  constructor(partial: PartialFile, options: TransferOptions) {
    this.#partial = partial;
    this.#options = options;
    this.#source = new RangeSource(options.client, partial.remote);
    this.#retries = new Retries(downloadOf(partial.target.file), options.tuning);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#furthestBytes = partial.receivedBytes;
    this.#checkpointAt = performance.now() + options.tuning.checkpointMs;
  }

  async run(): Promise<void> {
    this.#startWorker();
    // Workers start others, so the list may grow while it is awaited.
    for (let index = 0; index < this.#workers.length; index += 1) await this.#workers[index];
    if (this.#failure) throw this.#failure.error;
    this.#options.signal.throwIfAborted();
  }

  #startWorker(): void {
    const worker = this.#work().catch((error: unknown) => {
      this.#failure ??= { error };
      this.#stop.abort(error);
    });
    this.#workers.push(worker);
  }

  async #work(): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      const piece = this.#nextPiece();
      if (piece === null) return;
      this.#claimed.add(piece);
      try {
        await this.#fetch(piece);
      } catch (error) {
        await this.#retries.waitAfter(error, this.#signal);
      } finally {
        this.#claimed.delete(piece);
      }
    }
  }

  #nextPiece(): ByteRange | null {
    const taken = this.#partial.done;
    for (const piece of this.#claimed) taken.add(piece);
    const { pieceBytes, lonePieceBytes } = this.#options.tuning;
    const longest = this.#hasOthers ? pieceBytes : lonePieceBytes;
    return taken.firstGap(this.#partial.remote.sizeBytes, longest);
  }

  async #fetch(piece: ByteRange): Promise<void> {
    const partial = this.#partial;
    const opened = await this.#source.open(piece, () => partial.etag, this.#signal);
    try {
      let end = piece.end;
      if (!opened.isRange) {
        await this.#acceptWhole(piece);
        end = partial.remote.sizeBytes;
      }
      // Before the others begin: they ask for ranges of this very content.
      partial.adoptEtag(opened.etag ?? partial.etag);
      if (opened.isRange) this.#acceptRanges();
      await receive(opened, end, partial, {
        onArrived: this.#options.onArrived,
        onWritten: () => this.#written(),
      });
    } finally {
      opened.answer.close();
    }
  }

  #acceptRanges(): void {
    if (this.#mode === 'ranges') return;
    this.#mode = 'ranges';
    this.#watchRate();
    if (this.#options.tuning.rampUpMs === 0) this.#startOthers();
  }

  #watchRate(): void {
    this.#rateSince = { atMs: performance.now(), bytes: this.#partial.receivedBytes };
  }

  /** Other connections help when the line or the server, and not the disk, sets the pace. */
  #rampUp(): void {
    const { rampUpMs, fastBytesPerSecond } = this.#options.tuning;
    const elapsedMs = performance.now() - this.#rateSince.atMs;
    if (this.#mode !== 'ranges' || this.#hasOthers || elapsedMs < rampUpMs) return;
    const gained = this.#partial.receivedBytes - this.#rateSince.bytes;
    if ((gained * 1000) / elapsedMs < fastBytesPerSecond) this.#startOthers();
    else this.#watchRate();
  }

  #startOthers(): void {
    this.#hasOthers = true;
    const { connections, pieceBytes } = this.#options.tuning;
    const left = this.#partial.remote.sizeBytes - this.#partial.receivedBytes;
    const others = Math.min(connections, Math.ceil(left / pieceBytes)) - 1;
    for (let index = 0; index < others; index += 1) this.#startWorker();
  }

  /** The server knows no ranges: everything comes again from the beginning, on one connection. */
  async #acceptWhole(piece: ByteRange): Promise<void> {
    if (this.#mode === 'ranges') throw new TransientFailure('the server ignored a range');
    this.#mode = 'whole';
    if (this.#partial.receivedBytes > 0) await this.#partial.restart();
    piece.start = 0;
    piece.end = this.#partial.remote.sizeBytes;
  }

  #written(): void {
    if (this.#partial.receivedBytes > this.#furthestBytes) {
      this.#furthestBytes = this.#partial.receivedBytes;
      this.#retries.progressed();
    }
    this.#options.onWritten();
    this.#rampUp();
    if (performance.now() < this.#checkpointAt) return;
    this.#checkpointAt = Number.POSITIVE_INFINITY;
    this.#partial.checkpoint().then(
      () => {
        this.#checkpointAt = performance.now() + this.#options.tuning.checkpointMs;
      },
      (error: unknown) => {
        this.#failure ??= { error };
        this.#stop.abort(error);
      },
    );
  }
}
