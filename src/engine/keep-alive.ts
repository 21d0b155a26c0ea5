import { ApplianceError } from '../errors.ts';

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  // With the micro sign and with the Greek letter, as in Go.
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const partPattern = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/**
 * How long a model stays after its last answer, in milliseconds, from any form that Ollama takes:
 * seconds as a number, a duration (`5m`, `1h30m`), a number in a string, anything negative for
 * ever (Infinity), 0 not at all. Throws `invalid_request`.
 */
export function parseKeepAlive(value: string | number): number {
  const ms = typeof value === 'number' ? value * 1000 : parseDuration(value.trim());
  if (Number.isNaN(ms)) {
    throw new ApplianceError(
      'invalid_request',
      `keep_alive cannot be "${String(value).slice(0, 50)}". Give seconds (300), a duration ("5m", "1h30m"), ` +
        '-1 for ever, or 0.',
    );
  }
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

function parseDuration(text: string): number {
  if (text === '') return Number.NaN;
  if (/^[+-]?\d+(\.\d*)?$/.test(text)) return Number(text) * 1000;
  const [, sign, parts = ''] = /^([+-]?)(.+)$/.exec(text) ?? [];
  let ms = 0;
  let end = 0;
  for (const [part, number, unit = ''] of parts.matchAll(partPattern)) {
    ms += Number(number) * (unitMs[unit] ?? Number.NaN);
    end += part.length;
  }
  if (end === 0 || end !== parts.length) return Number.NaN;
  return sign === '-' ? -ms : ms;
}
