/** A model's name without what all have: the ending of a file, a tag that says nothing. */
export function shortName(name: string): string {
  return name.replace(/:latest$/, '').replace(/\.rkllm$/i, '');
}
