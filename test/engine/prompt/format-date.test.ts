import { expect, it } from 'vitest';
import { formatDate } from '../../../src/engine/prompt/format-date.ts';

const date = new Date(2026, 2, 5, 15, 4, 9);

it.each([
  ['%d %b %Y', '05 Mar 2026'],
  ['%A, %B %d, %Y', 'Thursday, March 05, 2026'],
  ['%Y-%m-%d %H:%M:%S', '2026-03-05 15:04:09'],
  ['%I:%M %p, %a %y', '03:04 PM, Thu 26'],
  ['100%% %q', '100% %q'],
])('%s is written as Python writes it', (format, expected) => {
  expect(formatDate(date, format)).toBe(expected);
});
