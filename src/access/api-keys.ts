import { timingSafeEqual } from 'node:crypto';
import { ApplianceError } from '../errors.ts';
import { hashOf, hourOf, newId, newSecret, type Scope, type StoredKey } from './key.ts';
import { readKeys, writeKeys } from './keys-file.ts';

/** What may be shown of a key. */
export type ApiKey = Readonly<Omit<StoredKey, 'sha256'>>;

/** The part of a logger that is used here. */
interface Log {
  info(record: object, message: string): void;
  error(record: object, message: string): void;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;

/**
 * The keys of this board. Where keys.json is, a key is required, even when the last one was revoked
 * or the file is damaged: a mistake closes the board, and never opens it.
 */
export class ApiKeys {
  readonly #path: string;
  readonly #log: Log;
  readonly #now: () => Date;
  #keys: readonly StoredKey[] = [];
  #required = false;
  /** By id; what the file does not say yet. */
  readonly #lastUses = new Map<string, Date>();
  /** One change at a time, each of what the one before has made. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(path: string, log: Log, now: () => Date = () => new Date()) {
    this.#path = path;
    this.#log = log;
    this.#now = now;
  }

  /** Reads the file, or reads it again. One that cannot be read lets nobody in, and is told. */
  load(): Promise<void> {
    return this.#change(() => this.#read().catch(() => undefined));
  }

  /** Whether requests from the network need a key. */
  get required(): boolean {
    return this.#required;
  }

  list(): readonly ApiKey[] {
    return this.#keys.map((key) => this.#shown(key));
  }

  /** The key that `secret` is; null for one that is none, was revoked or is not known. */
  identify(secret: string): ApiKey | null {
    const hash = hashOf(secret);
    let found: StoredKey | null = null;
    // All of them are compared, so that the time taken tells nothing.
    for (const key of this.#keys) {
      if (timingSafeEqual(hash, Buffer.from(key.sha256, 'hex'))) found = key;
    }
    if (found === null) return null;
    this.#noteUse(found);
    return this.#shown(found);
  }

  /**
   * Makes a key. The secret is in nobody's hands afterwards but the caller's.
   * @throws ApplianceError `invalid_request`, `insufficient_storage`, `internal_error`
   */
  add(name: string, scope: Scope): Promise<{ key: ApiKey; secret: string }> {
    return this.#change(async () => {
      if (!namePattern.test(name)) {
        throw new ApplianceError(
          'invalid_request',
          'name: expected 1 to 64 letters, digits, spaces, ".", "_" or "-", a letter or digit first.',
        );
      }
      await this.#read();
      if (this.#keys.some((key) => key.name === name || key.id === name)) {
        throw new ApplianceError('invalid_request', `There is a key named ${name} already.`);
      }
      const secret = newSecret();
      const sha256 = hashOf(secret).toString('hex');
      const createdAt = this.#now();
      const key = { id: newId(), name, scope, sha256, createdAt, lastUsedAt: null };
      await this.#replace([...this.#keys, key]);
      this.#log.info({ key: key.id, name, scope }, 'API key made');
      return { key: this.#shown(key), secret };
    });
  }

  /**
   * Forgets a key, by id or name; from then on it opens nothing.
   * @throws ApplianceError `key_not_found`, `insufficient_storage`, `internal_error`
   */
  revoke(idOrName: string): Promise<ApiKey> {
    return this.#change(async () => {
      await this.#read();
      const key = this.#keys.find(({ id, name }) => id === idOrName || name === idOrName);
      if (!key) {
        throw new ApplianceError('key_not_found', 'There is no API key of this id or name.');
      }
      await this.#replace(this.#keys.filter((other) => other !== key));
      this.#log.info({ key: key.id, name: key.name }, 'API key revoked');
      return this.#shown(key);
    });
  }

  /** Resolves when everything is on disk. */
  async settled(): Promise<void> {
    await this.#lastChange;
  }

  /** What somebody else has written meanwhile counts, too. */
  async #read(): Promise<void> {
    try {
      const keys = await readKeys(this.#path);
      this.#required = keys !== null;
      this.#keys = keys ?? [];
    } catch (cause) {
      this.#required = true;
      this.#keys = [];
      const words = `The file of the API keys, ${this.#path}, cannot be read, so no key is accepted. Mend it, or remove it and make new keys.`;
      // Without the parser's own words, which quote the file.
      const reason = cause instanceof Error ? (Reflect.get(cause, 'code') ?? cause.name) : null;
      this.#log.error({ reason }, words);
      throw new ApplianceError('internal_error', words, { cause });
    }
  }

  async #replace(keys: readonly StoredKey[]): Promise<void> {
    await writeKeys(
      this.#path,
      keys.map((key) => ({ ...key, lastUsedAt: this.#lastUse(key) })),
    ).catch((cause: unknown) => {
      throw notWritten(this.#path, cause);
    });
    this.#keys = keys;
    this.#required = true;
  }

  /** To the hour, so that a busy key costs a flash card one write an hour. */
  #noteUse(key: StoredKey): void {
    const hour = hourOf(this.#now());
    const last = this.#lastUse(key);
    if (last && last.getTime() >= hour.getTime()) return;
    this.#lastUses.set(key.id, hour);
    this.#change(async () => {
      await this.#read();
      if (this.#required) await this.#replace(this.#keys);
    }).catch((error: unknown) => {
      this.#log.error({ err: error }, 'the last use of an API key could not be written');
    });
  }

  #lastUse({ id, lastUsedAt }: StoredKey): Date | null {
    return this.#lastUses.get(id) ?? lastUsedAt;
  }

  #shown(key: StoredKey): ApiKey {
    const { sha256: _hash, ...rest } = key;
    return { ...rest, lastUsedAt: this.#lastUse(key) };
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(work);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

function notWritten(path: string, cause: unknown): ApplianceError {
  const isFull = cause instanceof Error && Reflect.get(cause, 'code') === 'ENOSPC';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ApplianceError(
    isFull ? 'insufficient_storage' : 'internal_error',
    `The API keys could not be written to ${path}, so nothing has changed: ${reason}.`,
    { cause },
  );
}
