/** The repositories that a model card (README.md) names under `base_model` in its front matter. */
export function baseModelsOfCard(card: string): string[] {
  const [, frontMatter = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card) ?? [];
  const lines = frontMatter.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith('base_model:'));
  if (at === -1) return [];
  const inline = lines[at]?.slice('base_model:'.length).trim() ?? '';
  const items: string[] = inline === '' ? [] : inline.replace(/^\[|\]$/g, '').split(',');
  if (inline === '') {
    for (const line of lines.slice(at + 1)) {
      const [, item] = /^\s*-\s+(.+)$/.exec(line) ?? [];
      if (item === undefined) break;
      items.push(item);
    }
  }
  return items
    .map((item) => item.trim().replace(/^["']|["']$/g, ''))
    .filter((item) => /^[\w.-]+\/[\w.-]+$/.test(item));
}
