/**
 * Native memory with an owner. Everything that librkllmrt may read lives in one `NativeMemory`,
 * which frees all of it together, and only when the library can no longer look at it.
 */
import koffi from 'koffi';
import { type FieldLayout, layoutOf, type Scalar, type StructName } from './abi.ts';
import type { AbiGroup } from './versions.ts';

/** An address; 0n is NULL. */
export type Address = bigint;

export const nullAddress: Address = 0n;

/** Field values of a struct: numbers for scalars, addresses for pointers and counts. */
export type StructValues = Record<string, number | bigint | boolean>;

export class NativeMemory {
  readonly #group: AbiGroup;
  #blocks: Address[] = [];

  constructor(group: AbiGroup) {
    this.#group = group;
  }

  /** Zeroed bytes. */
  bytes(size: number): Address {
    return this.#copy(new Uint8Array(size));
  }

  /** A NUL-terminated UTF-8 copy of `text`. */
  string(text: string): Address {
    if (text.includes('\0')) throw new TypeError('text for the runtime contains a NUL character');
    return this.#copy(new TextEncoder().encode(`${text}\0`));
  }

  /** A copy of `values`, contiguous. */
  array(values: Float32Array | Int32Array): Address {
    return this.#copy(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** A zeroed struct with the fields in `values` set; fields that this ABI lacks are an error. */
  struct(name: StructName, values: StructValues): Address {
    return this.structs(name, [values]);
  }

  /** A C array of structs. */
  structs(name: StructName, items: readonly StructValues[]): Address {
    const { size } = layoutOf(name, this.#group);
    const bytes = new Uint8Array(size * items.length);
    for (const [index, values] of items.entries()) {
      writeStruct(new DataView(bytes.buffer, index * size, size), name, this.#group, values);
    }
    return this.#copy(bytes);
  }

  free(): void {
    for (const block of this.#blocks) koffi.free(block);
    this.#blocks = [];
  }

  #copy(bytes: Uint8Array): Address {
    const length = Math.max(bytes.byteLength, 1);
    const block: Address = koffi.alloc('uint8_t', length);
    this.#blocks.push(block);
    new Uint8Array(koffi.view(block, length)).set(bytes);
    return block;
  }
}

/** Writes fields of a struct; names of nested structs are joined with a dot. */
export function writeStruct(
  view: DataView,
  name: StructName,
  group: AbiGroup,
  values: StructValues,
): void {
  const { fields } = layoutOf(name, group);
  for (const [key, value] of Object.entries(values)) {
    const field = fields.get(key) ?? nestedField(name, group, key);
    if (field === undefined) throw new TypeError(`${name} has no field ${key} in ABI ${group}`);
    writeScalar(view, field, value);
  }
}

function nestedField(name: StructName, group: AbiGroup, key: string): FieldLayout | undefined {
  const dot = key.indexOf('.');
  const outer = layoutOf(name, group).fields.get(key.slice(0, dot));
  if (outer === undefined || typeof outer.type === 'string' || !('struct' in outer.type)) return;
  const inner = layoutOf(outer.type.struct, group).fields.get(key.slice(dot + 1));
  return inner && { ...inner, offset: outer.offset + inner.offset };
}

function writeScalar(view: DataView, field: FieldLayout, value: number | bigint | boolean): void {
  const { offset, type } = field;
  if (typeof type !== 'string') throw new TypeError('only scalar fields can be written');
  scalarWriters[type](view, offset, value);
}

type ScalarWriter = (view: DataView, offset: number, value: number | bigint | boolean) => void;

const scalarWriters: Record<Scalar, ScalarWriter> = {
  bool: (view, offset, value) => view.setUint8(offset, Number(value)),
  u8: (view, offset, value) => view.setUint8(offset, Number(value)),
  i8: (view, offset, value) => view.setInt8(offset, Number(value)),
  i32: (view, offset, value) => view.setInt32(offset, Number(value), true),
  u32: (view, offset, value) => view.setUint32(offset, Number(value), true),
  f32: (view, offset, value) => view.setFloat32(offset, Number(value), true),
  size: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true),
  pointer: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true),
};
