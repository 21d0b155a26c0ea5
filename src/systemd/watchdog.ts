interface WatchdogOptions {
  /** How long systemd waits for a sign of life. */
  limitMs: number;
  feed: () => void;
  /** Throws, with the reason, where the process lives but cannot do its work. */
  check: () => void;
  /** Told once for each time that feeding stops. */
  warn: (reason: unknown) => void;
}

/** Signs of life in the limit: two may be late before it is over. */
const feedsPerLimit = 3;

/**
 * Feeds the watchdog from a timer of the event loop: a loop that is blocked feeds nothing, and
 * systemd starts the service anew. Returns what ends it.
 */
export function startWatchdog({ limitMs, feed, check, warn }: WatchdogOptions): () => void {
  let wasWell = true;
  const tick = () => {
    try {
      check();
      wasWell = true;
      feed();
    } catch (reason) {
      if (wasWell) warn(reason);
      wasWell = false;
    }
  };
  tick();
  const timer = setInterval(tick, limitMs / feedsPerLimit);
  return () => clearInterval(timer);
}
