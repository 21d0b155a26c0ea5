/** What the daemon and the thread that writes prompts say to each other. */
import * as z from 'zod';
import type { Conversation } from './chat-format.ts';
import type { AnswerPiece } from './prompt-writer.ts';
import type { Frame } from './text-tokenizer.ts';

export type ThreadRequest =
  | { type: 'open' }
  | { type: 'load' }
  | { type: 'write'; conversation: Conversation; kind: 'tokens' | 'text' }
  | { type: 'encode'; text: string; frame: Frame }
  | { type: 'extend'; pieces: readonly AnswerPiece[] };

const ids = z.custom<Int32Array<ArrayBuffer>>((value) => value instanceof Int32Array).nullable();
const warnings = z.array(z.string());

export const descriptionSchema = z.object({
  family: z.string(),
  templateSource: z.enum(['modelfile', 'tokenizer', 'family']),
  traits: z.object({
    system: z.boolean(),
    tools: z.boolean(),
    vision: z.boolean(),
    thinking: z.boolean(),
    calls: z.object({
      arguments: z.enum(['object', 'text']),
      empty: z.literal('').nullable(),
    }),
  }),
  warnings,
});

export const writtenSchema = z.object({
  text: z.string(),
  thinkingOpened: z.boolean(),
  ids,
  count: z.number().nullable(),
  stable: z.number(),
  warnings,
});

export const encodedSchema = z.object({ ids });

export const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('done'), value: z.unknown() }),
  /** The template said no to the messages. */
  z.object({ type: z.literal('refused'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
export type ThreadReport = z.infer<typeof reportSchema>;
