/**
 * Short names as RKLLama documents them (`documentation/api/model_naming.md`): `family[-variants]:size`,
 * taken from a long file or folder name; colliding ones carry the quantisation, the optimisation level or the
 * hybrid ratio (`qwen2.5-w8a8-g128:7b`, `qwen2.5-opt1:7b`, `qwen2.5-r0.5:7b`).
 */

const platform = /^r[kv]\d{4}[a-z]?$/;
const quantization = /^w\d+a\d+$/;
const group = /^g\d+$/;
const size = /^(?:\d+x)?\d+(?:\.\d+)?[bm]$/;
/** Words about how the model was tuned that people leave out: `qwen2.5:3b` is the instruct model. */
const tuning = new Set(['instruct', 'chat', 'it']);

/** Every short name of a model called `name` (without namespace), in lower case; empty when it names no size. */
export function aliasesOf(name: string): string[] {
  const words = name
    .toLowerCase()
    .replace(/\.rkllm$/, '')
    .split(/[-_\s]+/)
    .filter(Boolean);
  const sizeAt = words.findIndex((word) => size.test(word));
  const sizeWord = words[sizeAt];
  if (sizeWord === undefined || sizeAt === 0) return [];
  const details = words.findIndex(
    (word) => platform.test(word) || quantization.test(word) || word === 'opt',
  );
  const described = words.slice(0, details < 0 ? words.length : details);
  const variants = described.filter((word) => !size.test(word) && !/^v\d/.test(word));
  const families = new Set([
    variants.join('-'),
    variants.filter((word) => !tuning.has(word)).join('-'),
  ]);
  return [...families].flatMap((family) => [
    `${family}:${sizeWord}`,
    ...suffixes(words).map((suffix) => `${family}-${suffix}:${sizeWord}`),
  ]);
}

function suffixes(words: readonly string[]): string[] {
  const found: string[] = [];
  words.forEach((word, index) => {
    const next = words[index + 1] ?? '';
    if (quantization.test(word)) found.push(group.test(next) ? `${word}-${next}` : word);
    if (word === 'opt' && /^\d$/.test(next)) found.push(`opt${next}`);
    if (/^opt\d$/.test(word)) found.push(word);
    if (word === 'ratio' && /^\d+(\.\d+)?$/.test(next)) found.push(`r${next}`);
  });
  return found;
}
