import type { ChatEnding } from '../api/chat.ts';

const nanoseconds = 1e9;
/** A model that was in memory needs some microseconds. */
const worthTelling = 1e7;

/** `12 tokens in 0.8 s, 15.0 tok/s; prompt 230 tokens in 1.1 s; load 4.2 s; total 6.1 s`. */
export function speedLine(ending: ChatEnding): string {
  const { eval_count, eval_duration, load_duration, prompt_eval_count: promptTokens } = ending;
  const seconds = eval_duration / nanoseconds;
  const speed = seconds > 0 ? `, ${(eval_count / seconds).toFixed(1)} tok/s` : '';
  const prompt = promptTokens === undefined ? 'prompt' : `prompt ${promptTokens} tokens`;
  return [
    `${eval_count} tokens in ${secondsText(eval_duration)}${speed}`,
    `${prompt} in ${secondsText(ending.prompt_eval_duration)}`,
    ...(load_duration >= worthTelling ? [`load ${secondsText(load_duration)}`] : []),
    `total ${secondsText(ending.total_duration)}`,
  ].join('; ');
}

function secondsText(duration: number): string {
  const seconds = duration / nanoseconds;
  return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
}
