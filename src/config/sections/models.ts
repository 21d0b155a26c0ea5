import { duration, listOf, path, wholeNumber, yesOrNo } from '../kinds.ts';
import { setting } from '../setting.ts';

export const models = {
  models: setting({
    key: 'models.folder',
    environment: ['RKLLAMA_MODELS'],
    flag: 'models',
    title: 'Folder of the models',
    description: 'Left out, it is models/ in the folder of the appliance.',
    kind: path,
    fallback: undefined,
    example: '/mnt/nvme/models',
    reload: 'restart',
  }),
  contextLength: setting({
    key: 'models.context_length',
    environment: ['RKLLAMA_CONTEXT_LENGTH'],
    flag: 'context-length',
    title: 'Context of a loaded model',
    description:
      'In tokens; less where the model file allows less. More context takes more memory.',
    kind: wholeNumber(32, 262_144),
    fallback: 4096,
    reload: 'restart',
  }),
  keepAlive: setting({
    key: 'models.keep_alive',
    environment: ['RKLLAMA_KEEP_ALIVE'],
    flag: 'keep-alive',
    title: 'How long a model stays loaded',
    description: 'After its last answer: "5m", "1h30m", 300 (seconds), -1 for ever, 0 not at all.',
    kind: duration,
    fallback: '30m',
    reload: 'live',
  }),
  pinned: setting<string[]>({
    key: 'models.pinned',
    environment: ['RKLLAMA_PINNED'],
    flag: 'pinned',
    title: 'Models that stay',
    description: 'They are loaded at the start and never unloaded to make room.',
    kind: listOf('model names'),
    fallback: [],
    example: ['qwen2.5:3b'],
    reload: 'live',
  }),
  embedFlash: setting({
    key: 'models.embed_flash',
    environment: ['RKLLAMA_EMBED_FLASH'],
    flag: 'embed-flash',
    title: 'Embedding table on disk',
    description: 'Read the embedding table from the file on demand; saves memory.',
    kind: yesOrNo,
    fallback: true,
    reload: 'restart',
  }),
};
