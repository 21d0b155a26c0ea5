import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ModelFileSpec, ScriptRule } from '../../../simulator/model-file.ts';
import { tokenizerConfigJson, tokenizerJson } from '../../../simulator/tokenizer-json.ts';
import type {
  GenerationEvent,
  GenerationOptions,
  JsonObject,
  Tool,
  ToolCall,
} from '../../../src/engine/index.ts';
import { simulator } from '../../e2e/board.ts';
import { Rig } from '../rig.ts';
import { hostile, nearJson } from './fake-source.ts';

/** Guaranteed answers through worker processes and the simulator, with every group of its ABI. */

const versions = ['1.1.4', '1.2.0', '1.2.3', '1.3.0', '1.3.1'] as const;
type Version = (typeof versions)[number];

const weather = {
  type: 'object',
  properties: {
    city: { type: 'string', maxLength: 40 },
    warm: { type: 'boolean' },
    degrees: { type: 'integer', minimum: -50, maximum: 60 },
    sky: { enum: ['clear', 'cloudy', 'rain'] },
  },
  required: ['city', 'warm', 'degrees', 'sky'],
  additionalProperties: false,
};
const perfect = '{"city": "Paris", "warm": true, "degrees": 18, "sky": "clear"}';
/** One word to a token, as far as the vocabulary has it. */
const text = `Q: weather\nA: ${perfect}\n\nQ: *\nA: I do not know about that.`;

/** Answers by how far the prompt has come. */
const near: ScriptRule[] = [
  { when: '"sky": ', tokens: [' "', 'cl', 'ean'] },
  { when: '"degrees": ', tokens: [' 1', '8', '.5', ' degrees'] },
  { when: '"warm": ', tokens: [' yes'] },
  { when: '"city": ', tokens: ['Par', 'is", ', '"hot": 1'] },
  { when: '', tokens: ['Sure', '! ', '```json'] },
];
const models = {
  near: { text, script: near },
  noise: { text: `${nearJson.join(' ')}\n\n${text}`, script: [] },
  hostile: {
    text,
    script: [
      {
        when: '',
        tokens: hostile.map((each) => Buffer.from(each.replaceAll('\0', ' '), 'utf8')),
        finish: 'length-only',
      },
    ],
  },
  silent: { text, script: [{ when: '', tokens: [' '] }] },
  perfect: { text, script: [] },
} satisfies Record<string, ModelFileSpec>;
type Way = 'token ids' | 'text' | 'runtime template';
const ways: readonly Way[] = ['token ids', 'text', 'runtime template'];

async function start(
  version: Version,
  model: ModelFileSpec,
  way: Way = 'token ids',
  more: Partial<Parameters<typeof Rig.start>[0]> = {},
): Promise<Rig> {
  const spec = { vocabSize: 900, ...model };
  // Its family's template stands in for the tokenizer's own, which has no place for tools.
  const files = { 'm/tokenizer.json': tokenizerJson(spec) };
  return Rig.start({
    library: await simulator(version),
    models: { 'm/m.rkllm': spec },
    modelfiles: way === 'token ids' ? files : {},
    contextLength: 1024,
    ...more,
  });
}

interface Seen {
  text: string;
  reasoning: string;
  calls: ToolCall[];
  pieces: string[];
  done: Extract<GenerationEvent, { type: 'done' }>[];
}

async function see(
  rig: Rig,
  question: string,
  options: GenerationOptions,
  signal?: AbortSignal,
): Promise<Seen> {
  const seen: Seen = { text: '', reasoning: '', calls: [], pieces: [], done: [] };
  const messages = [{ role: 'user' as const, content: question }];
  const { events } = await rig.generate({ model: 'm', messages, ...options }, signal);
  for await (const batch of events) {
    for (const event of batch) {
      if (event.type === 'done') seen.done.push(event);
      else if (event.type === 'tool_call') seen.calls.push(event.call);
      else if (event.type === 'reasoning') seen.reasoning += event.text;
      else {
        seen.text += event.text;
        seen.pieces.push(event.text);
      }
    }
  }
  return seen;
}

