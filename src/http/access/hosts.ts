/**
 * Names under which this board may be asked. A web page can let its own name point to this board
 * (DNS rebinding) and then counts as the board's own page for the browser; the name in `Host` tells.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Nobody can register a name below these; the last one belongs to a maker of routers. */
const privateSuffixes = [
  '.local',
  '.lan',
  '.home',
  '.internal',
  '.home.arpa',
  '.localdomain',
  '.localhost',
  '.fritz.box',
];

/** `host`: the header. `allowed`: more names; `.domain` is every name below it, `*` every name. */
export function isOwnHost(host: string | undefined, allowed: readonly string[]): boolean {
  // Browsers always send one.
  if (host === undefined) return true;
  const name = nameIn(host);
  if (isIP(name) !== 0 || !name.includes('.')) return true;
  const names = [hostname(), ...allowed].map((each) => each.toLowerCase());
  return (
    privateSuffixes.some((suffix) => name.endsWith(suffix)) ||
    names.some((each) => each === '*' || each === name || (isSuffix(each) && name.endsWith(each)))
  );
}

function isSuffix(entry: string): boolean {
  return entry.startsWith('.');
}

/** Without port, brackets and the dot at its end. */
function nameIn(host: string): string {
  const [, ipv6, name = ''] = /^(?:\[([\w:.%]*)\]|([\w.-]*))(?::\d*)?$/.exec(host) ?? [];
  // What has another form is no address, and with its dot no name without one.
  return (ipv6 ?? (name || 'not.a.name')).toLowerCase().replace(/\.$/, '');
}
