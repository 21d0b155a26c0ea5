/** From the words of a person to values of the API; what is none is told before it is asked. */
import { CliError } from '../failure.ts';

export type ParameterValue = string | number;

/** As the daemon knows them, whose modules take longer to load than an answer begins. */
export const parameterNames: readonly string[] = [
  'num_ctx',
  'num_predict',
  'num_keep',
  'repeat_last_n',
  'temperature',
  'top_k',
  'top_p',
  'min_p',
  'repeat_penalty',
  'frequency_penalty',
  'presence_penalty',
  'mirostat',
  'mirostat_tau',
  'mirostat_eta',
  'seed',
  'stop',
];

const thinkLevels: readonly string[] = ['low', 'medium', 'high', 'max'];

/** The daemon ignores names that it does not know, as Ollama does: a slip would go unnoticed. */
export function parameterOf(name: string, text: string): ParameterValue {
  if (!parameterNames.includes(name)) {
    const names = parameterNames.join(', ');
    throw new CliError('usage', `There is no parameter ${name}.`, `There are: ${names}`);
  }
  if (name === 'stop') return text;
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  throw new CliError('usage', `${name} cannot be "${text}": it must be a number.`);
}

/** `true` is thinking without a level. */
export function thinkOf(level: string | boolean): string | boolean {
  if (typeof level === 'boolean' || thinkLevels.includes(level)) return level;
  throw new CliError(
    'usage',
    `There is no level "${level}" of thinking: it is ${thinkLevels.join(', ')}, or left out.`,
  );
}
