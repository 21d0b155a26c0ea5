/** A setting's value as the configuration file has it; the strings and lists of JSON are TOML's. */
export function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(valueText).join(', ')}]` : JSON.stringify(value);
}
