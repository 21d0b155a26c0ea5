import type { GuideState } from '../guide/index.ts';

/** All that the guide is sure of from here on; `isLast`: it ends the text. */
export function certainText(start: GuideState): { text: string; isLast: boolean } {
  let text = '';
  let state = start;
  while (state.forced !== '') {
    text += state.forced;
    state = state.accept(state.forced).state;
  }
  return { text, isLast: state.ended };
}
