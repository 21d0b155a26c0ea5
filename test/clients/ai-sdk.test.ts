import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OpenaiBoard } from './openai-board.ts';

/** The unmodified AI SDK against a running daemon. */

let server: OpenaiBoard;
beforeAll(async () => {
  server = await OpenaiBoard.start();
});
afterAll(() => server.stop());

const providers = {
  'openai-compatible': () =>
    createOpenAICompatible({ name: 'rkllamad', baseURL: server.baseURL }).chatModel('chat'),
  openai: () => createOpenAI({ baseURL: server.baseURL, apiKey: 'none' }).chat('chat'),
};

describe.each(Object.entries(providers))('@ai-sdk/%s', (_name, model) => {
  it('generates and streams text', async () => {
    const answer = await generateText({ model: model(), prompt: 'how are you?' });
    expect(answer.text).toBe('I am fine.');
    expect(answer.finishReason).toBe('stop');
    expect(answer.usage.outputTokens).toBe(4);
    const stream = streamText({ model: model(), prompt: 'how are you?' });
    let text = '';
    for await (const delta of stream.textStream) text += delta;
    expect(text).toBe('I am fine.');
    expect(await stream.finishReason).toBe('stop');
  });

  it('calls tools and goes on with their results', async () => {
    const stream = streamText({
      model: model(),
      prompt: 'How is the weather in Paris?',
      stopWhen: stepCountIs(3),
      tools: {
        get_weather: tool({
          description: 'Tells the weather',
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }) => `${city}: 18 degrees`,
        }),
      },
    });
    expect(await stream.text).toBe('It is 18 degrees in Paris.');
    expect((await stream.steps)[0]?.toolCalls[0]?.input).toEqual({ city: 'Paris' });
  });
});

describe('@ai-sdk/openai-compatible', () => {
  it('reads thoughts and vectors', async () => {
    const provider = createOpenAICompatible({ name: 'rkllamad', baseURL: server.baseURL });
    const { text, reasoningText } = await generateText({
      model: provider.chatModel('chat'),
      prompt: 'think hard',
    });
    expect([reasoningText, text]).toEqual(['Two and two.', 'Four.']);
    const { embeddings } = await embedMany({
      model: provider.embeddingModel('chat'),
      values: ['the fox', 'the brown fox'],
    });
    expect(embeddings.map((vector) => vector.length)).toEqual([256, 256]);
  });
});
