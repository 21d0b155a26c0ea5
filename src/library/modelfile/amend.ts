import type { Assignment } from './dotenv.ts';
import { readAssignments } from './parse.ts';
import { pathByKey } from './settings.ts';

/**
 * What a Modelfile says after a change: `change` on top of `current`, whose FROM stays. Licences add up, as
 * in Ollama; comments and what means nothing here are not kept.
 */
export function amendModelfile(current: string, change: string): string {
  const changes = assignmentsIn(change).filter((assignment) => placeOf(assignment) !== 'from');
  const replaced = new Set(changes.map(placeOf));
  replaced.delete(licences);
  const kept = assignmentsIn(current).filter((assignment) => !replaced.has(placeOf(assignment)));
  return [...kept, ...changes].map(({ key, value }) => assignmentLine(key, value)).join('');
}

const licences = 'license.[]';

function assignmentsIn(text: string): Assignment[] {
  return readAssignments(text).filter((assignment) => placeOf(assignment) !== undefined);
}

/** Two keys can be names of one setting. */
function placeOf({ key }: Assignment): string | undefined {
  return pathByKey.get(key.toLowerCase())?.join('.');
}

/** A `KEY="value"` line, which unlike Ollama's syntax can carry any text. */
export function assignmentLine(key: string, value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `${key.toUpperCase()}="${escaped}"\n`;
}
