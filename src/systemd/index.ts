/** The daemon as a service: what it tells systemd, and what systemd hands to it. */
export { withPatience } from './patience.ts';
export { connectSystemd, type Systemd } from './systemd.ts';
export { startWatchdog } from './watchdog.ts';
