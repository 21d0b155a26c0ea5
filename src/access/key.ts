import { createHash, randomBytes } from 'node:crypto';

/** `admin` includes inference. */
export type Scope = 'inference' | 'admin';

/** What is kept of a key: enough to know it again, not enough to use it. */
export interface StoredKey {
  /** `key_5c09f1d2a7`; no secret. */
  id: string;
  name: string;
  scope: Scope;
  /** SHA-256 of the whole key, in hex. */
  sha256: string;
  createdAt: Date;
  /** Rounded down to the hour; null: never. */
  lastUsedAt: Date | null;
}

/** 192 bits: more than anybody can try. */
const secretBytes = 24;
const idBytes = 5;
const hourMs = 3_600_000;

/** A new secret: `rk-` and hexadecimal digits, which need no quoting and are one word to a mouse. */
export function newSecret(): string {
  return `rk-${randomBytes(secretBytes).toString('hex')}`;
}

export function newId(): string {
  return `key_${randomBytes(idBytes).toString('hex')}`;
}

/**
 * A slow hash makes guessable passwords dear to try; nobody guesses 192 random bits, and this one
 * is paid for every request.
 */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function hourOf(date: Date): Date {
  return new Date(Math.floor(date.getTime() / hourMs) * hourMs);
}
