/**
 * What a guaranteed answer costs against the same answer generated freely, on a simulated board with
 * the published costs of Qwen3-1.7B on the RK3588. The model writes the wanted answer without a
 * mistake both times. Run with `npm run bench:guided`; `--rounds N` for more of each.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { buildDaemon } from '../scripts/build.ts';
import { type ModelFileSpec, type ScriptRule, writeModelFile } from '../simulator/model-file.ts';
import { tokenizerJson } from '../simulator/tokenizer-json.ts';
import { BenchDaemon } from './lib/daemon.ts';
import { figure, median } from './lib/numbers.ts';

const costs = { RKLLM_SIM_PREFILL_MS: '4.5', RKLLM_SIM_DECODE_MS: '80', RKLLM_SIM_RUN_MS: '100' };
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);

interface Case {
  name: string;
  /** What the model writes where it is free to. */
  answer: string;
  free: object;
  guided: object;
}

const string = { type: 'string' };
const light = {
  area: string,
  brightness: { type: 'integer', minimum: 0, maximum: 100 },
  color: { enum: ['red', 'green', 'blue', 'warm white', 'cold white'] },
};
const tool = (name: string, properties: object, required: readonly string[]) => ({
  type: 'function',
  function: {
    name,
    description: `What ${name} does, in the words of its integration.`,
    parameters: { type: 'object', properties, required, additionalProperties: false },
  },
});
const others = Array.from({ length: 24 }, (_, index) =>
  tool(`HassIntent${index}`, { name: string, area: string }, []),
);
const toolsWith = (required: readonly string[]) => [
  tool('HassLightSet', light, required),
  ...others,
];
const call = (given: string) =>
  `<tool_call>\n{"name": "HassLightSet", "arguments": ${given}}\n</tool_call>`;
const all = '{"area": "kitchen", "brightness": 40, "color": "warm white"}';
const named = { type: 'function', function: { name: 'HassLightSet' } };
const task = {
  title: string,
  priority: { enum: ['low', 'normal', 'high'] },
  due: { type: 'string', format: 'date' },
  remind: { type: 'boolean' },
};
const taskSchema = { type: 'object', properties: task, required: Object.keys(task) };
const every = Object.keys(light);

const cases: readonly Case[] = [
  {
    name: 'a named function, all arguments required',
    answer: call(all),
    free: { tools: toolsWith(every) },
    guided: { tools: toolsWith(every), tool_choice: named },
  },
  {
    name: 'any of 25 functions, all arguments required',
    answer: call(all),
    free: { tools: toolsWith(every) },
    guided: { tools: toolsWith(every), tool_choice: 'required' },
  },
  {
    name: 'any of 25 functions, all arguments optional',
    answer: call('{"area": "kitchen", "brightness": 40}'),
    free: { tools: toolsWith([]) },
    guided: { tools: toolsWith([]), tool_choice: 'required' },
  },
  {
    name: 'an answer with a schema',
    answer:
      '{"title": "Water the plants", "priority": "normal", "due": "2026-11-22", "remind": true}',
    free: {},
    guided: {
      response_format: { type: 'json_schema', json_schema: { name: 'task', schema: taskSchema } },
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), 'rkllamad-guided-'));
const models = join(folder, 'models');
const library = join(folder, 'librkllmrt.so');

const completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullable(),
          tool_calls: z
            .array(z.object({ function: z.object({ arguments: z.string() }) }))
            .optional(),
        }),
      }),
    )
    .length(1),
  usage: z.object({ completion_tokens: z.number() }),
  guided: z
    .object({ continuations: z.number(), forced_n: z.number(), rejected_n: z.number() })
    .optional(),
});

/** Cuts a text as the tokenizers of common models do. */
function tokensOf(text: string): string[] {
  return text.match(/<\/?tool_call>| ?[A-Za-z]{1,7}|\d| ?[^A-Za-z0-9\s]+|\s/g) ?? [];
}

/** A model that goes on with its answer wherever in it the prompt ends. */
function knowing(answer: string): ScriptRule[] {
  const rules: ScriptRule[] = [];
  // Less than this stands in the prompt that lists the tools.
  const shortest = answer.startsWith('<') ? '<tool_call>\n{"name": "'.length : 2;
  for (let at = answer.length - 1; at >= shortest; at--) {
    let passed = 0;
    const rest = tokensOf(answer).flatMap((token) => {
      passed += token.length;
      return passed <= at ? [] : [token.slice(Math.max(0, token.length - (passed - at)))];
    });
    rules.push({ when: answer.slice(0, at), tokens: rest });
  }
  return [...rules, { when: '', tokens: tokensOf(answer) }];
}

async function main(): Promise<void> {
  await buildDaemon();
  execFileSync('scripts/simulator', ['--abi', '1.3.1', '--out', library]);
  for (const [index, { answer }] of cases.entries()) {
    const home = join(models, `qwen3-${index}`);
    mkdirSync(home, { recursive: true });
    const text = `${answer}\n\n${JSON.stringify(toolsWith(every))}`;
    const spec: ModelFileSpec = { text, script: knowing(answer), architecture: 'qwen3' };
    await writeModelFile(join(home, 'model.rkllm'), spec);
    // The library takes an old file as whole at first sight.
    utimesSync(join(home, 'model.rkllm'), 0, 0);
    writeFileSync(join(home, 'tokenizer.json'), tokenizerJson(spec));
  }
  const daemon = await BenchDaemon.start({
    RKLLM_LIB: library,
    RKLLAMA_MODELS: models,
    RKLLAMA_CONTEXT_LENGTH: '8192',
    ...costs,
  });
  row('', 'free', 'guided', 'ratio', 'tokens', 'forced', 'continued', 'thrown away');
  for (const [index, each] of cases.entries()) await measure(daemon.url, `qwen3-${index}`, each);
  await daemon.stop();
  process.stdout.write(`\nSimulated board: ${JSON.stringify(costs)}\n`);
}

async function measure(url: string, model: string, { name, free, guided }: Case): Promise<void> {
  const times = { free: [] as number[], guided: [] as number[] };
  let last = await ask(url, { model, ...guided });
  for (let round = 0; round < rounds; round++) {
    // The prompt of each is in the KV cache: what is measured is the answer.
    await ask(url, { model, ...free });
    times.free.push((await ask(url, { model, ...free })).ms);
    await ask(url, { model, ...guided });
    last = await ask(url, { model, ...guided });
    times.guided.push(last.ms);
  }
  const ratio = median(times.guided) / median(times.free);
  const { usage, guided: counts } = last.body;
  row(
    name,
    `${figure(median(times.free))} ms`,
    `${figure(median(times.guided))} ms`,
    figure(ratio),
    String(usage.completion_tokens),
    String(counts?.forced_n),
    String(counts?.continuations),
    String(counts?.rejected_n),
  );
}

async function ask(url: string, request: object) {
  const messages = [
    { role: 'system', content: 'You are a voice assistant for Home Assistant.' },
    { role: 'user', content: 'Kitchen lights to 40 percent, warm white.' },
  ];
  const started = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ messages, reasoning_effort: 'none', ...request }),
  });
  const body: unknown = await response.json();
  const ms = performance.now() - started;
  if (!response.ok) throw new Error(JSON.stringify(body));
  return { ms, body: completion.parse(body) };
}

function row(name: string, ...cells: string[]): void {
  process.stdout.write(`${name.padEnd(46)}${cells.map((cell) => cell.padStart(12)).join('')}\n`);
}

try {
  await main();
} finally {
  await BenchDaemon.stopAll();
  rmSync(folder, { recursive: true, force: true });
}
