/**
 * The framing of a .rkllm file: GGUF v3 whose magic and strings are XORed with a mask that restarts at every
 * string. Source: the RKLLM fact sheet, section 3.
 *
 * Only the first 32 bytes of Rockchip's mask are public. Files of the simulator use 0 for the other 224, so a
 * string of theirs is legible from its 33rd byte on; every key is shorter than that.
 */

const MASK = Buffer.concat([
  Buffer.from('9da9e670cce76f6662774b69b88b45a1a6fb80a77a92d6f3e80044f8da42e34e', 'hex'),
  Buffer.alloc(224),
]);

const LONGEST_KEY = 32;
const GGML_TYPE_I8 = 24;

/** The alignment of the weights inside the file, in bytes. */
const ALIGNMENT = 32;

/** One metadata value with its GGUF type. `bytes` is an array of UINT8, which no mask touches. */
export type MetadataValue =
  | { type: 'uint32'; value: number }
  | { type: 'int32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string | Uint8Array }
  | { type: 'bytes'; value: Uint8Array }
  | { type: 'int32[]'; value: readonly number[] }
  | { type: 'string[]'; value: readonly (string | Uint8Array)[] };

export type Metadata = Record<string, MetadataValue>;

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function i32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeInt32LE(value);
  return out;
}

function u64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}

function masked(text: string | Uint8Array): Buffer {
  const out = Buffer.from(text);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) ^ (MASK[i % MASK.length] ?? 0);
  return out;
}

function string(text: string | Uint8Array): Buffer {
  const bytes = masked(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function arrayOf(elementType: number, elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat([u32(9), u32(elementType), u64(elements.length), ...elements]);
}

function encodeValue(entry: MetadataValue): Buffer {
  switch (entry.type) {
    case 'uint32':
      return Buffer.concat([u32(4), u32(entry.value)]);
    case 'int32':
      return Buffer.concat([u32(5), i32(entry.value)]);
    case 'bool':
      return Buffer.concat([u32(7), Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(8), string(entry.value)]);
    case 'bytes':
      return Buffer.concat([u32(9), u32(0), u64(entry.value.length), entry.value]);
    case 'int32[]':
      return arrayOf(5, entry.value.map(i32));
    case 'string[]':
      return arrayOf(8, entry.value.map(string));
  }
}

/**
 * Everything before the weights: magic, counts, metadata, a directory of one dummy tensor of `weightBytes`
 * bytes, padded to the alignment.
 */
export function encodeHeader(metadata: Metadata, weightBytes: number): Buffer {
  const entries = Object.entries(metadata);
  const parts: Uint8Array[] = [masked('GGUF'), u32(3), u64(1), u64(entries.length)];
  for (const [key, value] of entries) {
    if (Buffer.byteLength(key) > LONGEST_KEY) {
      throw new RangeError(
        `metadata key "${key}" is longer than ${LONGEST_KEY} bytes, the part of the mask that is known`,
      );
    }
    parts.push(string(key), encodeValue(value));
  }
  parts.push(string('token_embd.weight'), u32(1), u64(weightBytes), u32(GGML_TYPE_I8), u64(0));
  const header = Buffer.concat(parts);
  return Buffer.concat([
    header,
    Buffer.alloc((ALIGNMENT - (header.length % ALIGNMENT)) % ALIGNMENT),
  ]);
}
