import { wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const queue = {
  queueLimit: setting({
    key: 'queue.limit',
    environment: ['RKLLAMA_QUEUE_LIMIT'],
    flag: 'queue-limit',
    title: 'Most requests that wait for the NPU',
    description: 'One more is answered 503 with a time after which to try again.',
    kind: wholeNumber(0, 100_000),
    fallback: 512,
    reload: 'live',
  }),
  parallel: setting({
    key: 'queue.parallel',
    environment: ['RKLLAMA_PARALLEL'],
    flag: 'parallel',
    title: 'Most models that generate at once',
    description: 'They share the NPU, and each is slower.',
    kind: wholeNumber(1, 15),
    fallback: 1,
    reload: 'restart',
  }),
};
