import { ApplianceError } from '../../../errors.ts';
import { parameterNames } from './parameters.ts';

/** A model on top of another one. */
export interface Derivation {
  /** As the other one is listed. */
  from: string;
  system: string | undefined;
  template: string | undefined;
  license: readonly string[];
  /** By Ollama's names; a key may come several times. */
  parameters: readonly (readonly [string, string])[];
  messages: readonly { role: string; content: string }[];
}

/** The Modelfile in `KEY="value"` lines, which unlike Ollama's syntax can carry any text. */
export function modelfileText(derivation: Derivation): string {
  const { from, system, template, license, parameters, messages } = derivation;
  const unknown = parameters.find(([key]) => !parameterNames.has(key.toLowerCase()));
  if (unknown) {
    throw new ApplianceError('invalid_request', `unknown parameter '${unknown[0].slice(0, 50)}'`);
  }
  const lines = [
    line('from', from),
    ...(system === undefined ? [] : [line('system', system)]),
    ...(template === undefined ? [] : [line('template', template)]),
    ...parameters.map(([key, value]) => line(key, value)),
    ...messages.map(({ role, content }) => line('message', `${role} ${content}`)),
    ...license.map((text) => line('license', text)),
  ];
  return lines.join('');
}

function line(key: string, value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `${key.toUpperCase()}="${escaped}"\n`;
}
