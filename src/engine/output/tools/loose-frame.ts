/** What is open around the place that is being read. */

/** `name(key=value, ...)`, or the part in brackets of one. */
export class WrittenCall {
  readonly name: string;
  readonly named: Record<string, unknown>;
  readonly positional: readonly unknown[];

  constructor(name: string, entries: Iterable<[string, unknown]>, positional: readonly unknown[]) {
    this.name = name;
    this.named = Object.fromEntries(entries);
    this.positional = positional;
  }
}

export interface Frame {
  kind: 'object' | 'list' | 'call';
  /** Name of a call. */
  name: string;
  entries: [string, unknown][];
  items: unknown[];
  /** The key whose value comes next. */
  key: string | null;
}

/** The bracket that closes each. */
export const closing = { object: '}', list: ']', call: ')' } as const;

export function frameValue({ kind, name, entries, items }: Frame): unknown {
  if (kind === 'object') return Object.fromEntries(entries);
  return kind === 'list' ? items : new WrittenCall(name, entries, items);
}
