import type { GenerationEvent } from '../../../engine/index.ts';
import type { ApplianceError } from '../../../errors.ts';
import type { AnswerEncoder } from '../../answer-stream.ts';
import { answerObject } from './answer.ts';
import { UsageMeter } from './usage.ts';

/**
 * Turns event batches into the bytes of a streamed `/generate`: one JSON object and two newlines
 * per token. Only the text goes through JSON.stringify; all else is prebuilt, once per answer or
 * once per batch. Tokens that complete no character are counted and not written.
 */
export class StreamEncoder implements AnswerEncoder {
  readonly headers = { 'Content-Type': 'text/plain; charset=utf-8' };
  readonly #created: number;
  readonly #beforeText: string;
  readonly #meter = new UsageMeter();
  #finished = false;

  constructor(created: number) {
    this.#created = created;
    this.#beforeText = `{"id":"rkllm_chat","object":"rkllm_chat","created":${created},"choices":[{"role":"assistant","content":`;
  }

  /** True once the generation's result has been encoded. */
  get finished(): boolean {
    return this.#finished;
  }

  encode(batch: readonly GenerationEvent[], nowMs: number): string {
    let tokens = this.#meter.tokens;
    this.#meter.count(tokensOf(batch), nowMs);
    const afterCount = `,"total_tokens":null,"tokens_per_second":${this.#meter.tokensPerSecond(nowMs)}}}\n\n`;
    let out = '';
    for (const event of batch) {
      if (event.type === 'text') {
        tokens += event.tokens;
        if (event.text !== '') {
          out += `${this.#beforeText}${JSON.stringify(event.text)}${afterText}${tokens}${afterCount}`;
        }
      } else if (event.type === 'done') {
        this.#finished = true;
        const usage = this.#meter.final(event, nowMs);
        out += framed(answerObject(this.#created, '', event.finishReason, usage));
      }
    }
    return out;
  }

  /** Clients of this API split into lines and skip blank ones: a newline is a safe sign of life. */
  heartbeat(): string {
    return '\n';
  }

  /** The last object of an answer that failed on its way. */
  encodeError({ message }: ApplianceError, nowMs: number): string {
    const usage = this.#meter.running(nowMs);
    return framed({ ...answerObject(this.#created, '', 'error', usage), error: message });
  }
}

function tokensOf(batch: readonly GenerationEvent[]): number {
  return batch.reduce((sum, event) => (event.type === 'text' ? sum + event.tokens : sum), 0);
}

const afterText =
  ',"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":null,"completion_tokens":';

function framed(value: object): string {
  return `${JSON.stringify(value)}\n\n`;
}
