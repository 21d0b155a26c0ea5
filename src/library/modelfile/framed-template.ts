/** RKLLama's SYSTEM_PROMPT, PROMPT_PREFIX and PROMPT_POSTFIX, which it hands to rkllm_set_chat_template. */
export interface Frame {
  readonly system: string;
  readonly prefix: string;
  readonly postfix: string;
}

/**
 * The same as a chat template in Jinja: the system text, then every question between prefix and postfix and
 * every answer with the token that ends it. There is no place for a system message of a request in it.
 */
export function framedTemplate({ system, prefix, postfix }: Frame): string {
  return [
    `{%- set opening = ${literal(system)} -%}{%- set prefix = ${literal(prefix)} -%}`,
    `{{- bos_token if bos_token and not (opening ~ prefix).startswith(bos_token) else '' -}}`,
    '{{- opening -}}{%- for message in messages -%}',
    `{%- if message.role == 'assistant' -%}{{- message.content ~ (eos_token or '') -}}`,
    `{%- elif message.role != 'system' -%}{{- prefix ~ message.content ~ ${literal(postfix)} -}}`,
    '{%- endif -%}{%- endfor -%}',
  ].join('');
}

/** Signs that mean something to Jinja never stand side by side. */
function literal(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/[{}%#-](?=[{}%#-])/g, "$&' ~ '");
  return `('${escaped}')`;
}
