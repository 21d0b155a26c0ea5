const months = `January February March April May June July August September October November
December`.split(/\s+/);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Python's `strftime` for the codes that chat templates use, in English whatever the locale. */
export function formatDate(date: Date, format: string): string {
  const month = months[date.getMonth()] ?? '';
  const day = days[date.getDay()] ?? '';
  const values: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: twoDigits(date.getFullYear() % 100),
    m: twoDigits(date.getMonth() + 1),
    B: month,
    b: month.slice(0, 3),
    d: twoDigits(date.getDate()),
    A: day,
    a: day.slice(0, 3),
    H: twoDigits(date.getHours()),
    I: twoDigits(date.getHours() % 12 || 12),
    p: date.getHours() < 12 ? 'AM' : 'PM',
    M: twoDigits(date.getMinutes()),
    S: twoDigits(date.getSeconds()),
    '%': '%',
  };
  return format.replace(/%([A-Za-z%])/g, (code, letter: string) => values[letter] ?? code);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
