/** Numbers as people read them. */

/** Seconds. */
const farAway = 60 * 86_400;
const sizes = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `2.4 GB`, in powers of 1000 as hubs and disks count. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `4 days`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 172_800) {
    return joined(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  }
  return `${Math.floor(whole / 86_400)} days`;
}

/** `in 4 min`, `3 days ago`, from now; a date when it is far away. */
export function relativeTime(date: Date, now = new Date()): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const far = Math.abs(seconds);
  if (far < 2) return 'now';
  if (far > farAway) return date.toISOString().slice(0, 10);
  const text = coarse(far);
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
