import type { Generation } from '../../../engine/index.ts';
import { withoutResult } from '../../answer-stream.ts';
import { type Answer, answerObject, unixSeconds } from './answer.ts';
import { UsageMeter } from './usage.ts';

/** The whole answer as one object: the same events as a stream's, collected. */
export async function collectAnswer(generation: Generation): Promise<Answer> {
  const created = unixSeconds();
  const meter = new UsageMeter();
  let text = '';
  let answer: Answer | undefined;
  for await (const batch of generation.events) {
    const nowMs = performance.now();
    for (const event of batch) {
      if (event.type === 'text') {
        text += event.text;
        meter.count(event.tokens, nowMs);
      } else if (event.type === 'done') {
        answer = answerObject(created, text, event.finishReason, meter.final(event, nowMs));
      }
    }
  }
  if (answer) return answer;
  throw withoutResult();
}
