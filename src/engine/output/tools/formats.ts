/** How model families write their calls: the tags, and what may stand without any. */

export interface ToolFormat {
  /** Tags that a call begins behind. */
  readonly openers: readonly string[];
  /** Tags that a call begins with, its name in them. */
  readonly namedOpeners: readonly string[];
  readonly closers: readonly string[];
  /** Whether `name(...)` or `name` before `{...}` is a call where the output begins. */
  readonly bareNames: boolean;
}

type Tags = Partial<Pick<ToolFormat, 'openers' | 'namedOpeners' | 'closers'>>;

/** Qwen 2.5 and 3, Hermes, SmolLM3, GLM-4.5; and the tags that small ones take for these. */
const hermes: Tags = {
  openers: ['<tool_call>', '<tools>', '<tool_calls>', '<function_call>', '<function_calls>'],
  closers: ['</tool_call>', '</tools>', '</tool_calls>', '</function_call>', '</function_calls>'],
};
/** Llama 3.x with custom functions, Qwen3-Coder, Seed-OSS, MiniMax. */
const functionTags: Tags = {
  openers: ['<seed:tool_call>', '<minimax:tool_call>'],
  namedOpeners: ['<function=', '<function name=', '<invoke name='],
  closers: ['</function>', '</invoke>', '</seed:tool_call>', '</minimax:tool_call>'],
};
const llama: Tags = { openers: ['<|python_tag|>'], closers: ['<|eom_id|>', '<|eot_id|>'] };
const mistral: Tags = { openers: ['[TOOL_CALLS]'], closers: ['[/TOOL_CALLS]'] };
const gemma: Tags = {
  // Gemma 4, FunctionGemma; Gemma 3 has no tags, and is asked for a fence.
  openers: ['<|tool_call>', '<start_function_call>', '```tool_code', '```tool_call'],
  closers: ['<tool_call|>', '<end_function_call>', '<start_function_response>', '<|tool_response>'],
};
const deepseek: Tags = {
  openers: ['<｜tool▁calls▁begin｜>', '<｜tool▁call▁begin｜>'],
  closers: ['<｜tool▁call▁end｜>', '<｜tool▁calls▁end｜>'],
};
/** Phi-4-mini; Granite 3 without an end. */
const phi: Tags = {
  openers: ['<|tool_call|>', '<|tool_calls|>'],
  closers: ['<|/tool_call|>', '</|tool_call|>', '<|/tool_calls|>'],
};
const internlm: Tags = { openers: ['<|action_start|>'], closers: ['<|action_end|>'] };
/** MiniCPM 3 and 4, LFM2: Python's notation between tags. */
const minicpm: Tags = { openers: ['<|tool_call_start|>'], closers: ['<|tool_call_end|>'] };
const cohere: Tags = { openers: ['<|START_ACTION|>'], closers: ['<|END_ACTION|>'] };
const nemotron: Tags = { openers: ['<TOOLCALL>'], closers: ['</TOOLCALL>'] };
const kimi: Tags = {
  openers: ['<|tool_calls_section_begin|>', '<|tool_call_begin|>'],
  closers: ['<|tool_call_end|>', '<|tool_calls_section_end|>'],
};
const harmony: Tags = {
  openers: [
    '<|channel|>commentary to=',
    '<|start|>assistant to=',
    '<|start|>assistant<|channel|>commentary to=',
  ],
  closers: ['<|call|>'],
};

const everything = format(
  [hermes, functionTags, llama, mistral, gemma, deepseek, phi, internlm, minicpm].concat([
    cohere,
    nemotron,
    kimi,
    harmony,
  ]),
  true,
);

/** By family, tried in order. What every model may write, tagged or not, comes with each. */
const families: readonly [RegExp, ToolFormat][] = [
  [/deepseek/i, format([deepseek], false)],
  [/qwen|qwq|hermes|smollm|exaone/i, format([], false)],
  [/llama|tinyllama|zephyr/i, format([llama], true)],
  [/mistral|ministral|mixtral|magistral|devstral/i, format([mistral], false)],
  [/gemma/i, format([gemma], true)],
  [/phi|granite/i, format([phi], false)],
  [/internlm|internvl/i, format([internlm], false)],
  [/minicpm|lfm/i, format([minicpm], true)],
];

/** The format of a family or model by its name; where that tells nothing, every format at once. */
export function toolFormatOf(family: string): ToolFormat {
  return families.find(([pattern]) => pattern.test(family))?.[1] ?? everything;
}

/** The given tags, and those that models of every family write. */
function format(own: readonly Tags[], bareNames: boolean): ToolFormat {
  const all = [...new Set([hermes, functionTags, ...own])];
  return {
    openers: all.flatMap(({ openers = [] }) => openers),
    namedOpeners: all.flatMap(({ namedOpeners = [] }) => namedOpeners),
    closers: all.flatMap(({ closers = [] }) => closers),
    bareNames,
  };
}
