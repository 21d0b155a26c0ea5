import koffi from 'koffi';
import { layoutOf, type Scalar, type StructName } from '../../src/rkllm/abi.ts';
import type { Address } from '../../src/rkllm/memory.ts';
import type { AbiGroup } from '../../src/rkllm/versions.ts';

const readers: Record<Scalar, (view: DataView, offset: number) => number | bigint> = {
  bool: (view, offset) => view.getUint8(offset),
  u8: (view, offset) => view.getUint8(offset),
  i8: (view, offset) => view.getInt8(offset),
  i32: (view, offset) => view.getInt32(offset, true),
  u32: (view, offset) => view.getUint32(offset, true),
  f32: (view, offset) => view.getFloat32(offset, true),
  size: (view, offset) => view.getBigUint64(offset, true),
  pointer: (view, offset) => view.getBigUint64(offset, true),
};

export function bytesAt(address: Address, length: number): Uint8Array {
  return new Uint8Array(koffi.view(address, length).slice(0));
}

export function stringAt(address: unknown): string {
  return koffi.decode.string(addressOf(address));
}

export function floatsAt(address: unknown, count: number): number[] {
  return [...new Float32Array(bytesAt(addressOf(address), count * 4).buffer)];
}

export function intsAt(address: unknown, count: number): number[] {
  return [...new Int32Array(bytesAt(addressOf(address), count * 4).buffer)];
}

/** Every scalar of a struct in native memory, nested ones with a dot, by the tested layout. */
export function structAt(
  address: unknown,
  name: StructName,
  group: AbiGroup,
): Record<string, number | bigint> {
  const layout = layoutOf(name, group);
  const view = new DataView(bytesAt(addressOf(address), layout.size).buffer);
  const values: Record<string, number | bigint> = {};
  for (const [field, { type, offset, size }] of layout.fields) {
    if (typeof type === 'string') {
      values[field] = readers[type](view, offset);
    } else if ('struct' in type) {
      const inner = structAt(addressOf(address) + BigInt(offset), type.struct, group);
      for (const [key, value] of Object.entries(inner)) values[`${field}.${key}`] = value;
    } else {
      const bytes = new Uint8Array(view.buffer, offset, size);
      values[field] = bytes.filter((byte) => byte !== 0).length;
    }
  }
  return values;
}

function addressOf(address: unknown): Address {
  if (typeof address !== 'bigint' || address === 0n) throw new TypeError('no address');
  return address;
}
