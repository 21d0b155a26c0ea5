/** One file of a prompt cache, and the record beside it that says what it is. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Tokens } from './tokens.ts';

/** What a KV cache depends on: the same tokens under another scope are another cache. */
export interface Scope {
  /** Path of the model file. */
  model: string;
  /** Of the model file, its adapters, the runtime and its settings; an entry with another one is stale. */
  identity: string;
  /** Tokens. */
  contextLength: number;
  lora: string | null;
}

export interface PrefixEntry extends Scope {
  /** Its files are named after it. */
  readonly id: string;
  readonly ids: Tokens;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Begins more than one conversation: given up last. */
  shared: boolean;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const recordSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  identity: z.string(),
  contextLength: z.int(),
  lora: z.string().nullable(),
  /** 32-bit numbers, little-endian, in base64. */
  ids: z.base64(),
  sizeBytes: z.int().positive(),
  sha256,
  shared: z.boolean(),
});

/** The text of a record: a checksum, and what it is of. */
export function recordText({ id: _, ids, ...rest }: PrefixEntry): string {
  const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
  const record: z.input<typeof recordSchema> = {
    format: 1,
    ...rest,
    ids: bytes.toString('base64'),
  };
  const body = JSON.stringify(record);
  return `${checksum(body)}\n${body}\n`;
}

/** Null for a file that is not a whole record. */
export async function readRecord(path: string, id: string): Promise<PrefixEntry | null> {
  try {
    const [stated, body = ''] = (await readFile(path, 'utf8')).split('\n');
    if (stated !== checksum(body)) return null;
    const { format: _, ids, ...rest } = recordSchema.parse(JSON.parse(body));
    const bytes = Uint8Array.from(Buffer.from(ids, 'base64'));
    return { id, ...rest, ids: new Int32Array(bytes.buffer) };
  } catch {
    return null;
  }
}

const chunkBytes = 1 << 20;

/** Puts a file on the disk for good and resolves with its size and SHA-256. */
export async function settleFile(path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const file = await open(path, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
    return await digestOf(file);
  } finally {
    await file.close();
  }
}

/** Whether the file is, to the last byte, what was saved. */
export async function isIntact(path: string, entry: PrefixEntry): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      if ((await file.stat()).size !== entry.sizeBytes) return false;
      return (await digestOf(file)).sha256 === entry.sha256;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

async function digestOf(file: Awaited<ReturnType<typeof open>>) {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, sizeBytes);
    if (bytesRead === 0) return { sizeBytes, sha256: hash.digest('hex') };
    hash.update(chunk.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
