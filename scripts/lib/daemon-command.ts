/** How the built daemon is started: with flags that keep an idle process small. */
export const daemonCommand = ['--optimize-for-size', '--max-semi-space-size=1', 'dist/daemon.js'];
