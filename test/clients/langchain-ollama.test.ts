import { HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOllama, OllamaEmbeddings } from '@langchain/ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qwen, type Running, startBoard, thinker } from './ollama-board.ts';

/** The unmodified `@langchain/ollama` against a running daemon. */

let running: Running;
beforeAll(async () => {
  running = await startBoard();
});
afterAll(() => running.stop());

const chat = (options: object = {}) =>
  new ChatOllama({ model: qwen, baseUrl: running.board.url, ...options });

describe('ChatOllama', () => {
  it('invokes and streams', async () => {
    const answer = await chat().invoke('how are you?');
    expect(answer.content).toBe('I am fine.');
    expect(answer).toHaveProperty('usage_metadata.output_tokens', 4);
    expect(answer.response_metadata).toMatchObject({ done_reason: 'stop' });
    let text = '';
    for await (const chunk of await chat().stream('how are you?')) text += chunk.content;
    expect(text).toBe('I am fine.');
  });

  it('calls several tools and goes on with their results', async () => {
    const parameters = {
      type: 'object',
      properties: { area: { type: 'string' }, nested: { type: 'object' } },
    };
    const withTools = chat().bindTools([
      { type: 'function', function: { name: 'HassTurnOn', parameters } },
    ]);
    const question = new HumanMessage('Turn on the lights in the kitchen and the hall');
    const answer = await withTools.invoke([new SystemMessage('You help.'), question]);
    expect(answer.tool_calls).toMatchObject([
      { name: 'HassTurnOn', args: { area: 'Küche', nested: { a: [1, 'ü'] } } },
      { name: 'HassTurnOn', args: { area: 'Hall' } },
    ]);
    const results = (answer.tool_calls ?? []).map(
      ({ id, name }) =>
        new ToolMessage({ tool_call_id: id ?? '', name, content: 'the lights are on now' }),
    );
    const last = await withTools.invoke([question, answer, ...results]);
    expect(last.content).toBe('The lights are on.');
  });

  it('keeps a thought apart from the answer', async () => {
    const answer = await chat({ model: thinker, think: true }).invoke('the capital of France?');
    expect(answer.content).toBe('Paris.');
    expect(answer.additional_kwargs).toMatchObject({ reasoning_content: 'Easy.' });
  });

  it('sends stop strings and limits', async () => {
    const stopped = await chat().invoke('count', { stop: ['3'] });
    expect(stopped.content).toBe('1 2 ');
    const short = await chat({ numPredict: 2 }).invoke('count');
    expect(short.response_metadata).toMatchObject({ done_reason: 'length' });
  });

  it('tells an unknown model', async () => {
    await expect(chat({ model: 'missing' }).invoke('hi')).rejects.toThrow(/missing/);
  });
});

describe('OllamaEmbeddings', () => {
  it('embeds documents and a query', async () => {
    const embeddings = new OllamaEmbeddings({ model: qwen, baseUrl: running.board.url });
    const vectors = await embeddings.embedDocuments(['the fox', 'the brown fox']);
    expect(vectors.map((vector) => vector.length)).toEqual([256, 256]);
    expect(await embeddings.embedQuery('the fox')).toHaveLength(256);
  });
});
