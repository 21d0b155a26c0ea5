/** Reads what the runtime hands to a callback. Its pointers die when the callback returns. */
import koffi from 'koffi';
import { type FieldLayout, layoutOf, type StructName } from './abi.ts';
import { type Address, nullAddress } from './memory.ts';
import type { AbiGroup } from './versions.ts';

/** The runtime's own counters of one run (`RKLLMPerfStat`, from 1.2.1 on). */
export interface Counters {
  prefillMs: number;
  /** Newly computed prompt tokens; those found in the KV cache are not among them. */
  prefillTokens: number;
  decodeMs: number;
  decodeTokens: number;
  /** Peak resident memory of the worker process, MB. */
  memoryMb: number | null;
}

/** A matrix of floats, row-major: one row per token. */
export interface Matrix {
  rows: number;
  columns: number;
  values: Float32Array<ArrayBuffer>;
}

const replacementCharacter = '\uFFFD';

export class ResultReader {
  readonly #tokenOffset: bigint;
  readonly #hidden: MatrixOffsets;
  readonly #logits: MatrixOffsets | undefined;
  readonly #perfOffset: bigint | undefined;
  readonly #size: bigint;

  constructor(group: AbiGroup) {
    const { fields, size } = layoutOf('Result', group);
    this.#size = BigInt(size);
    this.#tokenOffset = offsetOf(fields, 'token_id') ?? 0n;
    this.#hidden = matrixOffsets(
      'ResultLastHiddenLayer',
      group,
      offsetOf(fields, 'last_hidden_layer') ?? 0n,
      ['hidden_states', 'embd_size'],
    );
    const logits = offsetOf(fields, 'logits');
    this.#logits =
      logits === undefined
        ? undefined
        : matrixOffsets('ResultLogits', group, logits, ['logits', 'vocab_size']);
    this.#perfOffset = offsetOf(fields, 'perf');
  }

  /** Address of the n-th result of a batch. */
  at(result: Address, index: number): Address {
    return result + this.#size * BigInt(index);
  }

  tokenId(result: Address): number {
    return koffi.decode.int32(result + this.#tokenOffset);
  }

  /**
   * The text of a token: a string when it is whole characters, bytes when it is not (a split
   * character), null when the runtime sent none.
   */
  text(result: Address): string | Uint8Array | null {
    const address = pointerAt(result);
    if (address === nullAddress) return null;
    const text = koffi.decode.string(address);
    return text.includes(replacementCharacter) ? bytesAt(address) : text;
  }

  hidden(result: Address): Matrix | null {
    return matrixAt(result, this.#hidden);
  }

  logits(result: Address): Matrix | null {
    return this.#logits === undefined ? null : matrixAt(result, this.#logits);
  }

  /** Null before 1.2.1. Only valid in FINISH. */
  counters(result: Address): Counters | null {
    if (this.#perfOffset === undefined) return null;
    const perf = result + this.#perfOffset;
    return {
      prefillMs: koffi.decode.float(perf),
      prefillTokens: koffi.decode.int32(perf + 4n),
      decodeMs: koffi.decode.float(perf + 8n),
      decodeTokens: koffi.decode.int32(perf + 12n),
      memoryMb: koffi.decode.float(perf + 16n),
    };
  }
}

interface MatrixOffsets {
  values: bigint;
  columns: bigint;
  rows: bigint;
}

function matrixOffsets(
  name: StructName,
  group: AbiGroup,
  base: bigint,
  [values, columns]: readonly [string, string],
): MatrixOffsets {
  const { fields } = layoutOf(name, group);
  return {
    values: base + (offsetOf(fields, values) ?? 0n),
    columns: base + (offsetOf(fields, columns) ?? 0n),
    rows: base + (offsetOf(fields, 'num_tokens') ?? 0n),
  };
}

function matrixAt(result: Address, offsets: MatrixOffsets): Matrix | null {
  const address = pointerAt(result + offsets.values);
  const columns = koffi.decode.int32(result + offsets.columns);
  const rows = koffi.decode.int32(result + offsets.rows);
  if (address === nullAddress || columns <= 0 || rows <= 0) return null;
  const native = koffi.view(address, rows * columns * Float32Array.BYTES_PER_ELEMENT);
  return { rows, columns, values: new Float32Array(native.slice(0)) };
}

function offsetOf(fields: ReadonlyMap<string, FieldLayout>, name: string): bigint | undefined {
  const field = fields.get(name);
  return field && BigInt(field.offset);
}

function pointerAt(address: Address): Address {
  return BigInt(koffi.decode.uint64(address));
}

function bytesAt(address: Address): Uint8Array {
  let length = 0n;
  while (koffi.decode.uint8(address + length) !== 0) length += 1n;
  return new Uint8Array(koffi.view(address, Number(length)).slice(0));
}
