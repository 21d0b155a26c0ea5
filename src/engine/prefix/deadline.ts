/** Resolves like `work`, or calls `onLate` after `ms` and goes on waiting: what it does ends the work. */
export async function within<T>(ms: number, work: Promise<T>, onLate: () => void): Promise<T> {
  const timer = setTimeout(onLate, ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