const asWeather: GenerationOptions = { format: { type: 'schema', schema: weather } };

function expectWeather(answer: string): void {
  expect(JSON.parse(answer)).toEqual({
    city: expect.any(String),
    warm: expect.any(Boolean),
    degrees: expect.toSatisfy((n: unknown) => Number.isInteger(n) && Math.abs(Number(n)) <= 60),
    sky: expect.stringMatching(/^(clear|cloudy|rain)$/),
  });
}

describe.concurrent.each(versions)('an answer with a schema (%s)', (version) => {
  it.each(ways)(
    'is what the schema says, whatever the model writes: prompts as %s',
    async (way) => {
      const spec = (model: ModelFileSpec) => ({ vocabSize: 900, ...model });
      const files = Object.entries(models).flatMap(([name, model]) => [
        [`${name}/tokenizer.json`, tokenizerJson(spec(model))],
        [`${name}/tokenizer_config.json`, tokenizerConfigJson(spec(model))],
      ]);
      await using rig = await Rig.start({
        library: await simulator(version),
        models: Object.fromEntries(
          Object.entries(models).map(([name, model]) => [`${name}/m.rkllm`, spec(model)]),
        ),
        modelfiles: way === 'token ids' ? Object.fromEntries(files) : {},
        contextLength: 1024,
      });
      let runs = 0;
      for (const model of Object.keys(models)) {
        const {
          text: answer,
          pieces,
          done,
        } = await see(rig, 'weather', {
          ...asWeather,
          model,
          maxTokens: 300,
        });
        expectWeather(answer);
        expect(pieces.length).toBeGreaterThan(1);
        expect(done).toMatchObject([{ finishReason: 'stop' }]);
        const continuations = done[0]?.guided?.continuations ?? Number.NaN;
        expect(continuations).toBeLessThanOrEqual(300 + 32);
        runs += continuations + 1;
        expect(await rig.calls('rkllm_run')).toHaveLength(runs);
        // The next answer is free again.
        expect((await see(rig, 'weather', { model, maxTokens: 5 })).done).toHaveLength(1);
        runs += 1;
      }
    },
  );
});

/** Runs as the library received them, and the ids that each generated. */
async function runsOf(rig: Rig): Promise<{ prompt: number[]; generated: number[] }[]> {
  const prompts = (await rig.calls('rkllm_run')).map(({ args, started_ms, ms }) => ({
    prompt: z.array(z.int()).parse(Object(args['input']).input_ids),
    started_ms,
    ms,
  }));
  const tokens = await rig.callbacks();
  return prompts.map(({ prompt, started_ms, ms }) => ({
    prompt,
    generated: tokens
      .filter((each) => each.ms >= started_ms && each.ms <= ms && each.state < 2)
      .flatMap((each) => each.results?.map(({ token_id }) => token_id) ?? []),
  }));
}

