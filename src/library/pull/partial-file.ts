import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './durable.ts';
import type { RemoteFile } from './hub.ts';
import { type ByteRange, RangeSet } from './ranges.ts';
import { readSidecar, type Sidecar, writeSidecar } from './sidecar.ts';
import type { PullTarget } from './target.ts';

const roomForNotesBytes = 64 * 1024;

/**
 * The file a download grows in, with notes beside it of what has durably arrived.
 *
 * Order is everything here: notes before the file exists, data synced before the notes claim it,
 * notes removed after the rename. A kill at any point leaves the old state, the new, or a resumable
 * partial.
 */
export class PartialFile {
  readonly target: PullTarget;
  readonly remote: RemoteFile;
  readonly #reference: string;
  readonly #handle: FileHandle;
  #done: RangeSet;
  #etag: string | null;
  #checkpointing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #generation = 0;

  private constructor(
    target: PullTarget,
    remote: RemoteFile,
    reference: string,
    handle: FileHandle,
    notes: Pick<Sidecar, 'done' | 'etag'>,
  ) {
    this.target = target;
    this.remote = remote;
    this.#reference = reference;
    this.#handle = handle;
    this.#done = new RangeSet(notes.done);
    this.#etag = notes.etag;
  }

  /** Opens what an earlier pull left when it is of the same content, else begins anew. */
  static async open(
    target: PullTarget,
    remote: RemoteFile,
    reference: string,
  ): Promise<PartialFile> {
    await mkdir(target.modelFolder, { recursive: true });
    await syncFolder(path.dirname(target.modelFolder));
    const notes = await readSidecar(target.sidecarPath);
    if (notes && isSameContent(notes, remote)) {
      const handle = await open(target.partialPath, 'r+').catch(() => null);
      if (handle) {
        const { size } = await handle.stat();
        const done = new RangeSet(notes.done).below(Math.min(size, remote.sizeBytes)).toArray();
        return new PartialFile(target, remote, reference, handle, { done, etag: notes.etag });
      }
    }
    const fresh = { done: [], etag: null };
    await writeSidecar(target.sidecarPath, sidecarOf(remote, reference, fresh.done, null));
    const handle = await open(target.partialPath, 'w+');
    await syncFolder(target.modelFolder);
    return new PartialFile(target, remote, reference, handle, fresh);
  }

  get receivedBytes(): number {
    return this.#done.sizeBytes;
  }

  /** How far the file is complete from its beginning. */
  get contiguousBytes(): number {
    return this.#done.contiguousBytes;
  }

  get done(): RangeSet {
    return new RangeSet(this.#done.toArray());
  }

  /** Grows when the content is forgotten and begins anew. */
  get generation(): number {
    return this.#generation;
  }

  get etag(): string | null {
    return this.#etag;
  }

  /** Notes the content server's entity tag of these bytes. */
  adoptEtag(etag: string | null): void {
    this.#etag = etag;
  }

  async write(chunks: Uint8Array[], position: number): Promise<void> {
    let at = position;
    let rest = chunks;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest, at);
      this.#done.add({ start: at, end: at + bytesWritten });
      at += bytesWritten;
      rest = withoutFirst(rest, bytesWritten);
    }
  }

  /** Reads what has been written, for the hash. */
  async read(buffer: Buffer, position: number, length: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, length, position);
    return bytesRead;
  }

  /** Makes everything written so far survive a power cut, and notes it. */
  checkpoint(): Promise<void> {
    const next = this.#checkpointing.then(async () => {
      const done = this.#done.toArray();
      await this.#handle.datasync();
      await this.#note(done);
    });
    this.#checkpointing = next.catch(() => undefined);
    return next;
  }

  /** Forgets the content: the server cannot continue it, or has another one now. */
  async restart(): Promise<void> {
    await this.#checkpointing;
    this.#generation += 1;
    this.#done = new RangeSet();
    this.#etag = null;
    await this.#note([]);
    await this.#handle.truncate(0);
  }

  /** The verified file takes its final name. */
  async commit(): Promise<void> {
    await this.#checkpointing;
    await this.#handle.sync();
    await this.#close();
    await rename(this.target.partialPath, this.target.finalPath);
    await syncFolder(this.target.modelFolder);
    await rm(this.target.sidecarPath, { force: true });
  }

  /** Notes what is there and lets go of the file; the next pull resumes it. */
  async keep(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.checkpoint().catch(() => this.#makeRoomForNotes());
    } catch {
      // The last notes claim less than is there, and stay true.
    } finally {
      await this.#close();
    }
  }

  async discard(): Promise<void> {
    await this.#checkpointing;
    await this.#close();
    await discardPartial(this.target);
  }

  /** On a full disk the notes need the place of some of the data. */
  async #makeRoomForNotes(): Promise<void> {
    const limit = Math.max(0, this.#done.endBytes - roomForNotesBytes);
    this.#done = this.#done.below(limit);
    await this.#handle.truncate(limit);
    await this.checkpoint();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#handle.close();
  }

  #note(done: ByteRange[]): Promise<void> {
    const sidecar = sidecarOf(this.remote, this.#reference, done, this.#etag);
    return writeSidecar(this.target.sidecarPath, sidecar);
  }
}

/** Removes a partial file with its notes, and the model's folder when nothing else is in it. */
export async function discardPartial(target: PullTarget): Promise<void> {
  await rm(target.partialPath, { force: true });
  await rm(target.sidecarPath, { force: true });
  await rmdir(target.modelFolder).catch(() => undefined);
}

/** Bytes of `remote` that an earlier pull has already left in the partial file. */
export async function partialBytes(target: PullTarget, remote: RemoteFile): Promise<number> {
  const notes = await readSidecar(target.sidecarPath);
  return notes && isSameContent(notes, remote) ? notes.receivedBytes : 0;
}

function isSameContent(notes: Sidecar, remote: RemoteFile): boolean {
  if (notes.sizeBytes !== remote.sizeBytes) return false;
  if (notes.sha256 !== remote.sha256 || notes.gitSha1 !== remote.gitSha1) return false;
  // Without any hash only the commit in the address tells one content from another.
  return remote.sha256 !== null || remote.gitSha1 !== null || notes.url === remote.url.href;
}

function sidecarOf(
  remote: RemoteFile,
  reference: string,
  done: ByteRange[],
  etag: string | null,
): Sidecar {
  return {
    version: 1,
    reference,
    url: remote.url.href,
    sizeBytes: remote.sizeBytes,
    etag,
    sha256: remote.sha256,
    gitSha1: remote.gitSha1,
    receivedBytes: done.reduce((sum, range) => sum + range.end - range.start, 0),
    done,
  };
}

function withoutFirst(chunks: Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  for (const chunk of chunks) {
    if (chunk.byteLength > left) break;
    left -= chunk.byteLength;
    index += 1;
  }
  const [first, ...others] = chunks.slice(index);
  return first ? [first.subarray(left), ...others] : [];
}
