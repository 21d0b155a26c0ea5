import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/rkllm/abi.ts';
import { NativeMemory, writeStruct } from '../../src/rkllm/memory.ts';
import { abiGroups } from '../../src/rkllm/versions.ts';
import { bytesAt, floatsAt, intsAt, stringAt, structAt } from './native-reader.ts';

describe('native memory', () => {
  it('holds zeroed bytes', () => {
    const memory = new NativeMemory('E');
    expect([...bytesAt(memory.bytes(16), 16)]).toEqual(Array(16).fill(0));
    memory.free();
  });

  it.each(['', 'text', 'Grüße, 你好 😀', '\uFEFFmarked'])(
    'holds %j as UTF-8 with a NUL at its end',
    (text) => {
      const memory = new NativeMemory('E');
      const address = memory.string(text);
      const encoded = new TextEncoder().encode(text);
      expect([...bytesAt(address, encoded.length + 1)]).toEqual([...encoded, 0]);
      expect(stringAt(address)).toBe(text);
      memory.free();
    },
  );

  it('refuses a text with a NUL, which the library would cut there', () => {
    const memory = new NativeMemory('E');
    expect(() => memory.string('a\0b')).toThrow(/NUL/);
    memory.free();
  });

  it('copies arrays, also parts of a larger one, and empty ones', () => {
    const memory = new NativeMemory('E');
    const source = Int32Array.of(1, 2, 3, 4);
    const part = memory.array(source.subarray(1, 3));
    source.fill(0);
    expect(intsAt(part, 2)).toEqual([2, 3]);
    expect(floatsAt(memory.array(Float32Array.of(0.5, -2)), 2)).toEqual([0.5, -2]);
    expect(memory.array(new Int32Array())).not.toBe(0n);
    memory.free();
  });

  it('can be freed twice', () => {
    const memory = new NativeMemory('E');
    memory.string('a');
    memory.free();
    expect(() => memory.free()).not.toThrow();
  });

  describe.each(abiGroups)('in ABI group %s', (group) => {
    it('puts every scalar of a parameter struct into its place and leaves the rest zero', () => {
      const memory = new NativeMemory(group);
      const address = memory.struct('Param', {
        model_path: 0x1122334455667788n,
        top_k: -7,
        temperature: 0.25,
        skip_special_token: true,
        'extend_param.base_domain_id': 3,
      });
      const { model_path, top_k, temperature, skip_special_token, ...rest } = structAt(
        address,
        'Param',
        group,
      );
      expect({ model_path, top_k, temperature, skip_special_token }).toEqual({
        model_path: 0x1122334455667788n,
        top_k: -7,
        temperature: 0.25,
        skip_special_token: 1,
      });
      expect(rest['extend_param.base_domain_id']).toBe(3);
      delete rest['extend_param.base_domain_id'];
      expect(new Set(Object.values(rest).map(Number))).toEqual(new Set([0]));
      memory.free();
    });

    it('makes an array of structs with the stride of the struct', () => {
      const memory = new NativeMemory(group);
      const address = memory.structs('Input', [{ input_type: 1 }, { input_type: 2 }]);
      const second = address + BigInt(layoutOf('Input', group).size);
      expect(structAt(address, 'Input', group)['input_type']).toBe(1);
      expect(structAt(second, 'Input', group)['input_type']).toBe(2);
      memory.free();
    });
  });

  it.each([
    ['A', 'Param', 'n_keep'],
    ['C', 'Param', 'ignore_eos_token'],
    ['D', 'Param', 'img_start'],
    ['D', 'Input', 'input.audio.n_audio'],
    ['E', 'Param', 'extend_param.nothing'],
    ['E', 'Param', 'top_k.nothing'],
    ['E', 'Param', 'nothing'],
  ] as const)('refuses, in group %s, a %s with the field %s', (group, struct, field) => {
    const memory = new NativeMemory(group);
    expect(() => memory.struct(struct, { [field]: 1 })).toThrow(
      `no field ${field} in ABI ${group}`,
    );
    memory.free();
  });

  it('refuses to write a struct as a scalar', () => {
    const view = new DataView(new ArrayBuffer(layoutOf('Param', 'E').size));
    expect(() => writeStruct(view, 'Param', 'E', { extend_param: 1 })).toThrow(/scalar/);
  });
});
