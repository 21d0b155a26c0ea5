import { randomBytes } from 'node:crypto';
import type { Generation } from '../../../engine/index.ts';
import type { Shape } from './shape.ts';

/** What is asked of an answer, beside its text. */
export interface AnswerOptions {
  shape: Shape;
  /** Over all prompts. */
  choices: number;
  choicesPerPrompt: number;
  /** Passes on only the first call of each choice. */
  oneCall: boolean;
  /** In a stream: a last chunk with the token counts. */
  includeUsage: boolean;
  /** Version of the runtime. */
  runtime: string | undefined;
}

/** What every object of one answer says alike. */
export interface Envelope {
  id: string;
  object: string;
  /** Unix seconds. */
  created: number;
  model: string;
  system_fingerprint: string;
}

export function envelope(
  { model }: Generation,
  { shape, runtime }: AnswerOptions,
  streamed: boolean,
): Envelope {
  return {
    id: `${shape.idPrefix}${randomBytes(12).toString('hex')}`,
    object: streamed ? shape.chunkObject : shape.object,
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: `fp_rkllm_${runtime ?? 'unknown'}`,
  };
}
