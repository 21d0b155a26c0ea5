import { ParameterError } from './errors.ts';

/**
 * Fields of OpenAI's API (and of servers like it) that an NPU's runtime cannot honour. A field that
 * clients send by default, or that changes nothing in the answer, is accepted; one whose absence
 * the client would take for an answer is refused. What is not listed here is honoured, or unknown
 * and ignored. `docs/OPENAI.md` repeats the table for users; a test compares the two.
 */
export interface Parameter {
  name: string;
  /** `ignored`: means nothing on a board. `reported`: no effect, and a header says so. */
  effect: 'refused' | 'reported' | 'ignored';
  why: string;
  /** Values besides null, false, 0 and empty ones that ask for nothing. */
  neutral?: (value: unknown, body: Body) => boolean;
}

type Body = Readonly<Record<string, unknown>>;

const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const noLogits = 'The runtime gives no probabilities of the tokens that it generates.';
const useSchema = 'What can be guaranteed is JSON: use response_format with a schema.';
const textOnly = 'This server answers with text.';
const useTools = "It is OpenAI's old form. Use tools and tool_choice.";
const fixedSampler = "The runtime's sampler does not have it.";
const noUse = 'A board has no use for it.';

export const parameters: readonly Parameter[] = [
  { name: 'logprobs', effect: 'refused', why: noLogits },
  { name: 'top_logprobs', effect: 'refused', why: noLogits },
  { name: 'logit_bias', effect: 'refused', why: "The runtime's sampler takes no biases." },
  { name: 'grammar', effect: 'refused', why: useSchema },
  { name: 'guided_grammar', effect: 'refused', why: useSchema },
  { name: 'guided_regex', effect: 'refused', why: useSchema },
  { name: 'guided_choice', effect: 'refused', why: useSchema },
  { name: 'functions', effect: 'refused', why: useTools },
  { name: 'function_call', effect: 'refused', why: useTools, neutral: oneOf('auto', 'none') },
  {
    name: 'modalities',
    effect: 'refused',
    why: textOnly,
    neutral: (value) => Array.isArray(value) && value.every(oneOf('text')),
  },
  { name: 'audio', effect: 'refused', why: textOnly },
  { name: 'web_search_options', effect: 'refused', why: 'A board does not search the web.' },
  { name: 'suffix', effect: 'refused', why: 'The runtime cannot fill in the middle.' },
  {
    name: 'best_of',
    effect: 'refused',
    why: 'Without probabilities there is no best answer to choose.',
    neutral: (value, { n }) => value === (n ?? 1) || value === 1,
  },
  { name: 'seed', effect: 'reported', why: 'The runtime draws with a seed of its own.' },
  { name: 'min_p', effect: 'reported', why: fixedSampler },
  { name: 'top_a', effect: 'reported', why: fixedSampler },
  { name: 'typical_p', effect: 'reported', why: fixedSampler, neutral: oneOf(1) },
  { name: 'verbosity', effect: 'reported', why: 'No model for these boards has this switch.' },
  { name: 'user', effect: 'ignored', why: noUse },
  { name: 'safety_identifier', effect: 'ignored', why: noUse },
  { name: 'prompt_cache_key', effect: 'ignored', why: 'A prefix is found by its tokens.' },
  { name: 'cache_prompt', effect: 'ignored', why: 'A prefix is found by its tokens.' },
  { name: 'id_slot', effect: 'ignored', why: noUse },
  { name: 'metadata', effect: 'ignored', why: 'Nothing is stored.' },
  { name: 'store', effect: 'ignored', why: 'Nothing is stored.' },
  { name: 'service_tier', effect: 'ignored', why: noUse },
  { name: 'prediction', effect: 'ignored', why: 'It would only make the answer faster.' },
  {
    name: 'transforms',
    effect: 'ignored',
    why: 'A conversation that is too long is shortened in any case.',
  },
  { name: 'provider', effect: 'ignored', why: 'There is one provider, this board.' },
  { name: 'route', effect: 'ignored', why: 'Whoever lists models wants the next one tried.' },
];

/** Throws for the first field that cannot be ignored; returns those that had to be. */
export function checkParameters(body: Body): readonly string[] {
  const asked = parameters.filter((parameter) => asksFor(parameter, body));
  const refused = asked.find(({ effect }) => effect === 'refused');
  if (refused) {
    throw new ParameterError(
      'unsupported',
      refused.name,
      `${refused.name}: ${refused.why} Leave the field out.`,
    );
  }
  return asked.filter(({ effect }) => effect === 'reported').map(({ name }) => name);
}

function asksFor({ name, neutral }: Parameter, body: Body): boolean {
  const value = body[name];
  if (name === 'seed') return value !== undefined && value !== null;
  return !isEmpty(value) && !neutral?.(value, body);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return !value;
}
