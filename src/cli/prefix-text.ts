import { sizeText } from './units.ts';

/** What the store of prompt prefixes has saved, for a person. Counters it does not have are 0. */
export function prefixText(store: Readonly<Record<string, number>>): string {
  const count = (name: string) => store[name] ?? 0;
  const all = count('prompt_tokens');
  const kept = `${count('entries')} files, ${sizeText(count('bytes'))}`;
  if (all === 0) return `not used so far; ${kept}`;
  const share = (tokens: number) => `${all > 0 ? Math.round((tokens / all) * 100) : 0} %`;
  const memory = share(count('tokens_from_memory'));
  const files = share(count('tokens_from_files'));
  return (
    `${memory} of ${all} prompt tokens from memory, ${files} from files; ` +
    `${count('hits')} hits, ${kept}`
  );
}
