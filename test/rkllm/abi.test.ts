import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { layoutOf, type StructName, structNames } from '../../src/rkllm/abi.ts';
import { koffiStruct } from '../../src/rkllm/native.ts';
import {
  abiGroupOf,
  abiGroups,
  type RuntimeVersion,
  runtimeVersions,
} from '../../src/rkllm/versions.ts';

const tableSchema = z.array(
  z.object({
    struct: z.templateLiteral(['RKLLM', z.enum(structNames)]),
    versions: z.array(z.enum(runtimeVersions)),
    size: z.int(),
    align: z.int(),
    fields: z.array(z.tuple([z.string(), z.int(), z.int(), z.string()])),
  }),
);

/** What C compilers made of the headers: one entry per struct and layout. */
const compiled = tableSchema
  .parse(JSON.parse(readFileSync(new URL('layouts.json', import.meta.url), 'utf8')))
  .flatMap(({ versions, struct, ...table }) =>
    versions.map((version) => ({
      version,
      name: z.enum(structNames).parse(struct.slice('RKLLM'.length)),
      ...table,
    })),
  );

/** Members of the C union in `RKLLMInput`; our table has the largest one, as `input`. */
const unionMembers = ['prompt_input', 'embed_input', 'token_input', 'multimodal_input'];

/** Our name of a field: multimodal input was flat before 1.3.0, our table nests it throughout. */
function ourName(struct: string, field: string): string {
  if (struct === 'Input' && unionMembers.includes(field)) return 'input';
  const isFlat = struct === 'MultiModalInput' && field !== 'prompt' && !field.includes('.');
  return isFlat ? `image.${field}` : field;
}

/** Structs that came after 1.1.0. */
const firstVersions: Partial<Record<StructName, RuntimeVersion>> = {
  ResultLogits: '1.2.0',
  PerfStat: '1.2.1',
  CrossAttnParam: '1.2.1',
  SamplingParam: '1.3.0',
  Callback: '1.3.0',
};

describe('the layout of a struct', () => {
  describe.each(runtimeVersions)('in %s', (version) => {
    const tables = compiled.filter((table) => table.version === version);

    it.each(tables)('$name has the size and the offsets that a C compiler gives it', (table) => {
      const layout = layoutOf(table.name, abiGroupOf(version));
      expect({ size: layout.size, align: layout.alignment }).toEqual({
        size: table.size,
        align: table.align,
      });
      const names = new Set(table.fields.map(([field]) => ourName(table.name, field)));
      expect([...layout.fields.keys()]).toEqual([...names]);
      for (const [name, offset, size] of table.fields) {
        const field = layout.fields.get(ourName(table.name, name));
        expect(field, name).toMatchObject({ offset });
        if (!unionMembers.includes(name)) expect(field, name).toMatchObject({ size });
      }
    });

    it.each(tables)('$name reads each scalar as the C type it is', (table) => {
      const { fields } = layoutOf(table.name, abiGroupOf(version));
      for (const [name, , , type] of table.fields) {
        const expected = scalarOf(type);
        if (expected === null || unionMembers.includes(name)) continue;
        expect(fields.get(ourName(table.name, name))?.type, name).toBe(expected);
      }
    });
  });

  it.each(structNames)('of %s is checked in every version since the struct exists', (name) => {
    const checked = compiled.filter((table) => table.name === name).map(({ version }) => version);
    const first = runtimeVersions.indexOf(firstVersions[name] ?? '1.1.0');
    expect(checked.toSorted()).toEqual(runtimeVersions.slice(first).toSorted());
  });

  describe.each(abiGroups)('as koffi computes it in group %s', (group) => {
    it.each(structNames)('%s agrees', (name) => {
      const layout = layoutOf(name, group);
      const type = koffiStruct(name, group);
      expect({ size: koffi.sizeof(type), alignment: koffi.alignof(type) }).toEqual({
        size: layout.size,
        alignment: layout.alignment,
      });
      for (const [field, { offset }] of layout.fields) {
        expect(koffi.offsetof(type, field.replace('.', '_')), field).toBe(offset);
      }
    });
  });
});

function scalarOf(type: string): string | null {
  if (/\*|Callback$|callback/.test(type)) return 'pointer';
  const scalars: Record<string, string> = {
    int: 'i32',
    int32_t: 'i32',
    uint32_t: 'u32',
    int8_t: 'i8',
    uint8_t: 'u8',
    bool: 'bool',
    float: 'f32',
    size_t: 'size',
  };
  return scalars[type] ?? null;
}
