/** Writes the model files of the C client's checks into the folder given as the argument. */

import { join } from 'node:path';
import { type ModelFileSpec, writeModelFile } from '../model-file.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node models.ts FOLDER');

const models: Record<string, ModelFileSpec> = {
  demo: {},
  scripted: {
    maxContext: 512,
    script: [
      { when: 'six', tokens: ['one', ' two', ' three', ' four', ' five', ' six'] },
      { when: 'split', tokens: ['a', Uint8Array.of(0xe4, 0xbd), Uint8Array.of(0xa0), 'b'] },
      { when: 'long', tokens: ['x', ' y'], repeat: 5000 },
      { when: 'endless', tokens: ['la '], finish: 'length-only' },
      { when: 'special', tokens: ['<think>', 'hm', '</think>', '<|endoftext|>', 'ok'] },
      { when: 'repeat after me', echo: true },
      { when: 'sky', tokens: ['blue'] },
    ],
  },
  thinking: { thinking: true },
  'eos-uint32': { eosType: 'uint32', script: [{ when: '', tokens: ['end'] }] },
  'eos-array': { eosType: 'int32[]', script: [{ when: '', tokens: ['end'] }] },
  newer: { toolkitVersion: '9.9.9' },
  nameless: { toolkitVersion: null },
  rk3576: { platform: 'RK3576' },
  odd: { architecture: 'abacus' },
  untemplated: { chatTemplate: null, script: [{ when: '', echo: true }] },
  bare: { hasTokenizer: false, hasEmbedding: false, script: [{ when: '', tokens: ['hi'] }] },
  lora: { kind: 'lora' },
  big: { sizeBytes: 5_000_000_000 },
};

for (const [name, spec] of Object.entries(models))
  await writeModelFile(join(folder, `${name}.rkllm`), spec);
