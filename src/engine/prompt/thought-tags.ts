/** Tags between which models write what they think. */
const tags = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<reasoning>', '</reasoning>'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'],
  ['[THINK]', '[/THINK]'],
] as const;

/** The tag that closes the thought in which `prompt` ends; null when it ends outside of one. */
export function openThought(prompt: string): string | null {
  const end = prompt.trimEnd();
  return tags.find(([open]) => end.endsWith(open))?.[1] ?? null;
}
