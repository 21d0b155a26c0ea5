import { describe, expect, it } from 'vitest';
import { CounterTable, factsOf, type LogRecord, parseLogLine } from '../../src/rkllm/log-lines.ts';

function record(message: string): LogRecord {
  return { level: 'info', source: 'rkllm', message };
}

describe('a line that the library prints', () => {
  it.each<[string, LogRecord | null]>([
    ['I rkllm: loading', { level: 'info', source: 'rkllm', message: 'loading' }],
    ['W rkllm: old', { level: 'warn', source: 'rkllm', message: 'old' }],
    ['E rkllm: bad', { level: 'error', source: 'rkllm', message: 'bad' }],
    ['D rkllm: x', { level: 'debug', source: 'rkllm', message: 'x' }],
    ['E rkllm: windows\r', { level: 'error', source: 'rkllm', message: 'windows' }],
    ['I rkllm:  Model init time (ms)  834.82', record('Model init time (ms)  834.82')],
    ['E RKNN: plain', { level: 'error', source: 'RKNN', message: 'plain' }],
    [
      'E RKNN: [11:22:33.456] meet unkown shape, op name: matmul_qkv',
      { level: 'error', source: 'RKNN', message: 'meet unkown shape, op name: matmul_qkv' },
    ],
    ['Tell me about E rkllm: bad', null],
    ['X rkllm: bad', null],
    ['E other: bad', null],
    ['E rkllm', null],
    ['', null],
  ])('%j becomes %o', (line, expected) => {
    expect(parseLogLine(line)).toEqual(expected);
  });
});

describe('the facts that a load prints', () => {
  it.each([
    [
      'rkllm-runtime version: 1.3.0, rknpu driver version: 0.9.8, platform: RK3588',
      { runtimeVersion: '1.3.0', driverVersion: '0.9.8', platform: 'RK3588' },
    ],
    [
      'rkllm-toolkit version: 1.3.0, max_context_limit: 16384, npu_core_num: 3, ' +
        'target_platform: RK3588, model_dtype: W8A8',
      {
        toolkitVersion: '1.3.0',
        maxContextLimit: 16384,
        npuCores: 3,
        targetPlatform: 'RK3588',
        modelDtype: 'W8A8',
      },
    ],
    [
      'rkllm-toolkit version: unknown, max_context_limit: 4096, npu_core_num: 1, target_platform: RK3562',
      { toolkitVersion: 'unknown', maxContextLimit: 4096, npuCores: 1, targetPlatform: 'RK3562' },
    ],
    ['loading rkllm model from /platform: x, platform: RK3566.rkllm', {}],
    ['', {}],
  ])('are read from %j', (message, facts) => {
    expect(factsOf(record(message))).toEqual(facts);
  });
});

describe('the counters table of log level 1', () => {
  const lines = [
    '--------------------------------------------',
    'Model init time (ms)  834.82',
    'Stage       | Total Time (ms)  | Tokens   | Time per Token (ms)  | Tokens per Second',
    'Prefill     | 123.45           | 17       | 7.26                 | 137.71',
    'Generate    | 1000.50          | 42       | 23.82                | 41.98',
    'Peak Memory Usage (GB) 0.81',
  ];
  const counters = {
    prefillMs: 123.45,
    prefillTokens: 17,
    decodeMs: 1000.5,
    decodeTokens: 42,
    memoryMb: null,
  };

  it('is read once', () => {
    const table = new CounterTable();
    for (const line of lines) table.add(record(line));
    expect(table.take()).toEqual(counters);
    expect(table.take()).toBeNull();
  });

  it('is read without the bars between its columns, too', () => {
    const table = new CounterTable();
    for (const line of lines) table.add(record(line.replaceAll('|', ' ')));
    expect(table.take()).toEqual(counters);
  });

  it('is the last one when there were several', () => {
    const table = new CounterTable();
    table.add(record('Prefill | 1.00 | 1 | 1.00 | 1.00'));
    for (const line of lines) table.add(record(line));
    expect(table.take()).toEqual(counters);
  });

  it('is not there when nothing was printed', () => {
    const table = new CounterTable();
    table.add(record('Prefill went well'));
    expect(table.take()).toBeNull();
  });
});
