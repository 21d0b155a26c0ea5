import { describe, expect, it } from 'vitest';
import { type Column, tableLines } from '../../../src/cli/terminal/table.ts';
import { widthOf } from '../../../src/cli/terminal/width.ts';

interface Row {
  name: string;
  size: string;
}

const columns: Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name, shrinks: true },
  { title: 'SIZE', value: ({ size }) => size, align: 'right' },
];
const rows = [
  { name: 'qwen3-1.7b', size: '2.4 GB' },
  { name: '通义千问-一点七', size: '12 GB' },
];

describe('tableLines', () => {
  it('aligns by columns of the terminal', () => {
    expect(tableLines(columns, rows, 80)).toEqual([
      'NAME               SIZE',
      'qwen3-1.7b       2.4 GB',
      '通义千问-一点七   12 GB',
    ]);
  });

  it('cuts what may shrink, and nothing else', () => {
    const lines = tableLines(columns, rows, 18);
    expect(lines[1]).toBe('qwen3-1.7b  2.4 GB');
    expect(lines[2]).toBe('通义千问-…   12 GB');
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(18);
  });

  it('leaves a rest of a name on a terminal that is far too narrow', () => {
    expect(tableLines(columns, rows, 3)[1]).toBe('qwen3-1…  2.4 GB');
  });

  it('leaves out extra columns, the last one first, where they do not fit', () => {
    const extra = { value: () => '12345678', isExtra: true };
    const more = [...columns, { ...extra, title: 'ONE' }, { ...extra, title: 'TWO' }];
    const heads = [40, 37, 27, 17].map((width) => tableLines(more, rows, width)[0]?.split(/ +/));
    expect(heads).toEqual([
      ['NAME', 'SIZE', 'ONE', 'TWO'],
      ['NAME', 'SIZE', 'ONE', 'TWO'],
      ['NAME', 'SIZE', 'ONE'],
      ['NAME', 'SIZE'],
    ]);
  });

  it('cuts nothing where there is no terminal', () => {
    const long = [{ name: 'x'.repeat(500), size: '1 B' }];
    expect(tableLines(columns, long, Number.POSITIVE_INFINITY)[1]).toContain('x'.repeat(500));
  });

  it('lets no name of a file steer the terminal', () => {
    const [, line] = tableLines(columns, [{ name: 'a\u001B[2Jb\rc', size: '' }], 80);
    expect(line).toBe('ab\uFFFDc');
  });
});
