/** What an answer is guaranteed to be: a JSON document, a call of a tool, or either. */
import * as z from 'zod';
import { ApplianceError } from '../../errors.ts';
import { anyObject, choice, compileGuide, type Guide, literal, sequence } from '../guide/index.ts';
import type { AnswerFormat, GenerationRequest, Tool, ToolCall } from '../types.ts';
import { type CallFrame, callFrameOf, tagged } from './call-frame.ts';
import { FormRefusal } from './form-refusal.ts';
import { withSchema } from './schema-note.ts';

export interface Form {
  /** @param family how the model writes calls: a name of `prompt/families/` */
  guideFor(family: string): Guide;
  /** Whether a text that is, or begins, the answer is a call. */
  isCall(text: string): boolean;
  /** The call that a whole text is. */
  callIn(text: string): ToolCall;
  /** The request with what the model has to know of the form. */
  told(request: GenerationRequest): GenerationRequest;
}

/** Throws `FormRefusal`. Null where the answer is free. */
export async function formOf(request: GenerationRequest): Promise<Form | null> {
  const { format, tools = [], toolChoice = 'auto' } = request;
  assertPossible(request);
  const callable = toolChoice === 'none' ? [] : chosen(tools, toolChoice);
  const mustCall = callable.length > 0 && toolChoice !== 'auto';
  if (mustCall) return callForm(await callGuides(callable));
  if (!format) return null;
  const document = await documentGuide(format);
  const told = (asked: GenerationRequest) => withSchema(asked, format);
  const form = { callIn, told, guideFor: () => document, isCall: () => false };
  if (callable.length === 0) return form;
  const calls = await callGuides(callable);
  // The tags tell a call from a document at its first character.
  const either = choice(document, framed(tagged, calls));
  return { ...form, guideFor: () => either, isCall: (text) => text.trimStart().startsWith('<') };
}

function callForm(calls: readonly CallGuide[]): Form {
  return {
    guideFor: (family) => framed(callFrameOf(family), calls),
    isCall: () => true,
    callIn,
    told: (request) => request,
  };
}

interface CallGuide {
  name: string;
  parameters: Guide;
}

function callGuides(tools: readonly Tool[]): Promise<CallGuide[]> {
  return Promise.all(
    tools.map(async ({ name, parameters }) => {
      try {
        return { name, parameters: await compileGuide({ type: 'object', ...parameters }) };
      } catch (error) {
        throw refused('tools', `The parameters of the tool ${name}: `, error);
      }
    }),
  );
}

async function documentGuide(format: AnswerFormat): Promise<Guide> {
  if (format.type === 'object') return anyObject;
  try {
    return await compileGuide(format.schema);
  } catch (error) {
    throw refused('format', '', error);
  }
}

function framed({ open, close, argumentsKey }: CallFrame, calls: readonly CallGuide[]): Guide {
  const alternatives = calls.map(({ name, parameters }) =>
    sequence(
      literal(`${open}{"name": ${JSON.stringify(name)}, "${argumentsKey}": `),
      parameters,
      literal(`}${close}`),
    ),
  );
  return choice(...alternatives);
}

const callSchema = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});

function callIn(text: string): ToolCall {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  const { name, arguments: given, parameters } = callSchema.parse(JSON.parse(json));
  return { name, arguments: given ?? parameters ?? {} };
}

function chosen(tools: readonly Tool[], choice: GenerationRequest['toolChoice']): readonly Tool[] {
  if (typeof choice !== 'object') return tools;
  const found = tools.filter(({ name }) => name === choice.name);
  if (found.length > 0) return found;
  throw new FormRefusal(
    'toolChoice',
    `The tool ${choice.name} is to be called, but it is not among the tools of the request.`,
  );
}

function assertPossible({ keepHistory }: GenerationRequest): void {
  if (!keepHistory) return;
  throw new FormRefusal(
    'format',
    'A conversation that the runtime keeps itself cannot have answers of a guaranteed form.',
  );
}

/** `subject`: where in the request the schema is, if not everywhere. */
function refused(field: FormRefusal['field'], subject: string, error: unknown): unknown {
  if (!(error instanceof ApplianceError)) return error;
  return new FormRefusal(field, subject + error.message, error);
}
