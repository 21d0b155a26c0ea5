import { DamagedFile } from './damage.ts';
import type { ByteSource } from './source.ts';

const windowBytes = 32 * 1024;

/**
 * Reads a source from front to back through one small window: what is skipped is not read, and no length
 * in the file makes it allocate. Throws DamagedFile where the file ends early or the budget is used up.
 */
export class Cursor {
  readonly #source: ByteSource;
  #budgetBytes: number;
  #window: DataView = new DataView(new ArrayBuffer(0));
  #windowStart = 0;
  #offset = 0;

  constructor(source: ByteSource, budgetBytes: number) {
    this.#source = source;
    this.#budgetBytes = budgetBytes;
  }

  get remaining(): number {
    return this.#source.sizeBytes - this.#windowStart - this.#offset;
  }

  /** Bytes that can be read without asking the source. */
  get buffered(): number {
    return Math.max(0, this.#window.byteLength - this.#offset);
  }

  /** Makes `count` bytes (at most the window) ready to be read. */
  async need(count: number): Promise<void> {
    if (this.buffered >= count) return;
    if (this.remaining < count) throw cutOff();
    const start = this.#windowStart + this.#offset;
    const length = Math.min(windowBytes, this.remaining);
    this.#budgetBytes -= length;
    if (this.#budgetBytes < 0) {
      throw new DamagedFile('its header is larger than that of any known model');
    }
    const bytes = await this.#source.read(start, length);
    if (bytes.length < count) throw cutOff();
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = start;
    this.#offset = 0;
  }

  /** Moves on by `count` bytes, which need not be buffered. */
  skip(count: number): void {
    if (count > this.remaining) throw cutOff();
    this.#offset += count;
  }

  bytes(count: number): Uint8Array {
    const start = this.#window.byteOffset + this.#advance(count);
    return new Uint8Array(this.#window.buffer, start, count);
  }

  u8(): number {
    return this.#window.getUint8(this.#advance(1));
  }

  i8(): number {
    return this.#window.getInt8(this.#advance(1));
  }

  u16(): number {
    return this.#window.getUint16(this.#advance(2), true);
  }

  i16(): number {
    return this.#window.getInt16(this.#advance(2), true);
  }

  u32(): number {
    return this.#window.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#window.getInt32(this.#advance(4), true);
  }

  /** An unsigned 64-bit number; Infinity when it is too large to be a length in any file. */
  u64(): number {
    const at = this.#advance(8);
    const high = this.#window.getUint32(at + 4, true);
    if (high > 0x1fffff) return Number.POSITIVE_INFINITY;
    return high * 2 ** 32 + this.#window.getUint32(at, true);
  }

  #advance(count: number): number {
    const at = this.#offset;
    this.#offset += count;
    return at;
  }
}

function cutOff(): DamagedFile {
  return new DamagedFile('it ends in the middle of its header');
}
