import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenaiBoard } from './openai-board.ts';

/** The unmodified `@langchain/openai` against a running daemon. */

let server: OpenaiBoard;
beforeAll(async () => {
  server = await OpenaiBoard.start();
});
afterAll(() => server.stop());

const options = () => ({ apiKey: 'none', configuration: { baseURL: server.baseURL } });

describe('ChatOpenAI', () => {
  const chat = () => new ChatOpenAI({ model: 'chat', ...options() });

  it('invokes and streams', async () => {
    const answer = await chat().invoke('how are you?');
    expect(answer.content).toBe('I am fine.');
    expect(answer).toHaveProperty('usage_metadata.output_tokens', 4);
    let text = '';
    for await (const chunk of await chat().stream('how are you?')) text += chunk.content;
    expect(text).toBe('I am fine.');
  });

  it('calls tools', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const withTools = chat().bindTools([
      { type: 'function', function: { name: 'get_weather', parameters } },
    ]);
    const answer = await withTools.invoke([new HumanMessage('weather in Paris?')]);
    expect(answer.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
  });
});

describe('OpenAIEmbeddings', () => {
  it('embeds documents', async () => {
    const vectors = await new OpenAIEmbeddings({ model: 'chat', ...options() }).embedDocuments([
      'the fox',
      'the brown fox',
    ]);
    expect(vectors.map((vector) => vector.length)).toEqual([256, 256]);
  });
});
