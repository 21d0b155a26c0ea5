import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateObject, streamObject } from 'ai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OpenaiBoard } from './openai-board.ts';

/** How the unmodified clients ask for JSON, of a model that repeats the question. */

let server: OpenaiBoard;
beforeAll(async () => {
  server = await OpenaiBoard.start({ RKLLAMA_CONTEXT_LENGTH: '8192' }, 8192);
});
afterAll(() => server.stop());

const recipe = z.object({
  name: z.string().max(60),
  minutes: z.int().min(1).max(600),
  vegetarian: z.boolean(),
  level: z.enum(['easy', 'medium', 'hard']),
  ingredients: z
    .array(z.object({ what: z.string().max(30), grams: z.number().min(0).nullable() }))
    .max(4),
});
const question = 'A recipe, please.';
const messages = [{ role: 'user' as const, content: question }];

describe('the openai package', () => {
  const client = () => new OpenAI({ baseURL: server.baseURL, apiKey: 'none', maxRetries: 0 });

  it('parses an answer of a zod schema', async () => {
    const { choices } = await client().chat.completions.parse({
      model: 'chat',
      messages,
      max_tokens: 300,
      response_format: zodResponseFormat(recipe, 'recipe'),
    });
    expect(recipe.parse(choices[0]?.message.parsed)).toEqual(choices[0]?.message.parsed);
  });

  it('parses a stream of one', async () => {
    const stream = client().chat.completions.stream({
      model: 'chat',
      messages,
      max_tokens: 300,
      response_format: zodResponseFormat(recipe, 'recipe'),
    });
    const { choices } = await stream.finalChatCompletion();
    expect(recipe.parse(choices[0]?.message.parsed)).toEqual(choices[0]?.message.parsed);
  });

  it('gets an object where it asks for any', async () => {
    const { choices } = await client().chat.completions.create({
      model: 'chat',
      messages,
      max_tokens: 60,
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual(expect.any(Object));
  });
});

describe('the ai package', () => {
  const model = () =>
    createOpenAICompatible({
      name: 'rkllamad',
      baseURL: server.baseURL,
      supportsStructuredOutputs: true,
    }).chatModel('chat');

  it('generates an object', async () => {
    const { object } = await generateObject({
      model: model(),
      schema: recipe,
      prompt: question,
      maxOutputTokens: 300,
    });
    expect(recipe.parse(object)).toEqual(object);
  });

  it('streams an object that only grows', async () => {
    const stream = streamObject({
      model: model(),
      schema: recipe,
      prompt: question,
      maxOutputTokens: 300,
    });
    let keys = 0;
    for await (const partial of stream.partialObjectStream) {
      expect(Object.keys(partial).length).toBeGreaterThanOrEqual(keys);
      keys = Object.keys(partial).length;
    }
    expect(recipe.parse(await stream.object)).toEqual(await stream.object);
  });
});

describe('the ollama package', () => {
  it.each([true, false])('gets what its schema says, streamed: %s', async (streamed) => {
    const ollama = new Ollama({ host: server.board.url });
    const wanted = { model: 'chat', messages, format: z.toJSONSchema(recipe) };
    const options = { num_predict: 300 };
    let text = '';
    if (streamed) {
      for await (const part of await ollama.chat({ ...wanted, options, stream: true })) {
        text += part.message.content;
      }
    } else text = (await ollama.chat({ ...wanted, options })).message.content ?? '';
    expect(recipe.parse(JSON.parse(text))).toBeDefined();
  });

  it('gets an object for "json", and for a raw prompt too', async () => {
    const ollama = new Ollama({ host: server.board.url });
    const options = { num_predict: 40 };
    for (const raw of [false, true]) {
      const wanted = { model: 'chat', prompt: question, format: 'json', raw, options };
      const { response = '' } = await ollama.generate(wanted);
      expect(JSON.parse(response)).toEqual(expect.any(Object));
    }
  });
});
