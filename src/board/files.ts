/** Reads the kernel's files about the machine: a value, or why there is none. */
import { access, constants, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A fact about the machine, or the reason why it cannot be known. Nothing is ever guessed. */
export type Reading<T> = { value: T; reason: null } | { value: null; reason: string };

export function known<T>(value: T): Reading<T> {
  return { value, reason: null };
}

export function unknown(reason: string): Reading<never> {
  return { value: null, reason };
}

/** What `parse` makes of a value; what it returns null for is not understood. */
export function mapped<T, U>(
  reading: Reading<T>,
  parse: (value: T) => U | null,
  what: string,
): Reading<U> {
  if (reading.reason !== null) return reading;
  const value = parse(reading.value);
  return value === null ? unknown(`${what} says something that is not understood`) : known(value);
}

/** The first of the readings that has a value, else the last reason. */
export async function firstKnown<T>(
  ...readings: readonly (() => Promise<Reading<T>>)[]
): Promise<Reading<T>> {
  let last: Reading<T> = unknown('nothing tells it');
  for (const read of readings) {
    last = await read();
    if (last.reason === null) return last;
  }
  return last;
}

/** Who may open a file, as the file system says. */
export interface Ownership {
  uid: number;
  gid: number;
  /** The nine permission bits. */
  mode: number;
}

/** Files below `root`, which is `/` on a board and a folder of fixtures in tests. */
export class BoardFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** A file's text without blank ends; NUL bytes end it (strings of the device tree). */
  async text(path: string): Promise<Reading<string>> {
    const content = await this.raw(path);
    return content.value === null ? content : known((content.value.split('\0')[0] ?? '').trim());
  }

  async raw(path: string): Promise<Reading<string>> {
    try {
      return known(await readFile(this.#at(path), 'utf8'));
    } catch (error) {
      return unknown(whyNot(path, error));
    }
  }

  async number(path: string): Promise<Reading<number>> {
    return mapped(await this.text(path), finite, path);
  }

  /** Names in a folder, in order; empty where there is no such folder or it cannot be read. */
  async list(folder: string): Promise<string[]> {
    const names = await readdir(this.#at(folder)).catch((): string[] => []);
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  async exists(path: string): Promise<boolean> {
    return stat(this.#at(path)).then(
      () => true,
      () => false,
    );
  }

  /** Where a symbolic link leads; null where there is none or it cannot be read. */
  async link(path: string): Promise<string | null> {
    return readlink(this.#at(path)).catch(() => null);
  }

  /** Name of the folder that a link leads to: drivers are told that way. */
  async linkName(path: string): Promise<string | null> {
    const target = await this.link(path);
    return target === null ? null : basename(target);
  }

  async ownership(path: string): Promise<Ownership | null> {
    const found = await stat(this.#at(path)).catch(() => null);
    return found && { uid: found.uid, gid: found.gid, mode: found.mode & 0o777 };
  }

  /** True when this process may read and write the file. */
  async usable(path: string): Promise<boolean> {
    return access(this.#at(path), constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
  }

  #at(path: string): string {
    return join(this.#root, path);
  }
}

function finite(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function whyNot(path: string, error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `this kernel has no ${path}`;
    case 'EACCES':
    case 'EPERM':
      return `only root may read ${path}`;
    default:
      return `${path} cannot be read (${code ?? error})`;
  }
}
