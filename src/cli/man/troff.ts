/** The source of manual pages (man(7)). */

/** A page's first line. `date`: `2026-11-21`. */
export function title(name: string, section: number, date: string, version: string): string {
  return `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${section} ${date} "rkllamad ${version}"`;
}

export function section(heading: string): string {
  return `.SH ${quoted(heading.toUpperCase())}`;
}

export function subsection(heading: string): string {
  return `.SS ${quoted(heading)}`;
}

/** What follows a heading: paragraphs, parted by blank lines. */
export function text(words: string): string {
  return words
    .trim()
    .split(/\n\s*\n/)
    .map(plain)
    .join('\n.PP\n');
}

/** Lines that stay as they are: examples. */
export function literal(lines: string): string {
  return `.PP\n.nf\n.RS 2\n${plain(lines)}\n.RE\n.fi`;
}

/** A term, bold, and what it means. */
export function definition(term: string, meaning: string): string {
  return `.TP\n.B ${quoted(term)}\n${plain(meaning.trim() === '' ? '\u00A0' : meaning)}`;
}

/** Text of which nothing is taken for a request or an escape. */
export function plain(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll(/[^\n\x20-\x7E]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    })
    .replaceAll(/^\./gm, '\\&.')
    .replaceAll(/^(?=\\\(aq)/gm, '\\&');
}

function quoted(words: string): string {
  return `"${plain(words)}"`;
}
