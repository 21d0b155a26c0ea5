/** The functions of libsystemd that are used, called in place. */
import * as z from 'zod';

export interface LibSystemd {
  /** Sends `KEY=VALUE` lines to the service manager; does nothing without NOTIFY_SOCKET. */
  notify(state: string): void;
  /** How many listening sockets were handed over, from descriptor 3 on; children do not get them. */
  listenFds(): number;
}

/** Null where there is no such library. koffi is loaded here, and not before. */
export async function loadLibSystemd(path = 'libsystemd.so.0'): Promise<LibSystemd | null> {
  const { default: koffi } = await import('koffi');
  try {
    const library = koffi.load(path);
    const notify = library.func('int sd_notify(int unset_environment, const char *state)');
    const listenFds = library.func('int sd_listen_fds(int unset_environment)');
    return {
      notify: (state) => {
        notify(0, state);
      },
      listenFds: () => Math.max(0, z.int().parse(listenFds(1))),
    };
  } catch {
    return null;
  }
}
