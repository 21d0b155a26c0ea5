import { createContext, Script } from 'node:vm';

/** What the script runs. */
const current: { work: () => boolean } = { work: () => false };
let watched: ((limitMs: number) => unknown) | undefined;

/**
 * The result of `work`, which must not be asynchronous. Throws what `work` throws, and an error of
 * Node's where it takes longer than `limitMs`.
 */
export function withinTime(limitMs: number, work: () => boolean): boolean {
  watched ??= watchedScript();
  current.work = work;
  try {
    return watched(limitMs) === true;
  } finally {
    current.work = () => false;
  }
}

/** Only a script can be ended from outside. One for all: a context takes 150 kB. */
function watchedScript(): (limitMs: number) => unknown {
  const context = createContext(current);
  const script = new Script('work()');
  return (timeout) => script.runInContext(context, { timeout });
}
