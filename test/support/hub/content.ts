import { createHash } from 'node:crypto';

/** A file of the stand-in hub: its bytes, or a size and a seed that stand for them. */
export type HubContent =
  | Uint8Array
  | string
  | {
      sizeBytes: number;
      /** The same seed gives the same bytes; null gives zeros (a sparse file). */
      seed: number | null;
    };

export interface StoredFile {
  sizeBytes: number;
  /** SHA-256 for `.rkllm` files (LFS), else null. */
  sha256: string | null;
  /** Git's blob id. */
  gitSha1: string;
  /** The bytes from `start` to `end`, in slices. */
  slices(start: number, end: number): Generator<Uint8Array>;
}

const blockBytes = 256 * 1024;
/** What every `.rkllm` file begins with. */
const magic = Uint8Array.of(0xda, 0xee, 0xb3, 0x36);

export function storeFile(path: string, content: HubContent): StoredFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const sizeBytes = bytes instanceof Uint8Array ? bytes.byteLength : bytes.sizeBytes;
  const slices = bytes instanceof Uint8Array ? slicesOf(bytes) : generated(bytes.seed, sizeBytes);
  const sha1 = createHash('sha1').update(`blob ${sizeBytes}\0`);
  const sha256 = createHash('sha256');
  const isLfs = path.endsWith('.rkllm');
  for (const slice of slices(0, sizeBytes)) (isLfs ? sha256 : sha1).update(slice);
  return {
    sizeBytes,
    sha256: isLfs ? sha256.digest('hex') : null,
    gitSha1: sha1.digest('hex'),
    slices,
  };
}

function slicesOf(bytes: Uint8Array) {
  return function* slices(start: number, end: number) {
    for (let at = start; at < end; at += blockBytes) {
      yield bytes.subarray(at, Math.min(end, at + blockBytes));
    }
  };
}

/** Blocks of noise with their number in front, so that misplaced bytes change the hash. */
function generated(seed: number | null, sizeBytes: number) {
  const noise = Buffer.alloc(blockBytes);
  if (seed !== null) {
    let state = seed * 2654435761 + 1;
    for (let at = 0; at < blockBytes; at += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      noise.writeUInt32LE(state, at);
    }
  }
  return function* slices(start: number, end: number) {
    for (let at = start; at < Math.min(end, sizeBytes); ) {
      const index = Math.floor(at / blockBytes);
      const offset = at - index * blockBytes;
      const length = Math.min(blockBytes - offset, end - at);
      // Zeros are sent out of one buffer; noise is copied, since its number is written into it.
      const block = seed === null && index > 0 ? noise : Buffer.from(noise);
      if (seed !== null) block.writeUInt32LE(index, 8);
      if (index === 0) block.set(magic.subarray(0, Math.min(4, sizeBytes)));
      yield block.subarray(offset, offset + length);
      at += length;
    }
  };
}