describe.concurrent('the prompt of a continuation', () => {
  it.each(['1.2.0', '1.3.1'] as const)(
    'begins with all that is in the KV cache already (%s)',
    async (version) => {
      await using rig = await start(version, models.perfect, 'token ids', {
        simulator: { RKLLM_SIM_CALLS_CALLBACKS: '1', RKLLM_SIM_DECODE_MS: '25' },
      });
      const { text: answer, done } = await see(rig, 'weather', asWeather);
      expectWeather(answer);
      const runs = await runsOf(rig);
      const { continuations = 0, forcedTokens = 0 } = done[0]?.guided ?? {};
      expect(continuations).toBeGreaterThan(1);
      let added = 0;
      for (const [index, { prompt }] of runs.entries()) {
        const before = runs[index - 1];
        if (!before) continue;
        const cached = [...before.prompt, ...before.generated];
        const parting = prompt.findIndex((id, at) => id !== cached[at]);
        const common = parting < 0 ? prompt.length : parting;
        // All but the token at which the run was ended.
        expect(common).toBeGreaterThanOrEqual(before.prompt.length);
        added += prompt.length - common;
      }
      expect(added).toBeLessThanOrEqual(forcedTokens + continuations);
    },
  );

  it('has the ids of what was generated, or where they mean nothing, those of its text', async () => {
    // Ids of a script lie above the vocabulary, and the library refuses them in a prompt.
    await using rig = await start('1.3.1', models.near);
    expectWeather((await see(rig, 'weather', asWeather)).text);
    const prompts = (await rig.calls('rkllm_run')).map(({ args }) => Object(args['input']));
    expect(prompts.length).toBeGreaterThan(2);
    const ids = prompts.flatMap(({ input_ids }) => input_ids);
    expect(Math.max(...ids)).toBeLessThan(900);
  });

  it('keeps a character whole that came in several tokens', async () => {
    const emoji = Buffer.from('😀');
    const script: ScriptRule[] = [
      { when: '"a": "', tokens: [emoji.subarray(0, 2), emoji.subarray(2), '!"', ' no'] },
      { when: '', tokens: ['no'] },
    ];
    await using rig = await start('1.3.1', { text, script });
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { const: 'é' } },
      required: ['a', 'b'],
    };
    const { text: answer } = await see(rig, 'x', {
      format: { type: 'schema', schema },
      maxTokens: 90,
    });
    expect(JSON.parse(answer)).toMatchObject({ a: '😀!', b: 'é' });
  });
});

