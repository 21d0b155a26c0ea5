import { embedMany, generateText, stepCountIs, streamText, tool } from 'ai';
import { createOllama } from 'ollama-ai-provider-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { qwen, type Running, startBoard, thinker } from './ollama-board.ts';

/** The unmodified `ollama-ai-provider-v2` of the AI SDK against a running daemon. */

let running: Running;
beforeAll(async () => {
  running = await startBoard();
});
afterAll(() => running.stop());

const provider = () => createOllama({ baseURL: `${running.board.url}/api` });

describe('ollama-ai-provider-v2', () => {
  it('generates and streams text', async () => {
    const answer = await generateText({ model: provider()(qwen), prompt: 'how are you?' });
    expect(answer.text).toBe('I am fine.');
    expect(answer.finishReason).toBe('stop');
    expect(answer.usage.outputTokens).toBe(4);
    const stream = streamText({ model: provider()(qwen), prompt: 'how are you?' });
    let text = '';
    for await (const delta of stream.textStream) text += delta;
    expect(text).toBe('I am fine.');
    expect(await stream.finishReason).toBe('stop');
  });

  it('calls several tools and goes on with their results', async () => {
    const asked: unknown[] = [];
    const stream = streamText({
      model: provider()(qwen),
      prompt: 'Turn on the lights in the kitchen and the hall',
      stopWhen: stepCountIs(3),
      tools: {
        HassTurnOn: tool({
          description: 'Turns something on',
          inputSchema: z.looseObject({ area: z.string() }),
          execute: async (input) => {
            asked.push(input);
            return 'the lights are on now';
          },
        }),
      },
    });
    expect(await stream.text).toBe('The lights are on.');
    expect(asked).toEqual([{ area: 'Küche', nested: { a: [1, 'ü'] } }, { area: 'Hall' }]);
  });

  it('keeps a thought apart from the answer', async () => {
    const { text, reasoningText } = await generateText({
      model: provider()(thinker),
      prompt: 'the capital of France?',
      providerOptions: { ollama: { think: true } },
    });
    expect([reasoningText, text]).toEqual(['Easy.', 'Paris.']);
  });

  it('embeds documents', async () => {
    const { embeddings } = await embedMany({
      model: provider().embedding(qwen),
      values: ['the fox', 'the brown fox'],
    });
    expect(embeddings.map((vector) => vector.length)).toEqual([256, 256]);
  });
});
