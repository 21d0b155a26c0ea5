/** A set of texts, by their code points. */
export class Trie {
  readonly children = new Map<number, Trie>();
  /** A text ends here. */
  ends = false;
  /** Texts that end here or below. */
  count = 0;

  static of(words: Iterable<string>): Trie {
    const root = new Trie();
    for (const word of new Set(words)) root.#add(word);
    return root;
  }

  #add(word: string): void {
    let node: Trie = this;
    node.count += 1;
    for (const character of word) {
      node = node.#child(character.codePointAt(0) ?? 0);
      node.count += 1;
    }
    node.ends = true;
  }

  #child(codePoint: number): Trie {
    const known = this.children.get(codePoint);
    if (known !== undefined) return known;
    const child = new Trie();
    this.children.set(codePoint, child);
    return child;
  }

  /** What every text from here on goes on with. */
  get lead(): string {
    let lead = '';
    let node: Trie = this;
    while (!node.ends && node.children.size === 1)
      for (const [codePoint, child] of node.children) {
        lead += String.fromCodePoint(codePoint);
        node = child;
      }
    return lead;
  }

  /** The shortest rest of a text from here on that is not in `except`; null: all are. */
  shortest(except: readonly string[] = []): string | null {
    let level: [string, Trie][] = [['', this]];
    while (level.length > 0) {
      const found = level.find(([text, node]) => node.ends && !except.includes(text));
      if (found !== undefined) return found[0];
      level = level.flatMap(([text, node]) =>
        [...node.children].map(([codePoint, child]): [string, Trie] => [
          text + String.fromCodePoint(codePoint),
          child,
        ]),
      );
    }
    return null;
  }
}

/** What is left of the `words` that go on with `character`, behind it. */
export function behind(words: readonly string[], character: string): readonly string[] {
  if (words.length === 0) return words;
  return words.flatMap((word) =>
    word.startsWith(character) ? [word.slice(character.length)] : [],
  );
}
