import { harmless, padEnd, padStart, truncate, widthOf } from './width.ts';

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  /** Numbers stand on the right. */
  align?: 'right';
  /** May be cut where the terminal is too narrow. */
  shrinks?: boolean;
  /** Left out where the terminal is too narrow for it. */
  isExtra?: boolean;
}

const gap = '  ';
const least = 8;

/** Lines of a table, the title first. What shrinks gives way until the lines fit into `width`, then extra columns. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => harmless(value(row)))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  shrink(columns, widths, width);
  const extra = columns.findLastIndex(({ isExtra }) => isExtra);
  if (totalOf(widths) > width && extra >= 0) {
    return tableLines(columns.toSpliced(extra, 1), rows, width);
  }
  return cells.map((line) =>
    columns
      .map(({ align }, index) => {
        const [room = 0, text = ''] = [widths[index], line[index]];
        const cut = truncate(text, room);
        return align === 'right' ? padStart(cut, room) : padEnd(cut, room);
      })
      .join(gap)
      .trimEnd(),
  );
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1);
}

function shrink<Row>(columns: readonly Column<Row>[], widths: number[], width: number): void {
  for (;;) {
    const total = totalOf(widths);
    const candidates = widths.map((each, index) => (columns[index]?.shrinks ? each : 0));
    const widest = candidates.indexOf(Math.max(...candidates));
    const room = widths[widest];
    if (total <= width || room === undefined || (candidates[widest] ?? 0) <= least) return;
    widths[widest] = Math.max(least, room - (total - width));
  }
}
