import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/library/inspection/inspect.ts';
import { memorySource } from '../../../src/library/inspection/source.ts';
import { modelBytes } from '../models-folder.ts';
import { container, entry, string, types, u32, u64 } from './container.ts';

const damageOf = async (bytes: Uint8Array) =>
  (await inspect(memorySource(bytes), 'model.rkllm')).damage;

const enormous = 2n ** 63n;
const whole = modelBytes({ toolkitVersion: '1.2.1' });
const arrayOf = (type: number, count: bigint | number) =>
  entry('a', types.array, u32(type), u64(count));

describe('a damaged file is reported as what it is', () => {
  it.each([
    ['an empty file', Buffer.alloc(0), /empty or nearly so/],
    ['three bytes', Buffer.from('GGU'), /empty or nearly so/],
    ['a web page', Buffer.from('<!DOCTYPE html><html>'), /it is a web page/],
    ['a GGUF file', container({ magic: Buffer.from('GGUF') }), /GGUF file for llama\.cpp/],
    ['an RKNN file', container({ magic: Buffer.from('RKNN') }), /RKNN model, not/],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
    ['zeros', Buffer.alloc(4096), /begins with zeros/],
    ['anything else', Buffer.from('PK\x03\x04zip'), /begins with 504b0304/],
    ['another container version', container({ version: 4 }), /container version is 4/],
    ['nothing after the magic', container().subarray(0, 10), /ends in the middle of its header/],
    ['a header that is cut off', whole.subarray(0, 600), /ends in the middle|longer than the rest/],
    [
      'weights that are cut off',
      whole.subarray(0, whole.length - 20),
      /end of the file is missing/,
    ],
    ['no keys at all', container({ entries: [] }), /header is empty/],
    ['a million keys', container({ keys: 1_000_000 }), /absurd number of header entries/],
    ['2^63 keys', container({ keys: enormous }), /absurd number of header entries/],
    ['2^63 tensors', container({ tensors: enormous }), /absurd number of tensors/],
    ['more keys than there are', container({ keys: 4000 }), /ends in the middle|longer than/],
    [
      'a key of 2^63 bytes',
      container({ keys: 1, entries: [u64(enormous)] }),
      /longer than the rest/,
    ],
    ['an empty key', container({ entries: [entry('', types.u8, Buffer.of(1))] }), /is empty/],
    [
      'a string of 2^63 bytes',
      container({ entries: [entry('a', 8, u64(enormous))] }),
      /longer than/,
    ],
    ['2^63 numbers', container({ entries: [arrayOf(types.u32, enormous)] }), /longer than/],
    ['2^63 strings', container({ entries: [arrayOf(types.string, enormous)] }), /longer than/],
    ['2^60 doubles', container({ entries: [arrayOf(types.f64, 2n ** 60n)] }), /longer than/],
    ['an array of arrays', container({ entries: [arrayOf(types.array, 1)] }), /unknown type 9/],
    ['a value of unknown type', container({ entries: [entry('a', 77)] }), /unknown type 77/],
    [
      'a long string in a list',
      container({ entries: [Buffer.concat([arrayOf(8, 1), u64(enormous)])] }),
      /longer/,
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await damageOf(bytes)).toMatch(expected);
  });

  it('keeps what it could read before the damage', async () => {
    const bytes = container({
      entries: [entry('general.architecture', types.string, string('qwen2')), entry('b', 77)],
    });
    const { architecture, damage } = await inspect(memorySource(bytes), 'm.rkllm');
    expect(architecture).toBe('qwen2');
    expect(damage).toMatch(/^The file is damaged or no RKLLM model: .*\.$/);
  });

  it('gives up on a header that is larger than any known one', async () => {
    const stringsBytes = 4 * 1024 * 1024;
    const block = Buffer.alloc(stringsBytes);
    const start = container({ entries: [arrayOf(types.string, 2 ** 33)] }).subarray(0, 49);
    const endless = {
      sizeBytes: 2 ** 40,
      read: async (offset: number, length: number) =>
        offset === 0
          ? Buffer.concat([start, block]).subarray(0, length)
          : block.subarray(0, length),
    };
    const { damage } = await inspect(endless, 'm.rkllm');
    expect(damage).toMatch(/header is larger than that of any known model/);
  });

  it('notices a file that shrinks while it is read', async () => {
    const read = async () => new Uint8Array(0);
    const { damage } = await inspect({ sizeBytes: 1000, read }, 'm.rkllm');
    expect(damage).toMatch(/ends in the middle/);
  });
});
