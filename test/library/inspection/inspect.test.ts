import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/library/inspection/inspect.ts';
import { type ByteSource, memorySource } from '../../../src/library/inspection/source.ts';
import { modelBytes } from '../models-folder.ts';
import { container, entry, string, types, u32, u64 } from './container.ts';

const look = (bytes: Uint8Array, name = 'model.rkllm') => inspect(memorySource(bytes), name);

describe('inspection of a .rkllm file', () => {
  it('reads what the file says about itself', async () => {
    const bytes = modelBytes({
      architecture: 'llama',
      npuCores: 2,
      maxContext: 16384,
      toolkitVersion: '1.2.3',
      eosType: 'int32[]',
      hasEmbedding: false,
      chatTemplate: { system: 'You are helpful.', prefix: '<u>', postfix: '<a>' },
    });
    expect(await look(bytes, 'Foo-1.5B-rk3588-w8a8_g128.rkllm')).toEqual({
      kind: 'model',
      architecture: 'llama',
      platform: 'RK3588',
      platformCode: 0,
      npuCores: 2,
      maxContext: 16384,
      toolkitVersion: '1.2.3',
      hasTokenizer: true,
      hasEmbedding: false,
      chatTemplate: {
        system: { text: 'You are helpful.', complete: true },
        prefix: { text: '<u>', complete: true },
        postfix: { text: '<a>', complete: true },
      },
      embeddingLength: 256,
      blockCount: 1,
      kvWidth: null,
      vocabSize: 400,
      bosTokenId: null,
      eosTokenIds: [258, 256],
      quantization: 'w8a8_g128',
      parameterSize: '1.5B',
      visionEncoder: null,
      loras: [],
      damage: null,
    });
  });

  it.each([
    ['the width of a head', { head_count: 16, head_count_kv: 8, key_length: 128 }, 1024],
    ['the heads alone', { head_count: 16, head_count_kv: 4 }, 512],
    ['no heads of the KV cache', { head_count: 16 }, null],
    ['no heads', { head_count_kv: 4 }, null],
  ])('knows how wide the KV cache is of a file that tells %s', async (_, told, kvWidth) => {
    const shape = Object.entries(told).map(([key, value]) =>
      entry(`qwen3.attention.${key}`, types.u32, u32(value)),
    );
    const bytes = container({
      entries: [
        entry('general.architecture', types.string, string('qwen3')),
        entry('qwen3.embedding_length', types.u32, u32(2048)),
        ...shape,
      ],
    });
    expect((await look(bytes)).kvWidth).toBe(kvWidth);
  });

  it('shows the readable beginning of a chat template that is longer than the public mask', async () => {
    const system = '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n';
    const { chatTemplate } = await look(
      modelBytes({ chatTemplate: { system, prefix: '', postfix: '' } }),
    );
    expect(chatTemplate?.system).toEqual({ text: system.slice(0, 32), complete: false });
  });

  it('does not show half a character at the end of the readable part', async () => {
    const text = `${'x'.repeat(31)}ü and more`;
    const bytes = container({
      entries: [entry('rkllm.chat_template.pre', types.string, string(text))],
    });
    expect((await look(bytes)).chatTemplate?.prefix?.text).toBe('x'.repeat(31));
  });

  it('tells a LoRA file from a model', async () => {
    expect((await look(modelBytes({ kind: 'lora' }))).kind).toBe('adapter');
  });

  it('knows the end-of-sequence id in each of its forms', async () => {
    const key = 'tokenizer.ggml.eos_token_id';
    const forms = [
      entry(key, types.u32, u32(7)),
      entry(key, types.i32, u32(7)),
      entry(key, types.array, u32(types.i32), u64(2), u32(7), u32(9)),
    ];
    const found = await Promise.all(forms.map((form) => look(container({ entries: [form] }))));
    expect(found.map(({ eosTokenIds }) => eosTokenIds)).toEqual([[7], [7], [7, 9]]);
  });

  it('finds keys behind long token lists without reading the whole file', async () => {
    const tokens = Array.from({ length: 50_000 }, (_, id) => string(`token${id}`));
    const scores = Buffer.alloc(4 * 50_000);
    const header = container({
      entries: [
        entry(
          'tokenizer.ggml.tokens',
          types.array,
          u32(types.string),
          u64(tokens.length),
          ...tokens,
        ),
        entry('tokenizer.ggml.scores', types.array, u32(types.f32), u64(50_000), scores),
        entry(
          'tokenizer.huggingface.json',
          types.string,
          u64(20_000_000),
          Buffer.alloc(20_000_000),
        ),
        entry('rkllm.max_context', types.u32, u32(4096)),
      ],
    });
    const { source, readBytes } = counting(memorySource(header));
    const { maxContext, vocabSize, damage } = await inspect(source, 'model.rkllm');
    expect({ maxContext, vocabSize, damage }).toEqual({
      maxContext: 4096,
      vocabSize: 50_000,
      damage: null,
    });
    expect(readBytes()).toBeLessThan(1_500_000);
  });

  it.each([
    ['code 0 is RK3588', 'RK3588', 'model.rkllm', 'RK3588'],
    ['code 0 wins over the name', 'RK3588', 'model-rk3576.rkllm', 'RK3588'],
    ['the name tells the others', 'RK3576', 'model_rk3576_w4a16.rkllm', 'RK3576'],
    ['the name is needed', 'RK3562', 'model.rkllm', null],
    ['a name that contradicts is not believed', 'RK3562', 'model-RK3588.rkllm', null],
    ['an S is of the same family', 'RK3576', 'a-rk3576s.rkllm', 'RK3576'],
    ['RV1126B', 'RV1126B', 'a-rv1126b.rkllm', 'RV1126B'],
    ['no part of another word', 'RK3576', 'ark3576x.rkllm', null],
  ] as const)('finds the platform: %s', async (_, platform, name, expected) => {
    expect((await look(modelBytes({ platform }), name)).platform).toBe(expected);
  });

  it('takes the toolkit version from the footer when the header has none', async () => {
    expect((await look(container())).toolkitVersion).toBe('1.2.1');
  });

  it('accepts an old file that names its toolkit nowhere', async () => {
    const { damage, toolkitVersion } = await look(modelBytes({ toolkitVersion: null }));
    expect({ damage, toolkitVersion }).toEqual({ damage: null, toolkitVersion: null });
  });
});

function counting(inner: ByteSource): { source: ByteSource; readBytes: () => number } {
  let total = 0;
  const read = (offset: number, length: number) => {
    total += length;
    return inner.read(offset, length);
  };
  return { source: { sizeBytes: inner.sizeBytes, read }, readBytes: () => total };
}
