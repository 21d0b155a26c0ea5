import type { GuideState } from '../../../src/engine/guide/index.ts';
import type { Random } from '../../support/random.ts';
import { pick } from './random-schema.ts';

/** What models write, and what nobody should. */
const pieces = [
  ...'{}[]",:\\/-+.0123456789eEu abcdefnrtx\n\t',
  'true',
  'false',
  'null',
  '": ',
  '", "',
  '\n  ',
  '\\n',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\u0041',
  'é',
  '😀',
  '\u0000',
  '\ud83d',
  'name',
  '2024-02-29',
  '12:30:00Z',
  'light.kitchen',
  '1.50',
  '1e5',
  '"a"',
  '```json\n',
  '<tool_call>',
];

/** Writes along a guide until a random moment or its end, and hands every state to `visit`. */
export function randomWalk(
  random: Random,
  start: GuideState,
  visit: (text: string, state: GuideState) => void,
): void {
  let state = start;
  let text = '';
  const steps = Math.floor(random() * 60);
  for (let step = 0; step < steps && !state.ended; step += 1) {
    const next = propose(random, state);
    const { state: after, accepted } = state.accept(next);
    text += next.slice(0, accepted);
    state = after;
    visit(text, state);
  }
}

function propose(random: Random, state: GuideState): string {
  const dice = random();
  if (dice < 0.3) return state.forced;
  if (dice < 0.5) return state.closing().slice(0, 1 + Math.floor(random() * 4));
  const length = 1 + Math.floor(random() * 3);
  return Array.from({ length }, () => pick(random, pieces)).join('');
}
