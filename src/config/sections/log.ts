import { oneOf } from '../kinds.ts';
import { setting } from '../setting.ts';

export const log = {
  logLevel: setting({
    key: 'log.level',
    environment: ['RKLLAMA_LOG_LEVEL'],
    flag: 'log-level',
    title: 'How much is logged',
    description: 'Prompts and answers never are.',
    kind: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
    reload: 'live',
  }),
};
