import type { RouteDescription } from '../../route-description.ts';
import { chatRequest } from './chat.ts';
import { createRequest } from './create.ts';
import { copyRequest } from './disk.ts';
import { embeddingsRequest, embedRequest } from './embed.ts';
import { namedModel } from './fields.ts';
import { generateRequest } from './generate.ts';
import { pullRequest } from './pull.ts';
import { ollamaVersion } from './version.ts';

const model = 'model1.rkllm';
const listed = 'model1:latest';
const time = '2025-01-12T10:00:00.000Z';
const beginning = { model, created_at: time };
const ending = {
  done: true,
  done_reason: 'stop',
  total_duration: 1_500_000_000,
  load_duration: 0,
  prompt_eval_count: 14,
  prompt_eval_duration: 200_000_000,
  eval_count: 5,
  eval_duration: 1_300_000_000,
};
const details = {
  parent_model: '',
  format: 'rkllm',
  family: 'qwen2',
  families: ['qwen2'],
  parameter_size: '1.5B',
  quantization_level: 'w8a8',
};
const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const lines = (...objects: readonly object[]) =>
  objects.map((each) => `${JSON.stringify(each)}\n`).join('');
const message = (content: string) => ({ message: { role: 'assistant', content } });
const streaming =
  'Options that are left out are as the model is set. Durations are nanoseconds. An error before the first line has a status; a later one is the ' +
  'last line. The header X-Rkllama-Unsupported names options without effect.';
const progress = {
  'application/json': { status: 'success' },
  'application/x-ndjson': lines({ status: 'success' }),
};

/** What `/api-docs` says of the routes of this API; `docs/OLLAMA.md` says more. */
export const descriptions = {
  chat: {
    summary: 'Answers a conversation',
    notes: streaming,
    request: {
      schema: chatRequest,
      example: { model, messages: [{ role: 'user', content: 'Hello, how are you?' }] },
    },
    answers: {
      'application/json': { ...beginning, ...message('I am fine.'), ...ending },
      'application/x-ndjson': lines(
        { ...beginning, ...message('I am fine.'), done: false },
        { ...beginning, ...message(''), ...ending },
      ),
    },
  },
  generate: {
    summary: 'Answers a prompt',
    notes: streaming,
    request: { schema: generateRequest, example: { model, prompt: 'Why is the sky blue?' } },
    answers: {
      'application/json': { ...beginning, response: 'Because.', ...ending },
      'application/x-ndjson': lines(
        { ...beginning, response: 'Because.', done: false },
        { ...beginning, response: '', ...ending },
      ),
    },
  },
  embed: {
    summary: 'Gives a vector of length 1 for each text',
    request: { schema: embedRequest, example: { model, input: ['first text', 'second text'] } },
    answers: {
      'application/json': {
        model,
        embeddings: [[0.6, 0.8]],
        total_duration: 50_000_000,
        load_duration: 0,
        prompt_eval_count: 4,
      },
    },
  },
  embeddings: {
    summary: 'Gives the vector of one text, as the first clients ask for it',
    request: { schema: embeddingsRequest, example: { model, prompt: 'a text' } },
    answers: { 'application/json': { embedding: [0.6, 0.8] } },
  },
  tags: {
    summary: 'Lists the models on disk',
    answers: {
      'application/json': {
        models: [
          { name: listed, model: listed, modified_at: time, size: 1_842_000_000, digest, details },
        ],
      },
    },
  },
  ps: {
    summary: 'Lists the models in memory',
    answers: {
      'application/json': {
        models: [
          {
            name: listed,
            model: listed,
            size: 1_842_000_000,
            digest,
            details,
            expires_at: time,
            size_vram: 1_842_000_000,
            context_length: 4096,
          },
        ],
      },
    },
  },
  version: {
    summary: 'Tells the version of Ollama whose API this is',
    answers: { 'application/json': { version: ollamaVersion } },
  },
  show: {
    summary: 'Tells what is known of a model',
    notes:
      'Does not load it. Where it cannot be loaded, `problem` says why, here and in /api/tags.',
    request: { schema: namedModel, example: { model } },
    answers: {
      'application/json': {
        license: '',
        modelfile: 'FROM model1.rkllm\n',
        parameters: '',
        template: '',
        details,
        messages: [],
        model_info: { 'general.architecture': 'qwen2', 'qwen2.context_length': 4096 },
        capabilities: ['completion'],
        modified_at: time,
      },
    },
  },
  pull: {
    summary: 'Downloads a model from Hugging Face or ModelScope',
    notes: 'The download goes on when the client leaves.',
    request: { schema: pullRequest, example: { model: 'username/repo/file.rkllm' } },
    answers: progress,
  },
  create: {
    summary: 'Makes a model on top of one on disk',
    request: {
      schema: createRequest,
      example: {
        model: 'pirate',
        from: model,
        system: 'You are a pirate.',
        parameters: { temperature: 0.7 },
      },
    },
    answers: progress,
  },
  copy: {
    summary: 'Gives a model a second name, which takes no room',
    request: { schema: copyRequest, example: { source: model, destination: 'second-name' } },
    answers: {},
  },
  remove: {
    summary: 'Deletes a model from disk',
    notes: 'It is unloaded first.',
    request: { schema: namedModel, example: { model } },
    answers: {},
    destroys: true,
  },
  push: { summary: 'Refused: there is no registry to push to', answers: null },
  blobs: { summary: 'Refused: GGUF and safetensors files do not run on the NPU', answers: null },
} as const satisfies Record<string, RouteDescription>;
