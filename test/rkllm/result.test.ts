import { describe, expect, it } from 'vitest';
import { type Address, NativeMemory, type StructValues } from '../../src/rkllm/memory.ts';
import { ResultReader } from '../../src/rkllm/result.ts';
import { abiGroups, isAtLeast } from '../../src/rkllm/versions.ts';

describe.each(abiGroups)('what a callback carries in ABI group %s', (group) => {
  const reader = new ResultReader(group);

  function withResult(
    values: (memory: NativeMemory) => StructValues,
    check: (result: Address) => void,
  ): void {
    const memory = new NativeMemory(group);
    check(memory.struct('Result', values(memory)));
    memory.free();
  }

  it.each(['', 'text', 'Grüße, 你好 😀', '\uFEFFmarked'])('is the text %j', (text) => {
    withResult(
      (memory) => ({ text: memory.string(text), token_id: 77 }),
      (result) => {
        expect(reader.text(result)).toBe(text);
        expect(reader.tokenId(result)).toBe(77);
      },
    );
  });

  it.each([
    ['half a character', [0x61, 0xe4, 0xbd]],
    ['a byte that starts no character', [0x80]],
    ['a real U+FFFD', [0xef, 0xbf, 0xbd]],
  ])('is the bytes of %s', (_, bytes) => {
    withResult(
      (memory) => ({ text: memory.array(Int32Array.from(words(bytes))) }),
      (result) => expect(reader.text(result)).toEqual(Uint8Array.from(bytes)),
    );
  });

  it('is no text where the library sends NULL', () => {
    withResult(
      () => ({ token_id: -1 }),
      (result) => {
        expect(reader.text(result)).toBeNull();
        expect(reader.tokenId(result)).toBe(-1);
        expect(reader.hidden(result)).toBeNull();
        expect(reader.logits(result)).toBeNull();
      },
    );
  });

  it('is a copy of the hidden states, row by row', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    withResult(
      (memory) => ({
        'last_hidden_layer.hidden_states': memory.array(values),
        'last_hidden_layer.embd_size': 3,
        'last_hidden_layer.num_tokens': 2,
      }),
      (result) => expect(reader.hidden(result)).toEqual({ rows: 2, columns: 3, values }),
    );
  });

  it('is a copy of the logits where the version has them', () => {
    if (!isAtLeast(group, 'B')) return;
    const values = Float32Array.of(-1, 0.5);
    withResult(
      (memory) => ({
        'logits.logits': memory.array(values),
        'logits.vocab_size': 2,
        'logits.num_tokens': 1,
      }),
      (result) => expect(reader.logits(result)).toEqual({ rows: 1, columns: 2, values }),
    );
  });

  it.each([
    ['rows', { 'last_hidden_layer.embd_size': 3 }],
    ['columns', { 'last_hidden_layer.num_tokens': 3 }],
    ['sense', { 'last_hidden_layer.num_tokens': -1, 'last_hidden_layer.embd_size': 3 }],
  ])('is no matrix where it has no %s', (_, sizes) => {
    withResult(
      (memory) => ({ 'last_hidden_layer.hidden_states': memory.bytes(64), ...sizes }),
      (result) => expect(reader.hidden(result)).toBeNull(),
    );
  });

  it("is the runtime's counters where the version counts", () => {
    const perf = {
      'perf.prefill_time_ms': 1.5,
      'perf.prefill_tokens': 2,
      'perf.generate_time_ms': 3.5,
      'perf.generate_tokens': 4,
      'perf.memory_usage_mb': 5.5,
    };
    withResult(
      () => (isAtLeast(group, 'C') ? perf : {}),
      (result) =>
        expect(reader.counters(result)).toEqual(
          isAtLeast(group, 'C')
            ? { prefillMs: 1.5, prefillTokens: 2, decodeMs: 3.5, decodeTokens: 4, memoryMb: 5.5 }
            : null,
        ),
    );
  });

  it('is an array for a batch', () => {
    const memory = new NativeMemory(group);
    const results = memory.structs('Result', [{ token_id: 5 }, { token_id: -1 }, { token_id: 7 }]);
    expect([0, 1, 2].map((index) => reader.tokenId(reader.at(results, index)))).toEqual([5, -1, 7]);
    memory.free();
  });
});

/** Bytes, ended by a NUL, as 32-bit words. */
function words(bytes: readonly number[]): Int32Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / 4) * 4);
  padded.set(bytes);
  return new Int32Array(padded.buffer);
}
