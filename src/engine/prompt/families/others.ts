/** Families whose formats have no place for tools, and Phi-4-mini. */
import type { Family } from './family.ts';

/**
 * DeepSeek-R1 and its distills. The template opens the thought; with thinking off it closes it
 * again at once. Old thoughts are not shown again.
 */
export const deepseek: Family = {
  name: 'deepseek-r1',
  names: /deepseek/i,
  architectures: ['deepseek2'],
  marker: '<｜User｜>',
  template: String.raw`
{%- for m in messages -%}
  {%- if m.role == 'system' -%}
    {{- m.content -}}
  {%- elif m.role == 'assistant' -%}
    {{- '<｜Assistant｜>' + m.content.split('</think>')[-1] -}}
    {%- for call in m.tool_calls or [] -%}
      {{- '<｜tool▁calls▁begin｜>' if loop.first else '\n' -}}
      {{- '<｜tool▁call▁begin｜>function<｜tool▁sep｜>' + call.function.name + '\n${'```'}json\n' + (call.function.arguments | tojson) + '\n${'```'}<｜tool▁call▁end｜>' -}}
      {{- '<｜tool▁calls▁end｜>' if loop.last else '' -}}
    {%- endfor -%}
    {{- '<｜end▁of▁sentence｜>' -}}
  {%- elif m.role == 'tool' -%}
    {{- '<｜tool▁outputs▁begin｜>' if loop.first or loop.previtem.role != 'tool' else '\n' -}}
    {{- '<｜tool▁output▁begin｜>' + m.content + '<｜tool▁output▁end｜>' -}}
    {{- '<｜tool▁outputs▁end｜>' if loop.last or loop.nextitem.role != 'tool' else '' -}}
  {%- else -%}
    {{- '<｜User｜>' + m.content -}}
  {%- endif -%}
{%- endfor -%}
{{- '<｜Assistant｜>' + ('<think>\n\n</think>\n\n' if enable_thinking is false else '<think>\n') -}}`,
};

/** It has no system role: the system message opens the user's turn. */
export const gemma: Family = {
  name: 'gemma',
  names: /gemma/i,
  architectures: ['gemma', 'gemma2', 'gemma3', 'gemma3n', 'gemma4'],
  marker: '<start_of_turn>user',
  template: String.raw`
{%- for m in messages -%}
  {%- if m.role == 'assistant' -%}
    {{- '<start_of_turn>model\n' + m.content + '<end_of_turn>\n' -}}
  {%- else -%}
    {{- '<start_of_turn>user\n' if loop.first or loop.previtem.role != 'system' else '' -}}
    {{- m.content -}}
    {{- '\n\n' if m.role == 'system' and not loop.last and loop.nextitem.role != 'assistant' else '<end_of_turn>\n' -}}
  {%- endif -%}
{%- endfor -%}
{{- '<start_of_turn>model\n' -}}`,
};

const taggedTurns = (begin: string, end: string, assistant: string) => `
{%- for m in messages -%}
  {{- '<|' + m.role + '|>${begin}' + m.content + '${end}' -}}
{%- endfor -%}
{{- '<|assistant|>${assistant}' -}}`;

export const phi3: Family = {
  name: 'phi-3',
  names: /phi-?3/i,
  architectures: ['phi3'],
  marker: '<|user|>',
  template: taggedTurns('\\n', '<|end|>\\n', '\\n'),
};

export const phi4Mini: Family = {
  name: 'phi-4-mini',
  names: /phi-?4-?mini/i,
  architectures: [],
  marker: '<|user|>',
  template: `
{%- if tools and messages[0].role != 'system' -%}
  {%- set messages = [{ 'role': 'system', 'content': 'You are a helpful assistant with some tools.' }] + messages -%}
{%- endif -%}
{%- for m in messages -%}
  {{- '<|' + ('tool_response' if m.role == 'tool' else m.role) + '|>' + m.content -}}
  {%- if tools and loop.first -%}
    {{- '<|tool|>[' -}}
    {%- for tool in tools -%}{{- (tool.function | tojson) + ('' if loop.last else ', ') -}}{%- endfor -%}
    {{- ']<|/tool|>' -}}
  {%- endif -%}
  {%- if m.tool_calls -%}
    {{- '<|tool_call|>[' -}}
    {%- for call in m.tool_calls -%}
      {{- '{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}' + ('' if loop.last else ', ') -}}
    {%- endfor -%}
    {{- ']<|/tool_call|>' -}}
  {%- endif -%}
  {{- '<|end|>' -}}
{%- endfor -%}
{{- '<|assistant|>' -}}`,
};

export const phi4: Family = {
  name: 'phi-4',
  names: /phi-?4/i,
  architectures: [],
  marker: '<|im_start|>user<|im_sep|>',
  template: `
{%- for m in messages -%}
  {{- '<|im_start|>' + m.role + '<|im_sep|>' + m.content + '<|im_end|>' -}}
{%- endfor -%}
{{- '<|im_start|>assistant<|im_sep|>' -}}`,
};

export const zephyr: Family = {
  name: 'zephyr',
  names: /tinyllama|zephyr/i,
  architectures: [],
  marker: '<|user|>',
  template: taggedTurns('\\n', '</s>\\n', '\\n'),
};

/** MiniCPM 1 and 2. */
export const minicpm: Family = {
  name: 'minicpm',
  names: /minicpm/i,
  architectures: ['minicpm'],
  marker: '<用户>',
  template: `
{%- for m in messages -%}
  {{- m.content if m.role in ['assistant', 'system'] else '<用户>' + m.content + '<AI>' -}}
{%- endfor -%}`,
};

/** The tokenizer puts `[gMASK]sop` before it. */
export const chatglm3: Family = {
  name: 'chatglm3',
  names: /chatglm/i,
  architectures: ['chatglm'],
  marker: '<|user|>\n ',
  template: String.raw`
{%- for m in messages -%}
  {{- '<|' + ('observation' if m.role == 'tool' else m.role) + '|>\n ' + m.content -}}
{%- endfor -%}
{{- '<|assistant|>' -}}`,
};

export const glm4: Family = {
  name: 'glm-4',
  names: /glm-?(?:4|edge)/i,
  architectures: ['glm4'],
  marker: '<|user|>',
  template: String.raw`
{%- for m in messages -%}
  {{- '<|' + ('observation' if m.role == 'tool' else m.role) + '|>\n' + m.content -}}
{%- endfor -%}
{{- '<|assistant|>\n' -}}`,
};
