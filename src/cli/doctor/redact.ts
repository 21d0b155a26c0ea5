/** Takes out of a text what is nobody else's business. */
import { hostname } from 'node:os';

const rules: readonly (readonly [RegExp, string])[] = [
  [/\b(?:hf|ms)_[A-Za-z0-9_-]{8,}/g, '(token)'],
  [/\brk-[A-Za-z0-9_-]{8,}/g, '(key)'],
  [/\b(Bearer|Basic)\s+\S+/gi, '$1 (token)'],
  [/(:\/\/)[^\s/@]+@/g, '$1(user)@'],
  [/(\/home|\/Users)\/[^\s/'",:]+/g, '$1/(user)'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, '(mac)'],
  // Addresses of this machine only, and of all interfaces, tell nothing.
  [/\b(?!127\.|0\.0\.0\.0\b)\d{1,3}(?:\.\d{1,3}){3}\b/g, '(ip)'],
  [
    /(?<![\w:.])(?!::1?(?![\w:]))(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})[0-9a-f]*:[0-9a-f:]+[0-9a-f](?:%\w+)?/gi,
    '(ip)',
  ],
];

/** @param host the machine's name, which is taken out wherever it stands */
export function redact(text: string, host = hostname()): string {
  const cleaned = rules.reduce((whole, [pattern, by]) => whole.replace(pattern, by), text);
  if (host.length < 2 || host === 'localhost') return cleaned;
  const escaped = host.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return cleaned.replaceAll(new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`, 'gi'), '(host)');
}
