import { InvalidArgumentError } from 'commander';

/** Reads a whole number of the command line. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** To two decimals: more is noise in what was measured. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
