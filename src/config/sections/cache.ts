import { path, wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const cache = {
  promptCache: setting({
    key: 'cache.folder',
    environment: ['RKLLAMA_PROMPT_CACHE'],
    flag: 'prompt-cache',
    title: 'Folder of computed prompts',
    description:
      'Left out, it is cache/prompts/ in the folder of the appliance. What was said can be read ' +
      'out of its files; one daemon uses it at a time.',
    kind: path,
    fallback: undefined,
    example: '/mnt/nvme/prompts',
    reload: 'restart',
  }),
  promptCacheMib: setting({
    key: 'cache.size_mib',
    environment: ['RKLLAMA_PROMPT_CACHE_MIB'],
    flag: 'prompt-cache-mib',
    title: 'Room for computed prompts, in MiB',
    description:
      '0 keeps none. Left out, it is 2048, and no more than a tenth of the room that is free.',
    kind: wholeNumber(0, 16_777_216),
    fallback: undefined,
    example: 8192,
    reload: 'restart',
  }),
};
