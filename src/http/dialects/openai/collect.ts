import type { Generation, ToolCall } from '../../../engine/index.ts';
import { withoutResult } from '../../answer-stream.ts';
import { type AnswerOptions, envelope } from './answer.ts';
import { type Choice, wireFinishReason } from './shape.ts';
import { Tally } from './usage.ts';

/** The whole answer as one object: the same events as a stream's, collected. */
export async function collectAnswer(
  generation: Generation,
  options: AnswerOptions,
): Promise<object> {
  const head = envelope(generation, options, false);
  const tally = new Tally(options.choicesPerPrompt);
  const choices: Choice[] = [];
  let draft = emptyDraft();
  for await (const batch of generation.events) {
    for (const event of batch) {
      if (event.type === 'text') draft.text += event.text;
      else if (event.type === 'reasoning') draft.reasoning += event.text;
      else if (event.type === 'tool_call') draft.calls.push(event.call);
      else {
        tally.add(event);
        const calls = options.oneCall ? draft.calls.slice(0, 1) : draft.calls;
        const finishReason = wireFinishReason(event.finishReason);
        choices.push({ ...draft, calls, index: event.choice, finishReason });
        draft = emptyDraft();
      }
    }
  }
  if (choices.length < options.choices) throw withoutResult();
  return {
    ...head,
    choices: choices.map(options.shape.whole),
    usage: tally.usage(),
    ...tally.extras(),
  };
}

function emptyDraft(): { text: string; reasoning: string; calls: ToolCall[] } {
  return { text: '', reasoning: '', calls: [] };
}
