/** Llama 3 and Mistral. */
import type { Family } from './family.ts';

/**
 * After the templates of Llama 3.0 and of Llama 3.1/3.2. Where the official one quotes a tool's
 * result as a JSON string, this one writes it as it is, as Meta's own prompt guide does; and it
 * trims nothing, so that an answer is shown again exactly as it was generated.
 */
function llama3Template(withDate: boolean): string {
  const header = "{{- '<|start_header_id|>' + role + '<|end_header_id|>\\n\\n' -}}";
  const systemTurn = withDate
    ? String.raw`
{%- set role = 'system' -%}${header}
{{- 'Environment: ipython\n' if tools else '' -}}
{{- 'Cutting Knowledge Date: December 2023\nToday Date: ' + date_string + '\n\n' + system + '<|eot_id|>' -}}`
    : `
{%- if system -%}{%- set role = 'system' -%}${header}{{- system + '<|eot_id|>' -}}{%- endif -%}`;
  return String.raw`
{%- set date_string = date_string or '26 Jul 2024' -%}
{%- set system = messages[0].content if messages[0].role == 'system' else '' -%}
${systemTurn}
{%- set ns = namespace(tools=tools) -%}
{%- set turns = messages[1:] if messages[0].role == 'system' else messages -%}
{%- for m in turns -%}
  {%- set role = 'ipython' if m.role == 'tool' else m.role -%}${header}
  {%- if m.role == 'user' and ns.tools -%}
    {{- 'Given the following functions, please respond with a JSON for a function call with its proper arguments that best answers the given prompt.\n\n' -}}
    {{- 'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.Do not use variables.\n\n' -}}
    {%- for tool in ns.tools -%}{{- (tool | tojson(indent=4)) + '\n\n' -}}{%- endfor -%}
    {%- set ns.tools = none -%}
  {%- endif -%}
  {{- m.content -}}
  {%- for call in m.tool_calls or [] -%}
    {{- '' if loop.first else '; ' -}}
    {{- '{"name": "' + call.function.name + '", "parameters": ' + (call.function.arguments | tojson) + '}' -}}
  {%- endfor -%}
  {{- '<|eot_id|>' -}}
{%- endfor -%}
{%- set role = 'assistant' -%}${header}`;
}

const marker = '<|start_header_id|>user';

export const llama31: Family = {
  name: 'llama-3.1',
  names: /llama-?v?3[._-]?[1-9](?!\d*b)/i,
  architectures: [],
  marker,
  template: llama3Template(true),
};

export const llama3: Family = {
  name: 'llama-3',
  names: /llama-?v?3/i,
  architectures: [],
  marker,
  template: llama3Template(false),
};

/**
 * The v3 format of Mistral 7B Instruct v0.3. The official one puts the system message before the
 * last question, which changes the beginning of the prompt with every turn: here it stands before
 * the first.
 */
export const mistral: Family = {
  name: 'mistral',
  names: /mistral|mixtral|ministral/i,
  architectures: ['mistral', 'mistral3'],
  marker: '[INST]',
  template: String.raw`
{%- set ns = namespace(system='', question=-1) -%}
{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set ns.question = loop.index0 -%}{%- endif -%}{%- endfor -%}
{%- for m in messages -%}
  {%- if m.role == 'system' -%}
    {%- set ns.system = ns.system + m.content + '\n\n' -%}
  {%- elif m.role == 'user' -%}
    {{- '[AVAILABLE_TOOLS] ' + (tools | tojson) + '[/AVAILABLE_TOOLS]' if tools and loop.index0 == ns.question else '' -}}
    {{- '[INST] ' + ns.system + m.content + '[/INST]' -}}
    {%- set ns.system = '' -%}
  {%- elif m.role == 'tool' -%}
    {{- '[TOOL_RESULTS] {"content": ' + (m.content | tojson) + (', "call_id": "' + m.tool_call_id + '"' if m.tool_call_id else '') + '}[/TOOL_RESULTS]' -}}
  {%- else -%}
    {{- ' ' + m.content if m.content else '' -}}
    {%- if m.tool_calls -%}
      {{- '[TOOL_CALLS] [' -}}
      {%- for call in m.tool_calls -%}
        {{- '{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) -}}
        {{- (', "id": "' + call.id + '"' if call.id else '') + '}' + ('' if loop.last else ', ') -}}
      {%- endfor -%}
      {{- ']' -}}
    {%- endif -%}
    {{- '</s>' -}}
  {%- endif -%}
{%- endfor -%}
{{- '[INST] ' + ns.system.rstrip('\n') + '[/INST]' if ns.system else '' -}}`,
};
