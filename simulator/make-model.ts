/** Command line around `writeModelFile`: `node simulator/make-model.ts --out FILE [options]`. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type ModelFileSpec,
  PLATFORM_CODES,
  type Platform,
  type ScriptRule,
  writeModelFile,
} from './model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from './tokenizer-json.ts';

const USAGE = `Usage: node simulator/make-model.ts --out FILE [options]

  --text FILE            text that the model learns (default: the demonstration text)
  --script FILE          JSON list of { when, tokens, repeat?, finish? } or { when, echo: true }
  --architecture NAME    default qwen2
  --platform NAME        ${Object.keys(PLATFORM_CODES).join(', ')} (default RK3588)
  --cores N              NPU cores
  --max-context N        default 4096
  --toolkit VERSION      default 1.1.0; "none" leaves the footer out
  --dtype NAME           default W8A8
  --embedding-size N     default 256
  --vocab-size N
  --size BYTES           pads the file
  --eos TYPE             uint32, int32 or int32[]
  --system S --prefix S --postfix S   chat template; --no-template leaves it out
  --thinking             the model thinks before it answers
  --no-tokenizer, --no-embedding      leaves them out of the file
  --lora                 writes a LoRA adapter
  --tokenizer DIR        also writes tokenizer.json and tokenizer_config.json there
`;

function whole(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new RangeError(`--${name} must be a whole number, got "${value}"`);
  return number;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** In a JSON script a token is a string, or a list of byte values. */
function parseToken(token: unknown): string | Uint8Array {
  if (typeof token === 'string') return token;
  if (
    Array.isArray(token) &&
    token.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
  ) {
    return Uint8Array.from(token);
  }
  throw new TypeError(`a token must be a string or a list of bytes, got ${JSON.stringify(token)}`);
}

function parseRule(rule: unknown): ScriptRule {
  if (!isRecord(rule) || typeof rule.when !== 'string')
    throw new TypeError('every rule needs "when", a string');
  if (rule.echo === true) return { when: rule.when, echo: true };
  if (!Array.isArray(rule.tokens))
    throw new TypeError(`the rule for "${rule.when}" needs "tokens" or "echo": true`);
  return {
    when: rule.when,
    tokens: rule.tokens.map(parseToken),
    ...(typeof rule.repeat === 'number' ? { repeat: rule.repeat } : {}),
    ...(rule.finish === 'length-only' ? { finish: 'length-only' } : {}),
  };
}

function parseScript(json: string): ScriptRule[] {
  const rules: unknown = JSON.parse(json);
  if (!Array.isArray(rules)) throw new TypeError('a script is a list of rules');
  return rules.map(parseRule);
}

function parsePlatform(name: string | undefined): Platform | undefined {
  if (name === undefined) return undefined;
  for (const known of Object.keys(PLATFORM_CODES) as Platform[]) if (known === name) return known;
  throw new RangeError(
    `unknown platform "${name}"; known are: ${Object.keys(PLATFORM_CODES).join(', ')}`,
  );
}

function parseEos(type: string | undefined): ModelFileSpec['eosType'] {
  if (type === undefined || type === 'uint32' || type === 'int32' || type === 'int32[]')
    return type;
  throw new RangeError(`--eos must be uint32, int32 or int32[], got "${type}"`);
}

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    text: { type: 'string' },
    script: { type: 'string' },
    architecture: { type: 'string' },
    platform: { type: 'string' },
    cores: { type: 'string' },
    'max-context': { type: 'string' },
    toolkit: { type: 'string' },
    dtype: { type: 'string' },
    'embedding-size': { type: 'string' },
    'vocab-size': { type: 'string' },
    size: { type: 'string' },
    eos: { type: 'string' },
    system: { type: 'string' },
    prefix: { type: 'string' },
    postfix: { type: 'string' },
    'no-template': { type: 'boolean' },
    thinking: { type: 'boolean' },
    'no-tokenizer': { type: 'boolean' },
    'no-embedding': { type: 'boolean' },
    lora: { type: 'boolean' },
    tokenizer: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

function specFromArguments(): ModelFileSpec {
  const { system, prefix, postfix } = values;
  const custom = system !== undefined || prefix !== undefined || postfix !== undefined;
  const template = { system: system ?? '', prefix: prefix ?? '', postfix: postfix ?? '' };
  const entries: ModelFileSpec = {
    architecture: values.architecture,
    platform: parsePlatform(values.platform),
    npuCores: whole(values.cores, 'cores'),
    maxContext: whole(values['max-context'], 'max-context'),
    toolkitVersion: values.toolkit === 'none' ? null : values.toolkit,
    modelDtype: values.dtype,
    embeddingSize: whole(values['embedding-size'], 'embedding-size'),
    vocabSize: whole(values['vocab-size'], 'vocab-size'),
    sizeBytes: whole(values.size, 'size'),
    eosType: parseEos(values.eos),
    chatTemplate: values['no-template'] ? null : custom ? template : undefined,
    thinking: values.thinking,
    hasTokenizer: !values['no-tokenizer'],
    hasEmbedding: !values['no-embedding'],
    kind: values.lora ? 'lora' : 'model',
    text: values.text === undefined ? undefined : readFileSync(values.text, 'utf8'),
    script:
      values.script === undefined ? undefined : parseScript(readFileSync(values.script, 'utf8')),
  };
  return entries;
}

if (values.help || values.out === undefined) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const spec = specFromArguments();
  await writeModelFile(values.out, spec);
  if (values.tokenizer !== undefined) {
    mkdirSync(values.tokenizer, { recursive: true });
    writeFileSync(join(values.tokenizer, 'tokenizer.json'), tokenizerJson(spec));
    writeFileSync(join(values.tokenizer, 'tokenizer_config.json'), tokenizerConfigJson(spec));
  }
}
