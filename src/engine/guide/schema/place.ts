import { refusal } from './refusal.ts';

/** The keywords of one schema object, and where it stands. */
export class Place {
  readonly given: Readonly<Record<string, unknown>>;
  readonly pointer: string;

  constructor(given: Readonly<Record<string, unknown>>, pointer: string) {
    this.given = given;
    this.pointer = pointer;
  }

  text(keyword: string): string | undefined {
    const value = this.given[keyword];
    if (value === undefined || typeof value === 'string') return value;
    throw refusal(keyword, this.pointer, 'it is a text.');
  }

  number(keyword: string): number | undefined {
    const value = this.given[keyword];
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw refusal(keyword, this.pointer, 'it is a number.');
  }

  /** A number of things. */
  count(keyword: string): number | undefined {
    const value = this.number(keyword);
    if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
    throw refusal(keyword, this.pointer, 'it is a whole number, zero or more.');
  }

  flag(keyword: string): boolean {
    const value = this.given[keyword] ?? false;
    if (typeof value === 'boolean') return value;
    throw refusal(keyword, this.pointer, 'it is true or false.');
  }

  names(keyword: string): string[] {
    const value: unknown = this.given[keyword] ?? [];
    if (!Array.isArray(value)) throw refusal(keyword, this.pointer, 'it is a list of names.');
    const names = value.filter((name) => typeof name === 'string');
    if (names.length < value.length) throw refusal(keyword, this.pointer, 'it is a list of names.');
    return [...new Set(names)];
  }
}
