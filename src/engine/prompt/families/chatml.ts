/**
 * ChatML (`<|im_start|>role … <|im_end|>`) and what Qwen made of it: tools in Hermes' tags and a
 * switch for thinking. Written after the templates of Qwen2.5-Instruct and Qwen3.
 */
import type { Family } from './family.ts';

interface ChatmlVariant {
  /** The system message of a conversation that brings none. */
  system: string | null;
  /** Tools are listed in the system message; else they are left out. */
  tools: boolean;
  /** Thoughts of the current question are shown again, and `enable_thinking` can turn them off. */
  thinking: boolean;
}

const toolList = String.raw`# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{%- for tool in tools -%}{{ '\n' + (tool | tojson) }}{%- endfor -%}
{{ '\n</tools>\n\n' -}}
For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{{- '\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>' -}}`;

const opening = String.raw`
{%- set first = messages[0] -%}
{%- set system = first.content if first.role == 'system' else default_system -%}
{%- if tools -%}
  {{- '<|im_start|>system\n' + (system + '\n\n' if system is not none else '') -}}
  ${toolList}
  {{- '<|im_end|>\n' -}}
{%- elif system is not none -%}
  {{- '<|im_start|>system\n' + system + '<|im_end|>\n' -}}
{%- endif -%}`;

/** Thoughts belong to the question at hand: they are shown after the last message of a person. */
const lastUserIndex = `
{%- set ns = namespace(question=messages | length - 1) -%}
{%- for m in messages -%}
  {%- if m.role == 'user' and not (m.content.startswith('<tool_response>') and m.content.endswith('</tool_response>')) -%}
    {%- set ns.question = loop.index0 -%}
  {%- endif -%}
{%- endfor -%}`;

const toolCalls = String.raw`
{%- for call in m.tool_calls or [] -%}
  {{- '\n' if not loop.first or content else '' -}}
  {{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\n</tool_call>' -}}
{%- endfor -%}`;

function template({ system, tools, thinking }: ChatmlVariant): string {
  const defaults = `{%- set default_system = ${system === null ? 'none' : `'${system}'`} -%}`;
  const withoutTools = tools ? '' : '{%- set tools = none -%}';
  const thoughts = String.raw`
    {%- set thoughts = m.reasoning_content or '' -%}
    {%- if not thoughts and '</think>' in content -%}
      {%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') -%}
      {%- set content = content.split('</think>')[-1].lstrip('\n') -%}
    {%- endif -%}
    {%- if thoughts and loop.index0 > ns.question -%}
      {{- '<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' -}}
      {%- set content = content.lstrip('\n') -%}
    {%- endif -%}`;
  return String.raw`${defaults}${withoutTools}${opening}${thinking ? lastUserIndex : ''}
{%- for m in messages -%}
  {%- if m.role == 'assistant' -%}
    {%- set content = m.content -%}
    {{- '<|im_start|>assistant\n' -}}
    ${thinking ? thoughts : ''}
    {{- content -}}
    ${toolCalls}
    {{- '<|im_end|>\n' -}}
  {%- elif m.role == 'tool' -%}
    {{- '<|im_start|>user' if loop.first or loop.previtem.role != 'tool' else '' -}}
    {{- '\n<tool_response>\n' + m.content + '\n</tool_response>' -}}
    {{- '<|im_end|>\n' if loop.last or loop.nextitem.role != 'tool' else '' -}}
  {%- elif m.role == 'user' or not loop.first -%}
    {{- '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' -}}
  {%- endif -%}
{%- endfor -%}
{{- '<|im_start|>assistant\n' -}}
${thinking ? String.raw`{{- '<think>\n\n</think>\n\n' if enable_thinking is false else '' -}}` : ''}`;
}

const marker = '<|im_start|>user\n';

export const qwen3: Family = {
  name: 'qwen3',
  names: /qwen-?3|qwq/i,
  architectures: ['qwen3', 'qwen3moe', 'qwen3vl', 'qwen35', 'qwen3_5'],
  marker,
  template: template({ system: null, tools: true, thinking: true }),
};

export const qwen2: Family = {
  name: 'qwen2.5',
  names: /qwen/i,
  architectures: ['qwen', 'qwen2', 'qwen2moe', 'qwen2vl'],
  marker,
  template: template({
    system: 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
    tools: true,
    thinking: false,
  }),
};

export const internlm2: Family = {
  name: 'internlm2',
  names: /internlm/i,
  architectures: ['internlm2'],
  marker,
  template: template({ system: null, tools: false, thinking: false }),
};

/** MiniCPM from the third generation on. */
export const minicpm3: Family = {
  name: 'minicpm3',
  names: /minicpm-?[3-9]/i,
  architectures: ['minicpm3'],
  marker,
  template: template({ system: null, tools: false, thinking: false }),
};

/** What a model speaks that is not known: the most common of all. */
export const chatml: Family = {
  name: 'chatml',
  names: /chatml|hermes|smollm|dolphin/i,
  architectures: [],
  marker,
  template: template({ system: null, tools: true, thinking: false }),
};
