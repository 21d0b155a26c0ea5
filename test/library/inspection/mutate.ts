/** Deterministic damage to valid files: the same seed gives the same bytes. */

import { modelBytes } from '../models-folder.ts';
import { container, entry, string, types, u32, u64 } from './container.ts';

/** Valid files of all shapes, small enough to be damaged often. */
export function seedFiles(): Uint8Array[] {
  const tokens = Array.from({ length: 40 }, (_, id) => string(`t${id}`));
  return [
    modelBytes({ toolkitVersion: '1.2.1' }),
    modelBytes({ kind: 'lora' }),
    container(),
    container({
      entries: [
        entry('general.architecture', types.string, string('qwen2')),
        entry(
          'tokenizer.ggml.tokens',
          types.array,
          u32(types.string),
          u64(tokens.length),
          ...tokens,
        ),
        entry('tokenizer.ggml.scores', types.array, u32(types.f32), u64(40), Buffer.alloc(160)),
        entry('rkllm.platform', types.u32, u32(0)),
        entry('general.size', types.u64, u64(7)),
        entry('rkllm.version', types.string, string('1.2.1')),
        entry('tokenizer.ggml.eos_token_id', types.array, u32(types.i32), u64(2), u64(1)),
        entry('rkllm.has_tokenizer', types.bool, Buffer.of(1)),
      ],
    }),
  ];
}

const nasty = [
  0n,
  1n,
  8n,
  9n,
  255n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Up to four wounds, most of them in the header. */
export function mutate(original: Uint8Array, random: () => number): Uint8Array {
  let bytes = Buffer.from(original);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const wounds = 1 + upTo(4);
  for (let wound = 0; wound < wounds && bytes.length > 16; wound++) {
    const at = upTo(random() < 0.8 ? Math.min(bytes.length - 8, 700) : bytes.length - 8);
    const kind = upTo(6);
    if (kind === 0) bytes[at] = upTo(256);
    else if (kind === 1) bytes.writeBigUInt64LE(nasty[upTo(nasty.length)] ?? 0n, at);
    else if (kind === 2) bytes.writeUInt32LE(upTo(random() < 0.5 ? 16 : 2 ** 32), at);
    else if (kind === 3) bytes = bytes.subarray(0, at);
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(16))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(upTo(at + 1))]);
  }
  return bytes;
}
