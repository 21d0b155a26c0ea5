/** Builds headers byte by byte, also such as no converter would write. */

const mask = Buffer.from('9da9e670cce76f6662774b69b88b45a1a6fb80a77a92d6f3e80044f8da42e34e', 'hex');

const footer = Buffer.from('rkllm-toolkit version: 1.2.1');

export function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

export function u64(value: bigint | number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}

function masked(text: string): Buffer {
  return Buffer.from(Buffer.from(text).map((byte, index) => byte ^ (mask[index] ?? 0)));
}

export function string(text: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(text)), masked(text)]);
}

/** One entry: a masked key, a GGUF type and the bytes of the value. */
export function entry(key: string, type: number, ...value: Uint8Array[]): Buffer {
  return Buffer.concat([string(key), u32(type), ...value]);
}

export const types = {
  u8: 0,
  i32: 5,
  u32: 4,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  f64: 12,
};

export interface ContainerSpec {
  magic?: Uint8Array;
  version?: number;
  tensors?: bigint | number;
  /** Left out: as many as there are. */
  keys?: bigint | number;
  /** Left out: an architecture. */
  entries?: readonly Uint8Array[];
  tail?: Uint8Array;
}

export function container(spec: ContainerSpec = {}): Buffer {
  const entries = spec.entries ?? [entry('general.architecture', types.string, string('qwen2'))];
  return Buffer.concat([
    spec.magic ?? masked('GGUF'),
    u32(spec.version ?? 3),
    u64(spec.tensors ?? 1),
    u64(spec.keys ?? entries.length),
    ...entries,
    spec.tail ?? Buffer.concat([Buffer.alloc(256, 0xaa), footer]),
  ]);
}
