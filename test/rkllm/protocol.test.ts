import { describe, expect, it } from 'vitest';
import { commandSchema, reportSchema, syncLine } from '../../src/rkllm/protocol.ts';
import { initParams } from './simulated-board.ts';

const load = { type: 'load', library: '/l.so', version: '1.3.1', params: initParams('/m.rkllm') };
const run = { type: 'run', run: 1, input: { type: 'prompt', text: 'hi' }, options: {} };
const finished = {
  type: 'finished',
  run: 1,
  ok: true,
  ending: 'end',
  rest: '',
  tokens: 3,
  counters: { prefillMs: 1, prefillTokens: 2, decodeMs: 3, decodeTokens: 4, memoryMb: null },
  kvEntries: null,
};
const image = {
  embedding: new Float32Array(4),
  tokensPerImage: 1,
  count: 1,
  width: 2,
  height: 2,
};
const sampling = {
  topK: 1,
  topP: 1,
  temperature: 1,
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
};

describe('a command to a worker', () => {
  it.each<[string, object]>([
    ['load', load],
    ['load with all settings', { ...load, params: { ...load.params, sampling, ignoreEos: true } }],
    ['run', run],
    [
      'run with all options',
      {
        ...run,
        options: { mode: 'logits', lora: 'a', savePromptCache: '/c', keepHistory: true, sampling },
        maxTokens: 5,
        stopTokenIds: [1, 2],
      },
    ],
    ['run of tokens', { ...run, input: { type: 'tokens', ids: Int32Array.of(1) } }],
    [
      'run of embedding rows',
      { ...run, input: { type: 'embedding', values: Float32Array.of(1), tokens: 1, role: 'tool' } },
    ],
    ['run of an image', { ...run, input: { type: 'multimodal', text: '<image>', image } }],
    ['abort', { type: 'abort', run: 1 }],
    ['call', { type: 'call', id: 1, call: { method: 'clearKvCache', keepSystemPrompt: true } }],
    ['unload', { type: 'unload' }],
  ])('can be: %s', (_, command) => {
    expect(commandSchema.parse(command)).toEqual(command);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'load'],
    ['no type', {}],
    ['an unknown type', { type: 'dance' }],
    ['a version without a known ABI', { ...load, version: '1.3.2' }],
    ['a version that is a number', { ...load, version: 1 }],
    ['parameters that miss the model', { ...load, params: { maxContextLength: 1 } }],
    [
      'a context that is no whole number',
      { ...load, params: { ...load.params, maxContextLength: 1.5 } },
    ],
    ['a run without an input', { type: 'run', run: 1, options: {} }],
    ['an input of an unknown type', { ...run, input: { type: 'smell' } }],
    ['tokens as a plain array', { ...run, input: { type: 'tokens', ids: [1, 2] } }],
    ['tokens as floats', { ...run, input: { type: 'tokens', ids: Float32Array.of(1) } }],
    ['an unknown mode', { ...run, options: { mode: 'sing' } }],
    ['sampling that is not whole', { ...run, options: { sampling: { topK: 1 } } }],
    ['an unknown role', { ...run, input: { type: 'prompt', text: '', role: 'system' } }],
    ['a call of an unknown method', { type: 'call', id: 1, call: { method: 'destroy' } }],
    [
      'a call that misses an argument',
      { type: 'call', id: 1, call: { method: 'loadLora', path: '/l' } },
    ],
  ])('cannot be: %s', (_, command) => {
    expect(commandSchema.safeParse(command).success).toBe(false);
  });
});

describe('a report of a worker', () => {
  it.each<[string, object]>([
    ['loaded', { type: 'loaded' }],
    ['load_failed', { type: 'load_failed', message: null }],
    ['tokens', { type: 'tokens', run: 1, texts: ['a', ''], ids: [5, 6] }],
    [
      'matrix',
      {
        type: 'matrix',
        run: 1,
        kind: 'hidden',
        rows: 1,
        columns: 2,
        values: Float32Array.of(1, 2),
      },
    ],
    ['finished', finished],
    ['finished without counters', { ...finished, counters: null, kvEntries: 7 }],
    ['run_refused', { type: 'run_refused', run: 1, message: 'why' }],
    ['an answer', { type: 'answer', id: 1, value: 0 }],
    ['an answer of several numbers', { type: 'answer', id: 1, value: [1, 2] }],
    ['refusal', { type: 'refusal', id: 1, message: 'why' }],
  ])('can be: %s', (_, report) => {
    expect(reportSchema.parse(report)).toEqual(report);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['an unknown type', { type: 'hello' }],
    ['tokens without a run', { type: 'tokens', texts: [], ids: [] }],
    ['ids that are texts', { type: 'tokens', run: 1, texts: ['a'], ids: ['1'] }],
    [
      'a matrix of a plain array',
      { type: 'matrix', run: 1, kind: 'hidden', rows: 1, columns: 1, values: [1] },
    ],
    ['an unknown ending', { ...finished, ending: 'boredom' }],
    ['counters that are not numbers', { ...finished, counters: { prefillMs: 'x' } }],
    ['no word on counters', { ...finished, counters: undefined }],
  ])('cannot be: %s', (_, report) => {
    expect(reportSchema.safeParse(report).success).toBe(false);
  });
});

describe('the line that puts output and reports in order', () => {
  it('differs from run to run, and is one line', () => {
    expect(syncLine(1)).not.toBe(syncLine(12));
    expect(syncLine(1)).not.toContain('\n');
  });
});
