import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeHeader } from '../../simulator/container.ts';
import { encodeModelFile, vocabularyOf, writeModelFile } from '../../simulator/model-file.ts';
import { encodeScript } from '../../simulator/script.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../simulator/tokenizer-json.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Where a masked string stands in a file, by the spelling that scanners look for. */
function indexOfHex(file: Uint8Array, hex: string): number {
  return Buffer.from(file).indexOf(Buffer.from(hex, 'hex'));
}

describe('a model file', () => {
  const file = encodeModelFile({ text: 'A: hello hello', maxContext: 2048, platform: 'RK3588' });

  it('begins with the masked magic and the GGUF version 3', () => {
    expect(Buffer.from(file.subarray(0, 8)).toString('hex')).toBe('daeeb33603000000');
  });

  it('has the keys in their masked spelling', () => {
    expect(indexOfHex(file, 'efc28a1ca1c91f0a03032d06cae6')).toBeGreaterThan(0);
    expect(indexOfHex(file, 'facc8815be86034803052801d1ff20c2d28ef2c2')).toBeGreaterThan(0);
  });

  it('has the maximum context as a plain number behind its key', () => {
    const key = 'efc28a1ca1c902071a282806d6ff20d9d2';
    const at = indexOfHex(file, key) + key.length / 2;
    expect(Buffer.from(file).readUInt32LE(at)).toBe(4);
    expect(Buffer.from(file).readUInt32LE(at + 4)).toBe(2048);
  });

  it('ends with the version of the toolkit', () => {
    const versioned = encodeModelFile({ text: 'a', toolkitVersion: '1.2.3' });
    expect(Buffer.from(versioned.subarray(-28)).toString()).toBe('rkllm-toolkit version: 1.2.3');
    const nameless = encodeModelFile({ text: 'a', toolkitVersion: null });
    expect(Buffer.from(nameless).includes('rkllm-toolkit version')).toBe(false);
  });

  it('is padded to the size that was asked for', () => {
    expect(encodeModelFile({ text: 'a', sizeBytes: 100_000 })).toHaveLength(100_000);
  });

  it('refuses a vocabulary too small for the bytes and special tokens', () => {
    expect(() => encodeModelFile({ vocabSize: 100 })).toThrow(/at least 272/);
  });
});

describe('writeModelFile', () => {
  it('writes what encodeModelFile encodes', async () => {
    const path = join(folder, 'small.rkllm');
    const spec = { text: 'A: hello', script: [{ when: 'x', echo: true } as const] };
    await writeModelFile(path, spec);
    expect(Buffer.compare(await readFile(path), encodeModelFile(spec))).toBe(0);
  });

  it('leaves a hole in the place of large weights', async () => {
    const path = join(folder, 'large.rkllm');
    await writeModelFile(path, { text: 'A: hello', sizeBytes: 3_000_000_000 });
    const { size, blocks } = await stat(path);
    expect(size).toBe(3_000_000_000);
    expect(blocks * 512).toBeLessThan(1_000_000);
  });
});

describe('the container', () => {
  it('refuses keys longer than the known part of the mask', () => {
    const key = 'a.key.that.is.longer.than.32.bytes';
    expect(() => encodeHeader({ [key]: { type: 'bool', value: true } }, 0)).toThrow(/32 bytes/);
  });
});

describe('a script', () => {
  it('refuses tokens and repetitions that mean nothing', () => {
    expect(() => encodeScript([{ when: '', tokens: [''] }])).toThrow(/empty token/);
    expect(() => encodeScript([{ when: '', tokens: ['a'], repeat: 0 }])).toThrow(/from 1 on/);
  });
});

describe('the vocabulary', () => {
  it('has every byte, the special tokens and the words of the text', () => {
    const texts = vocabularyOf({ text: 'A: tomato tomato' }).tokens.map((token) =>
      Buffer.from(token).toString(),
    );
    expect(texts[65]).toBe('A');
    expect(texts[258]).toBe('<|im_end|>');
    expect(texts).toContain(' tomato');
    expect(texts).toContain('yes');
  });

  it('is written for Hugging Face tokenizers with the same ids', () => {
    const spec = { text: 'A: tomato tomato' };
    const parsed = JSON.parse(tokenizerJson(spec));
    expect(parsed.model.vocab['Ġtomato']).toBe(
      vocabularyOf(spec).tokens.findIndex((token) => Buffer.from(token).toString() === ' tomato'),
    );
    expect(parsed.added_tokens[2]).toMatchObject({ id: 258, content: '<|im_end|>', special: true });
    expect(JSON.parse(tokenizerConfigJson(spec)).eos_token).toBe('<|im_end|>');
  });
});
