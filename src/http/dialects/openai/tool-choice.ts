import * as z from 'zod';
import type { GenerationOptions, Tool } from '../../../engine/index.ts';
import { ParameterError } from './errors.ts';

const named = z.looseObject({ name: z.string() });
const one = z
  .looseObject({
    type: z.literal('function'),
    function: named.optional(),
    name: z.string().optional(),
  })
  .transform(({ function: wanted, name }, context) => {
    const found = wanted?.name ?? name;
    if (found !== undefined) return { kind: 'one' as const, name: found };
    context.addIssue({ code: 'custom', message: 'expected the name of a function' });
    return z.NEVER;
  });
const several = z
  .looseObject({
    type: z.literal('allowed_tools'),
    allowed_tools: z.looseObject({
      mode: z.enum(['auto', 'required']),
      tools: z.array(one).min(1),
    }),
  })
  .transform(({ allowed_tools: { mode, tools } }) => ({
    kind: 'several' as const,
    mode,
    names: tools.map(({ name }) => name),
  }));

/** `any` is Mistral's word for `required`. */
export const toolChoice = z.union([z.enum(['auto', 'none', 'required', 'any']), one, several], {
  error: 'expected "auto", "none", "required", or a function by its name',
});

type ToolChoice = z.output<typeof toolChoice>;

/** The tools that the model is told of, and whether it has to call one. */
export function toolFields(
  tools: readonly Tool[],
  choice: ToolChoice | null | undefined,
): Pick<GenerationOptions, 'tools' | 'toolChoice'> {
  if (!choice || choice === 'auto') return tools.length > 0 ? { tools } : {};
  if (choice === 'none') return tools.length > 0 ? { tools, toolChoice: 'none' } : {};
  if (tools.length === 0) refuse('A tool cannot be chosen where there are no tools.');
  if (typeof choice === 'string') return { tools, toolChoice: 'required' };
  if (choice.kind === 'one') {
    assertKnown(tools, [choice.name]);
    return { tools, toolChoice: { name: choice.name } };
  }
  assertKnown(tools, choice.names);
  const allowed = tools.filter(({ name }) => choice.names.includes(name));
  return { tools: allowed, toolChoice: choice.mode };
}

function assertKnown(tools: readonly Tool[], names: readonly string[]): void {
  const unknown = names.find((wanted) => !tools.some(({ name }) => name === wanted));
  if (unknown !== undefined) refuse(`There is no function ${unknown} among the tools.`);
}

function refuse(words: string): never {
  throw new ParameterError('invalid_request', 'tool_choice', `tool_choice: ${words}`);
}
