import type { Cursor } from './cursor.ts';
import { DamagedFile } from './damage.ts';
import { magic, readableBytes, unmask } from './mask.ts';

/** One metadata value. Of an array only its length and its first numbers are kept. */
export type Value =
  | { type: 'number'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string; complete: boolean }
  | { type: 'array'; length: number; numbers: readonly number[] };

export type Metadata = Map<string, Value>;

const mostKeys = 4096;
const mostTensors = 1_000_000;
/** Numbers that are kept of an array; the longest of interest is the list of end-of-sequence ids. */
const keptNumbers = 64;

const typeString = 8;
const typeArray = 9;

/** Bytes of each fixed-size GGUF value type. */
const sizeByType = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);

/**
 * Reads magic, counts and metadata of a `.rkllm` file (GGUF v3 framing with masked strings) into `metadata`,
 * which keeps what was read before an error. Throws DamagedFile.
 */
export async function readMetadata(cursor: Cursor, metadata: Metadata): Promise<void> {
  const keyCount = await readPreamble(cursor);
  for (let index = 0; index < keyCount; index++) {
    const key = await readString(cursor);
    if (key.value === '') throw new DamagedFile('a key of its header is empty');
    const value = await readValue(cursor);
    if (key.complete && value !== null) metadata.set(key.value, value);
  }
}

async function readPreamble(cursor: Cursor): Promise<number> {
  if (cursor.remaining < magic.length) throw new DamagedFile('it is empty or nearly so');
  await cursor.need(magic.length);
  const found = Buffer.from(cursor.bytes(magic.length));
  if (!found.equals(magic)) throw new DamagedFile(foreign(found));
  await cursor.need(20);
  const version = cursor.u32();
  if (version !== 3) throw new DamagedFile(`its container version is ${version}; known is 3`);
  const tensorCount = cursor.u64();
  const keyCount = cursor.u64();
  if (tensorCount > mostTensors) throw new DamagedFile('it claims an absurd number of tensors');
  if (keyCount > mostKeys) throw new DamagedFile('it claims an absurd number of header entries');
  if (keyCount === 0) throw new DamagedFile('its header is empty');
  return keyCount;
}

function foreign(found: Buffer): string {
  const text = found.toString('latin1');
  if (text === 'GGUF') return 'it is a GGUF file for llama.cpp, not an RKLLM model';
  if (text.startsWith('<')) return 'it is a web page, not a model (a failed download?)';
  if (text === 'vers') return 'it is a Git LFS pointer, not the model itself; download the file';
  if (text === 'RKNN') return 'it is an RKNN model, not an RKLLM model';
  if (found.every((byte) => byte === 0)) return 'it begins with zeros: it was never written whole';
  return `it is not an RKLLM model (it begins with ${found.toString('hex')})`;
}

/** null: a value of no interest (floats, 64-bit numbers that are no count). */
async function readValue(cursor: Cursor): Promise<Value | null> {
  await cursor.need(4);
  const type = cursor.u32();
  if (type === typeString) return { type: 'string', ...(await readString(cursor)) };
  if (type === typeArray) return readArray(cursor);
  const size = sizeByType.get(type);
  if (size === undefined) throw new DamagedFile(`its header has a value of unknown type ${type}`);
  await cursor.need(size);
  if (type === 7) return { type: 'bool', value: cursor.u8() !== 0 };
  const value = readNumber(cursor, type);
  return value === null ? null : { type: 'number', value };
}

function readNumber(cursor: Cursor, type: number): number | null {
  if (type === 0 || type === 7) return cursor.u8();
  if (type === 1) return cursor.i8();
  if (type === 2) return cursor.u16();
  if (type === 3) return cursor.i16();
  if (type === 4) return cursor.u32();
  if (type === 5) return cursor.i32();
  if (type === 10 || type === 11) {
    const value = cursor.u64();
    return Number.isFinite(value) ? value : null;
  }
  cursor.skip(sizeByType.get(type) ?? 0);
  return null;
}

async function readString(cursor: Cursor): Promise<{ value: string; complete: boolean }> {
  await cursor.need(8);
  const length = cursor.u64();
  const readable = Math.min(length, readableBytes);
  if (length > cursor.remaining) throw tooLong();
  await cursor.need(readable);
  const { text, complete } = unmask(cursor.bytes(readable), length);
  cursor.skip(length - readable);
  return { value: text, complete };
}

async function readArray(cursor: Cursor): Promise<Value> {
  await cursor.need(12);
  const elementType = cursor.u32();
  const length = cursor.u64();
  if (elementType === typeString) {
    await skipStrings(cursor, length);
    return { type: 'array', length, numbers: [] };
  }
  const size = sizeByType.get(elementType);
  if (size === undefined) {
    throw new DamagedFile(`its header has an array of unknown type ${elementType}`);
  }
  if (length * size > cursor.remaining) throw tooLong();
  const kept = Math.min(length, keptNumbers);
  await cursor.need(kept * size);
  const numbers: number[] = [];
  for (let index = 0; index < kept; index++) {
    const value = readNumber(cursor, elementType);
    if (value !== null) numbers.push(value);
  }
  cursor.skip((length - kept) * size);
  return { type: 'array', length, numbers };
}

/** Token lists have a few hundred thousand strings: only their lengths are looked at. */
async function skipStrings(cursor: Cursor, count: number): Promise<void> {
  if (count * 8 > cursor.remaining) throw tooLong();
  for (let index = 0; index < count; index++) {
    if (cursor.buffered < 8) await cursor.need(8);
    const length = cursor.u64();
    if (length > cursor.remaining) throw tooLong();
    cursor.skip(length);
  }
}

function tooLong(): DamagedFile {
  return new DamagedFile('an entry of its header is longer than the rest of the file');
}
