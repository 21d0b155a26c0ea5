/** How the built daemon is started: with flags that keep an idle process small. */
export const daemonCommand = ['--optimize-for-size', '--max-semi-space-size=1', 'dist/daemon.js'];

/** One malloc arena for all threads: the daemon's do little that allocates at the same time. */
export const daemonEnvironment = { MALLOC_ARENA_MAX: '1' };
