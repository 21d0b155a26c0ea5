/** What a check says. */
import type { Facts } from './facts.ts';

export type Verdict = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Finding {
  verdict: Verdict;
  /** One sentence. */
  words: string;
  /** The command, or the step, that mends it; null where nothing is to be done. */
  remedy: string | null;
}

export interface Check {
  id: string;
  title: string;
  judge(facts: Facts): Finding;
}

export interface Checked extends Finding {
  id: string;
  title: string;
}

export function ok(words: string, remedy: string | null = null): Finding {
  return { verdict: 'ok', words, remedy };
}

export function warn(words: string, remedy: string): Finding {
  return { verdict: 'warn', words, remedy };
}

export function fail(words: string, remedy: string): Finding {
  return { verdict: 'fail', words, remedy };
}

/** What cannot be known, or does not matter here; `remedy` is how to know more. */
export function skipped(words: string, remedy: string | null = null): Finding {
  return { verdict: 'skipped', words, remedy };
}