describe.concurrent('a guided answer', () => {
  it('has one place in the queue, and others wait for its end', async () => {
    await using rig = await start('1.3.1', models.near, 'text', {
      simulator: { RKLLM_SIM_DECODE_MS: '5' },
    });
    const messages = [{ role: 'user' as const, content: 'weather' }];
    const { events } = await rig.generate({ model: 'm', messages, ...asWeather });
    const second = see(rig, 'something else', { maxTokens: 2 });
    for await (const batch of events) {
      const [last] = batch.slice(-1);
      if (last?.type === 'done') expect(last.guided?.continuations).toBeGreaterThan(1);
    }
    expect((await second).done).toHaveLength(1);
    const prompts = (await rig.prompts()).map((prompt) => String(prompt).includes('schema'));
    expect(prompts).toEqual([...Array(prompts.length - 1).fill(true), false]);
  });

  it('goes on although nobody reads, so that the next one has its turn', async () => {
    await using rig = await start('1.3.1', models.near, 'text');
    const { events } = await rig.generate({
      model: 'm',
      messages: [{ role: 'user', content: 'weather' }],
      ...asWeather,
    });
    const reader = events[Symbol.asyncIterator]();
    await reader.next();
    expect((await see(rig, 'something else', { maxTokens: 2 })).done).toHaveLength(1);
    let rest = '';
    for (let step = await reader.next(); !step.done; step = await reader.next()) {
      rest += step.value.map((event) => ('text' in event ? event.text : '')).join('');
    }
    expect(rest).toMatch(/\}$/);
  });

  it('that its reader leaves ends at once, and gives its place back', async () => {
    await using rig = await start('1.3.1', models.hostile, 'text', {
      simulator: { RKLLM_SIM_DECODE_MS: '5' },
    });
    const { events } = await rig.generate({
      model: 'm',
      messages: [{ role: 'user', content: 'weather' }],
      ...asWeather,
    });
    for await (const _ of events) break;
    expect((await see(rig, 'something else', { maxTokens: 2 })).done).toHaveLength(1);
    const prompts = (await rig.prompts()).map((prompt) => String(prompt).includes('schema'));
    expect(prompts.slice(prompts.indexOf(false))).toEqual([false]);
  });

  it.each([0, 1, 2, 3, 5, 8])(
    'that is aborted %i tokens from its beginning leaves nothing behind',
    async (tokens) => {
      await using rig = await start('1.3.1', models.near, 'token ids', {
        simulator: { RKLLM_SIM_DECODE_MS: '10' },
      });
      await rig.engine.load('m');
      const leaving = new AbortController();
      const answer = see(rig, 'weather', asWeather, leaving.signal).catch((error) => error);
      setTimeout(() => leaving.abort(), tokens * 10);
      const seen = await answer;
      if (!(seen instanceof Error)) {
        expect(['abort', 'stop']).toContain(seen.done[0]?.finishReason);
      }
      expectWeather((await see(rig, 'weather', asWeather)).text);
      expect(rig.engine.queued()).toEqual([]);
    },
  );

  it('of a model that is unloaded meanwhile ends with what there is', async () => {
    await using rig = await start('1.3.1', models.hostile, 'text', {
      simulator: { RKLLM_SIM_DECODE_MS: '20' },
    });
    await rig.engine.load('m');
    const answer = see(rig, 'weather', asWeather);
    await expect.poll(() => rig.engine.current()?.state).toBe('busy');
    await rig.engine.unload('m');
    expect((await answer).done).toMatchObject([{ finishReason: 'abort' }]);
    expectWeather((await see(rig, 'weather', asWeather)).text);
  });

  it('of a process that dies is an error, and the next one starts another', async () => {
    await using rig = await start('1.3.1', models.hostile, 'text', {
      simulator: { RKLLM_SIM_DECODE_MS: '20' },
    });
    const { pid } = await rig.engine.load('m');
    const answer = see(rig, 'weather', asWeather);
    answer.catch(() => {});
    await expect.poll(() => rig.engine.current()?.state).toBe('busy');
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(answer).rejects.toMatchObject({ code: 'runtime_crashed' });
    expectWeather((await see(rig, 'weather', asWeather)).text);
  });

  it.each(ways)('is whole at every token limit (%s)', async (way) => {
    await using rig = await start('1.2.3', models.perfect, way);
    for (const maxTokens of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 20, 40]) {
      const { text: answer, done } = await see(rig, 'weather', { ...asWeather, maxTokens });
      expectWeather(answer);
      const [{ finishReason, guided, usage } = {}] = done;
      expect(['stop', 'length']).toContain(finishReason);
      const generated = Number(usage?.completionTokens) - Number(guided?.forcedTokens);
      expect(generated).toBeLessThanOrEqual(maxTokens);
    }
  });

  it.each(ways)('is whole where the context ends (%s)', async (way) => {
    const script: ScriptRule[] = [{ when: '', tokens: [' word'], finish: 'length-only' }];
    await using rig = await start('1.3.1', { text, script }, way, { contextLength: 384 });
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const { text: answer, done } = await see(rig, 'x', { format: { type: 'schema', schema } });
    expect(JSON.parse(answer).a.length).toBeGreaterThan(10);
    expect(done).toMatchObject([{ finishReason: 'length' }]);
  });

  it('counts its prompt once, and every token of the answer', async () => {
    await using rig = await start('1.3.1', models.near);
    const [first, second] = [
      await see(rig, 'weather', asWeather),
      await see(rig, 'weather', asWeather),
    ];
    const [run] = await rig.calls('rkllm_run');
    const begun = Object(run?.args['input']).n_tokens;
    const usage = first.done[0]?.usage;
    expect(usage?.promptTokens).toBeLessThan(begun);
    expect(second.done[0]?.usage.promptTokens).toBe(usage?.promptTokens);
    expect(usage?.cachedTokens).toBe(0);
    expect(second.done[0]?.usage.cachedTokens).toBe(usage?.promptTokens);
    expect(usage?.completionTokens).toBeGreaterThan(first.done[0]?.guided?.forcedTokens ?? 1e9);
  });

  it('comes as often as it is asked for', async () => {
    await using rig = await start('1.3.1', models.near);
    const { done } = await see(rig, 'weather', { ...asWeather, choices: 3 });
    expect(done.map(({ choice }) => choice)).toEqual([0, 1, 2]);
  });

  it('is not cut by stop strings', async () => {
    await using rig = await start('1.3.1', models.near);
    expectWeather((await see(rig, 'weather', { ...asWeather, stop: ['Paris', '"'] })).text);
  });

  it('may be any object', async () => {
    await using rig = await start('1.3.1', models.near);
    const { text: answer } = await see(rig, 'weather', {
      format: { type: 'object' },
      maxTokens: 40,
    });
    expect(JSON.parse(answer)).toEqual(expect.any(Object));
    expect(answer).toMatch(/^\{/);
  });

  it('goes on from a text without a template, too', async () => {
    await using rig = await start('1.3.1', models.near, 'text');
    const { events } = await rig.generate({ model: 'm', prompt: 'weather: ', ...asWeather });
    let answer = '';
    for await (const batch of events) {
      for (const event of batch) if (event.type === 'text') answer += event.text;
    }
    expectWeather(answer);
    expect((await rig.prompts())[0]).toBe('weather: {"city": "');
  });

  it.each<[string, GenerationOptions, RegExp]>([
    ['schema', { format: { type: 'schema', schema: { type: 'string', not: {} } } }, /not/],
    ['history', { ...asWeather, keepHistory: true }, /keeps itself/],
  ])(
    'whose %s makes it impossible is refused before anything is loaded',
    async (_, options, words) => {
      await using rig = await start('1.3.1', models.near);
      await expect(see(rig, 'weather', options)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(words),
      });
      expect(await rig.calls('rkllm_init')).toEqual([]);
    },
  );
});

