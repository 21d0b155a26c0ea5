interface PatienceOptions {
  extend: (ms: number) => void;
  /** The longest that is asked for in all; what takes longer has failed. */
  limitMs: number;
}

const stepMs = 5000;

/** Asks systemd for more time while `work` goes on, step by step, so that a hang still ends. */
export async function withPatience<T>(
  work: Promise<T>,
  { extend, limitMs }: PatienceOptions,
): Promise<T> {
  let leftMs = limitMs;
  const ask = () => {
    if (leftMs <= 0) return;
    leftMs -= stepMs;
    extend(2 * stepMs);
  };
  ask();
  const timer = setInterval(ask, stepMs);
  return work.finally(() => clearInterval(timer));
}
