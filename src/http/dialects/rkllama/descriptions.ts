import type { RouteDescription } from '../../route-description.ts';
import { type Answer, answerObject } from './answer.ts';
import { generateRequest, namedModel, pullRequest } from './schemas.ts';
import { texts } from './texts.ts';

const model = 'model1.rkllm';
const named = { schema: namedModel, example: { model_name: model } };
const created = 1_736_675_000;
const usage = (completionTokens: number): Answer['usage'] => ({
  prompt_tokens: 14,
  completion_tokens: completionTokens,
  total_tokens: 14 + completionTokens,
  tokens_per_second: 16.7,
});
const step = {
  ...answerObject(created, 'I am', null, usage(2)),
  usage: { ...usage(2), prompt_tokens: null, total_tokens: null },
};

/** What `/api-docs` says of the routes of this API; `docs/API.md` says more. */
export const descriptions = {
  welcome: {
    summary: 'Welcomes',
    answers: { 'application/json': { message: texts.welcome, github: texts.github } },
  },
  models: {
    summary: 'Lists the models on disk',
    answers: { 'application/json': { models: [model, 'model2.rkllm'] } },
  },
  loadModel: {
    summary: 'Loads a model',
    notes: 'One model at a time: unload the other one first. Answers when the model is ready.',
    request: named,
    answers: { 'application/json': { message: texts.loaded(model) } },
  },
  unloadModel: {
    summary: 'Unloads a model, or without a name all',
    notes: 'Generations in progress end at once.',
    request: named,
    answers: { 'application/json': { message: texts.unloaded } },
  },
  unloadModels: {
    summary: 'Unloads all models',
    answers: { 'application/json': { message: texts.allUnloaded } },
  },
  currentModel: {
    summary: 'Names the model that was loaded last',
    notes: '404 when none is loaded.',
    answers: { 'application/json': { model_name: model } },
  },
  currentModels: {
    summary: 'Lists the models in memory',
    answers: {
      'application/json': {
        models: [
          {
            name: model,
            model,
            size: 1_842_000_000,
            details: { format: 'rkllm' },
            loaded_at: '2025-01-12T10:00:00.000Z',
            expires_at: null,
            context_length: 4096,
            state: 'ready',
          },
        ],
      },
    },
  },
  generate: {
    summary: 'Generates an answer with a loaded model',
    notes:
      'A stream has one object per token, each followed by two newlines; a lone newline is a sign of life. ' +
      'What is left out is the setting of the model. The header X-Rkllama-Unsupported names options ' +
      'that the runtime cannot honour.',
    request: {
      schema: generateRequest,
      example: { messages: 'Hello, how are you?', stream: true },
    },
    answers: {
      'application/json': answerObject(created, 'I am fine.', 'stop', usage(5)),
      'text/plain': `${JSON.stringify(step)}\n\n`,
    },
  },
  pull: {
    summary: 'Downloads a model from Hugging Face or ModelScope',
    notes: 'A line per percent. The download goes on when the client leaves.',
    request: { schema: pullRequest, example: { model: 'hf/username/repo/file.rkllm' } },
    answers: { 'text/plain': 'Downloading file.rkllm (1842.10 MB)...\n0%\n1%\n100%\n' },
    failures: { 'text/plain': `${texts.pullFailed('There is no repository of that name.')}\n` },
  },
  remove: {
    summary: 'Deletes a model from disk',
    notes: 'It is unloaded first.',
    request: { schema: namedModel, example: { model } },
    answers: { 'application/json': { message: texts.removed } },
    destroys: true,
  },
} as const satisfies Record<string, RouteDescription>;