describe.concurrent('a model that thinks', () => {
  const thinker = (script: ScriptRule[]): ModelFileSpec => ({
    text,
    architecture: 'qwen3',
    thinking: true,
    script: [...near.slice(0, -1), ...script],
  });
  const thinks: ScriptRule[] = [
    { when: '', tokens: ['<think>', '\nParis', ' is warm', '\n', '</think>', '\n\n', 'Sure', '!'] },
  ];

  it.each(ways)('does so first, and its answer is guided behind it (%s)', async (way) => {
    await using rig = await start('1.3.1', thinker(thinks), way);
    const {
      text: answer,
      reasoning,
      done,
    } = await see(rig, 'weather', { ...asWeather, thinking: true });
    expect(reasoning).toBe('Paris is warm');
    expectWeather(answer);
    expect(done[0]?.usage.reasoningTokens).toBeGreaterThan(3);
  });

  it('answers at once where it is not to', async () => {
    await using rig = await start('1.3.1', thinker(thinks), 'text');
    const { text: answer, reasoning } = await see(rig, 'weather', {
      ...asWeather,
      thinking: false,
    });
    expect(reasoning).toBe('');
    expectWeather(answer);
    expect(String((await rig.prompts())[0])).toMatch(/<think>\n\n<\/think>\n\n\{"city": "$/);
  });

  it('whose thought takes all tokens has a short answer', async () => {
    await using rig = await start(
      '1.3.1',
      thinker([{ when: '', tokens: ['<think>', ' and', ' on'], finish: 'length-only' }]),
    );
    const { text: answer, done } = await see(rig, 'weather', {
      ...asWeather,
      thinking: true,
      maxTokens: 9,
    });
    expectWeather(answer);
    expect(done).toMatchObject([{ finishReason: 'length' }]);
  });

  it('and ends within its thought is brought to an answer', async () => {
    await using rig = await start(
      '1.3.1',
      thinker([{ when: '', tokens: ['<think>', ' Hm'] }]),
      'text',
    );
    const { text: answer, reasoning } = await see(rig, 'weather', { ...asWeather, thinking: true });
    expect(reasoning).toBe('Hm');
    expectWeather(answer);
    expect(String((await rig.prompts())[1])).toMatch(/<think> Hm\n<\/think>\n\n\{"city": "$/);
  });
});

describe.concurrent('a call that has to be', () => {
  const light: Tool = {
    name: 'light',
    description: 'Switches a light.',
    parameters: {
      type: 'object',
      properties: { room: { type: 'string', enum: ['kitchen', 'bath'] }, on: { type: 'boolean' } },
      required: ['room', 'on'],
      additionalProperties: false,
    },
  };
  const lock: Tool = { name: 'lock', parameters: { type: 'object', properties: {} } };
  const tools = [light, lock];
  const calling: ScriptRule[] = [
    { when: '"room": "', tokens: ['ba', 'th', '", "on', '": off'] },
    { when: '<tool_call>\n{"name": "', tokens: ['li', 'ght', '", '] },
    { when: '', tokens: ['I will', ' do that.'] },
  ];
  const spec: ModelFileSpec = { text, script: calling };
  const isLight = (call: ToolCall | undefined): JsonObject => {
    expect(call?.name).toBe('light');
    return call?.arguments ?? {};
  };

  const cases = versions.map((version, index) => [version, ways[index % 3]] as const);

  it.each(cases)('is one of the tools, with arguments that fit (%s, %s)', async (version, way) => {
    await using rig = await start(version, spec, way);
    const seen = await see(rig, 'Light!', { tools, toolChoice: 'required' });
    expect(seen.text).toBe('');
    expect(seen.calls).toHaveLength(1);
    expect(isLight(seen.calls[0])).toEqual({ room: 'bath', on: expect.any(Boolean) });
    expect(seen.done).toMatchObject([{ finishReason: 'tool_calls' }]);
  });

  it('may be a certain one, of which then everything is certain but what is free', async () => {
    await using rig = await start('1.3.1', spec, 'text');
    const seen = await see(rig, 'Light!', { tools, toolChoice: { name: 'lock' } });
    expect(seen.calls).toMatchObject([{ name: 'lock' }]);
    const again = await see(rig, 'Light!', { tools, toolChoice: { name: 'light' } });
    expect(isLight(again.calls[0])).toMatchObject({ room: 'bath' });
    expect(String((await rig.prompts()).at(-1))).toMatch(
      /<tool_call>\n\{"name": "light", "arguments": \{"room": "bath", "on": ?$/,
    );
  });

  it('is written in the next prompt as it was generated', async () => {
    await using rig = await start('1.3.1', spec, 'text');
    const { calls } = await see(rig, 'Light!', { tools, toolChoice: { name: 'light' } });
    const prompts = await rig.prompts();
    const { events } = await rig.generate({
      model: 'm',
      messages: [
        { role: 'user', content: 'Light!' },
        { role: 'assistant', content: '', toolCalls: calls },
        { role: 'tool', content: 'done', toolName: 'light' },
      ],
      tools,
      maxTokens: 1,
    });
    for await (const _ of events);
    const [next, last] = [(await rig.prompts()).at(-1), prompts.at(-1)].map(String);
    expect(next?.startsWith(String(last))).toBe(true);
  });

  it('of a model without a place for tools is refused', async () => {
    await using rig = await start('1.3.1', { ...spec, architecture: 'internlm2' }, 'text', {
      models: { 'internlm2.rkllm': { ...spec, architecture: 'internlm2' } },
    });
    const asked = see(rig, 'Light!', { model: 'internlm2', tools, toolChoice: 'required' });
    await expect(asked).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('that is among no tools is refused', async () => {
    await using rig = await start('1.3.1', spec);
    await expect(see(rig, 'Light!', { tools, toolChoice: { name: 'door' } })).rejects.toMatchObject(
      { code: 'invalid_request', field: 'toolChoice' },
    );
  });

  it.each([
    ['calls', [{ when: '', tokens: ['<tool_call>', '\n{"name"'] }], true],
    ['answers', near, false],
  ] as const)(
    'may take the place of an answer with a schema: the model %s',
    async (_, rules, isCall) => {
      const script = [...calling.slice(0, 2), ...rules];
      await using rig = await start('1.3.1', { text, script }, 'text', { contextLength: 2048 });
      const seen = await see(rig, 'weather', { ...asWeather, tools });
      if (isCall) expect([seen.text, seen.calls.length]).toEqual(['', 1]);
      else {
        expect(seen.calls).toEqual([]);
        expectWeather(seen.text);
      }
    },
  );
});
