import { ApplianceError } from '../../../errors.ts';
import { assignmentLine } from '../../../library/index.ts';
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

/** The Modelfile, line by line. */
export function modelfileText(derivation: Derivation): string {
  const { from, system, template, license, parameters, messages } = derivation;
  const unknown = parameters.find(([key]) => !parameterNames.has(key.toLowerCase()));
  if (unknown) {
    throw new ApplianceError('invalid_request', `unknown parameter '${unknown[0].slice(0, 50)}'`);
  }
  const lines = [
    assignmentLine('from', from),
    ...(system === undefined ? [] : [assignmentLine('system', system)]),
    ...(template === undefined ? [] : [assignmentLine('template', template)]),
    ...parameters.map(([key, value]) => assignmentLine(key, value)),
    ...messages.map(({ role, content }) => assignmentLine('message', `${role} ${content}`)),
    ...license.map((text) => assignmentLine('license', text)),
  ];
  return lines.join('');
}
