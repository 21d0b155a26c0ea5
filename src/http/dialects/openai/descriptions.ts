import type { RouteDescription } from '../../route-description.ts';
import { parameters } from './parameters.ts';
import {
  chatRequest,
  completionRequest,
  embeddingRequest,
  embedsRequest,
  rerankRequest,
} from './schemas.ts';

const model = 'model1.rkllm';
const created = 1_736_675_000;
const usage = {
  prompt_tokens: 14,
  completion_tokens: 5,
  total_tokens: 19,
  completion_tokens_details: { reasoning_tokens: 0 },
};
const timings = {
  cache_n: 0,
  prompt_n: 14,
  prompt_ms: 200,
  prompt_per_second: 70,
  predicted_n: 5,
  predicted_ms: 300,
  predicted_per_second: 16.7,
};
const beginning = { created, model, system_fingerprint: 'fp_rkllm_1.3.1' };
const modelObject = {
  id: model,
  object: 'model',
  created,
  owned_by: 'rkllamad',
  context_length: 4096,
};
const modelList = { object: 'list', data: [modelObject] };
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const chatStream = [
  { delta: { role: 'assistant', content: '' }, finish_reason: null },
  { delta: { content: 'I am fine.' }, finish_reason: null },
  { delta: {}, finish_reason: 'stop' },
].map(({ delta, finish_reason }) =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    ...beginning,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  }),
);
const textStream = [
  { text: 'Because.', finish_reason: null },
  { text: '', finish_reason: 'stop' },
].map(({ text, finish_reason }) =>
  event({
    id: 'cmpl-1',
    object: 'text_completion',
    ...beginning,
    choices: [{ text, index: 0, logprobs: null, finish_reason }],
  }),
);
const done = 'data: [DONE]\n\n';
const streaming =
  'Sampling fields that are left out are as the model is set. An error before the first event has a status; a later one is the last event. The header ' +
  'X-Rkllama-Unsupported names fields without effect.';

/** What `/api-docs` says of the routes of this API; `docs/OPENAI.md` says more. */
export const descriptions = {
  chat: {
    summary: 'Answers a conversation',
    notes: streaming,
    request: {
      schema: chatRequest,
      example: {
        model,
        messages: [{ role: 'user', content: 'Hello, how are you?' }],
        max_completion_tokens: 200,
        stream: true,
      },
      otherFields: parameters,
    },
    answers: {
      'application/json': {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        ...beginning,
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'I am fine.', refusal: null },
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
        usage,
        timings,
      },
      'text/event-stream': [...chatStream, done].join(''),
    },
  },
  completions: {
    summary: 'Answers prompts',
    notes: `The model goes on with each prompt as it stands, without a chat template. ${streaming}`,
    request: {
      schema: completionRequest,
      example: { model, prompt: 'Why is the sky blue?', max_tokens: 200 },
      otherFields: parameters,
    },
    answers: {
      'application/json': {
        id: 'cmpl-1',
        object: 'text_completion',
        ...beginning,
        choices: [{ index: 0, text: 'Because.', logprobs: null, finish_reason: 'stop' }],
        usage,
        timings,
      },
      'text/event-stream': [...textStream, done].join(''),
    },
  },
  embeddings: {
    summary: 'Gives a vector for each text',
    request: {
      schema: embeddingRequest,
      example: { model, input: ['first text', 'second text'] },
    },
    answers: {
      'application/json': {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.6, 0.8] }],
        model,
        usage: { prompt_tokens: 4, total_tokens: 4 },
      },
    },
  },
  embeds: {
    summary: 'Cuts a text into chunks and gives a vector for each (Ai00)',
    request: { schema: embedsRequest, example: { model, input: 'A long text.' } },
    answers: {
      'application/json': {
        object: 'embeds',
        model,
        data: [
          {
            object: 'embed',
            index: 0,
            chunks: [{ chunk: 'A long text.', embed: [[0.6, 0.8]] }],
          },
        ],
      },
    },
  },
  rerank: {
    summary: 'Orders documents by relevance',
    notes: "Needs a model of Qwen3-Reranker's kind with its tokenizer beside it.",
    request: {
      schema: rerankRequest,
      example: {
        model,
        query: 'capital of France',
        documents: ['Paris is a city.', 'Lyon has a river.'],
        top_n: 1,
      },
    },
    answers: {
      'application/json': {
        object: 'list',
        model,
        results: [{ index: 0, relevance_score: 0.98 }],
        usage: { prompt_tokens: 40, total_tokens: 40 },
      },
    },
  },
  models: {
    summary: 'Lists the models that can be asked',
    answers: { 'application/json': modelList },
  },
  model: {
    summary: 'Describes one model',
    notes: 'The id may contain slashes.',
    answers: { 'application/json': modelObject },
  },
  modelsForBoth: {
    summary:
      "With a Bearer token or a header of OpenAI's clients: OpenAI's list and RKLLama's in one",
    answers: { 'application/json': { ...modelList, models: [model] } },
  },
} as const satisfies Record<string, RouteDescription>;
