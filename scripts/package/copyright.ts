import type { BundledPackage } from './licences.ts';

/** Debian has this text on every machine. */
const apache = 'On Debian systems, the full text is in /usr/share/common-licenses/Apache-2.0.';

/** debian/copyright in Debian's machine-readable format: our part, then a stanza per package. */
export function renderCopyright(own: string, packages: readonly BundledPackage[]): string {
  return `${own.trimEnd()}\n\n${packages.map(stanza).join('\n')}`;
}

function stanza({ name, version, license, copyright, text }: BundledPackage): string {
  const body = license === 'Apache-2.0' ? withoutApache(text) : text;
  return [
    `Files: node_modules/${name}/*`,
    `Comment: ${name} ${version}`,
    `Copyright: ${copyright.join('\n ')}`,
    // The same short name would have to mean the same text; every package has its own.
    `License: ${license.replaceAll(/[() ]+/g, '-')}-${name.replace('@', '').replace('/', '-')}`,
    ...body.trim().split('\n').map(continuation),
    '',
  ].join('\n');
}

/** What a licence file says beside the licence: a notice. */
function withoutApache(text: string): string {
  const notice = text.replace(
    /\s*Apache License\s+Version 2\.0[\s\S]*?limitations under the License\.?/,
    '',
  );
  return `${apache}\n\n${notice}`;
}

function continuation(line: string): string {
  return line.trim() === '' ? ' .' : ` ${line.trimEnd()}`;
}
