/** What librkllmrt prints, as records. Source of the texts: librkllmrt 1.1.4 to 1.3.1. */
import type { Counters } from './result.ts';

export interface LogRecord {
  level: 'debug' | 'info' | 'warn' | 'error';
  /** `rkllm` or `RKNN`, the part that is embedded in it. */
  source: string;
  message: string;
}

const levels: Record<string, LogRecord['level']> = { D: 'debug', I: 'info', W: 'warn', E: 'error' };
const linePattern = /^([DIWE]) (rkllm|RKNN): ?(?:\[[\d:. -]+\] ?)?(.*)$/;

/** Null for lines that are not the runtime's log, which could be anything, even a prompt. */
export function parseLogLine(line: string): LogRecord | null {
  const [, letter, source, message] = linePattern.exec(line.trimEnd()) ?? [];
  const level = letter === undefined ? undefined : levels[letter];
  if (level === undefined || source === undefined || message === undefined) return null;
  return { level, source, message: message.trim() };
}

/** What the runtime says of itself, the board and the model while it loads. */
export interface ModelFacts {
  runtimeVersion?: string;
  driverVersion?: string;
  platform?: string;
  toolkitVersion?: string;
  maxContextLimit?: number;
  npuCores?: number;
  targetPlatform?: string;
  /** `W8A8`, ...; from 1.2.1 on. */
  modelDtype?: string;
}

const textFacts = {
  'rkllm-runtime version': 'runtimeVersion',
  'rknpu driver version': 'driverVersion',
  platform: 'platform',
  'rkllm-toolkit version': 'toolkitVersion',
  target_platform: 'targetPlatform',
  model_dtype: 'modelDtype',
} as const;
const numberFacts = { max_context_limit: 'maxContextLimit', npu_core_num: 'npuCores' } as const;

/** Reads the two `key: value, key: value` lines of a load. */
export function factsOf({ message }: LogRecord): ModelFacts {
  const facts: ModelFacts = {};
  if (!/^rkllm-(runtime|toolkit) version: /.test(message)) return facts;
  for (const part of message.split(', ')) {
    const at = part.indexOf(': ');
    const key = part.slice(0, at);
    const value = part.slice(at + 2).trim();
    if (Object.hasOwn(textFacts, key)) facts[textFacts[key as keyof typeof textFacts]] = value;
    if (Object.hasOwn(numberFacts, key)) {
      facts[numberFacts[key as keyof typeof numberFacts]] = Number(value);
    }
  }
  return facts;
}

/**
 * Counters from the table that log level 1 prints after a run, for versions that hand out none
 * (before 1.2.1). Feed it line by line; `take` gives the last table and forgets it.
 */
export class CounterTable {
  readonly #rows = new Map<string, { ms: number; tokens: number }>();

  add({ message }: LogRecord): void {
    const [, stage, ms, tokens] =
      /^(Prefill|Generate)[\s|]+([\d.]+)[\s|]+(\d+)\b/.exec(message) ?? [];
    if (stage !== undefined) this.#rows.set(stage, { ms: Number(ms), tokens: Number(tokens) });
  }

  take(): Counters | null {
    const prefill = this.#rows.get('Prefill');
    const decode = this.#rows.get('Generate');
    this.#rows.clear();
    if (!prefill && !decode) return null;
    return {
      prefillMs: prefill?.ms ?? 0,
      prefillTokens: prefill?.tokens ?? 0,
      decodeMs: decode?.ms ?? 0,
      decodeTokens: decode?.tokens ?? 0,
      memoryMb: null,
    };
  }
}
