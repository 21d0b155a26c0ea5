/** rkllamad: reads the configuration, starts the appliance, and does what signals and systemd say. */
import { type Logger, pino } from 'pino';
import { Appliance } from './appliance.ts';
import {
  ConfigError,
  type Configuration,
  ownVersion,
  readConfiguration,
  renderUsage,
  SettingError,
} from './config/index.ts';
import { connectSystemd, type Systemd, startWatchdog, withPatience } from './systemd/index.ts';

/** sysexits.h: the unit does not start it again, because it would only fail again. */
const exitConfiguration = 78;
/** How often the status line may change. */
const statusEveryMs = 2000;
/** What a start on a slow card, and a stop with models to give back, may take. */
const patienceMs = 120_000;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return print(renderUsage());
  if (args.includes('--version')) return print(`rkllamad ${ownVersion()}\n`);
  const configuration = readOrExit(args);
  const { log, setLevel } = createLog(configuration.config.logLevel);
  tellReading(configuration, log);
  const systemd = await connectSystemd(process.env);
  const appliance = new Appliance(configuration.config, log);
  const stop = stopOnSignals(appliance, systemd, log);
  process.on('SIGHUP', () => {
    // Its terminal was closed.
    if (process.stdout.isTTY) return stop('SIGHUP');
    if (appliance.phase === 'stopping') return;
    // Before it is ready, that is what systemd waits for.
    const isServing = appliance.phase !== 'starting';
    if (isServing) systemd.reloading();
    reload(appliance, args, log, setLevel);
    if (!isServing) return;
    systemd.ready();
    systemd.status(appliance.summary());
  });

  systemd.status('Starting');
  const extend = (ms: number) => systemd.extend(ms);
  const started = appliance.start(systemd.sockets).catch((error: unknown) => {
    throw withSource(error, configuration);
  });
  await withPatience(started, { extend, limitMs: patienceMs });
  if (appliance.phase === 'stopping') return;
  log.info({ listening: appliance.addresses, models: configuration.config.models }, 'ready');
  systemd.status(appliance.summary());
  systemd.ready();
  keepInformed(appliance, systemd, log);
  // Whoever started the daemon as a Node child is told where it is.
  process.send?.(appliance.addresses[0]);
}

function readOrExit(args: readonly string[]): Configuration {
  try {
    return readConfiguration(process.env, args);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(exitConfiguration);
  }
}

/** What cannot be is told by where it was given. */
function withSource(error: unknown, { sources }: Configuration): unknown {
  if (!(error instanceof SettingError)) return error;
  return new ConfigError(error.by(sources.get(error.setting) ?? { kind: 'default' }));
}

/** A level that changes goes to the loggers of loaded models too. */
function createLog(level: string): { log: Logger; setLevel: (level: string) => void } {
  const children = new Set<WeakRef<Logger>>();
  const gone = new FinalizationRegistry((child: WeakRef<Logger>) => children.delete(child));
  const log: Logger = pino({
    level,
    base: null,
    onChild: (child: Logger) => {
      const reference = new WeakRef(child);
      children.add(reference);
      gone.register(child, reference);
    },
  });
  const setLevel = (next: string) => {
    for (const logger of [log, ...[...children].map((child) => child.deref())]) {
      if (logger) logger.level = next;
    }
  };
  return { log, setLevel };
}

function tellReading({ file, warnings }: Configuration, log: Logger): void {
  log.info({ file }, file === null ? 'no configuration file' : 'configuration read');
  for (const warning of warnings) log.warn(warning);
}

/** Reads the configuration again. One that is wrong changes nothing. */
function reload(
  appliance: Appliance,
  args: readonly string[],
  log: Logger,
  setLevel: (level: string) => void,
): void {
  try {
    const configuration = readConfiguration(process.env, args);
    const { live, restart, config } = appliance.reload(configuration.config);
    setLevel(config.logLevel);
    tellReading(configuration, log);
    log.info({ changed: live }, 'configuration reloaded');
    if (restart.length > 0) {
      log.warn({ settings: restart }, `changed, and acts at the next start: ${restart.join(', ')}`);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { message } of error.problems) log.error(message);
    log.error('the configuration was not reloaded; the one before stays in force');
  }
}

/** Returns what stops it as a signal does. */
function stopOnSignals(
  appliance: Appliance,
  systemd: Systemd,
  log: Logger,
): (reason: string) => void {
  let isStopping = false;
  const stop = (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info(`${reason}: stopping`);
    systemd.stopping();
    systemd.status('Stopping');
    const extend = (ms: number) => systemd.extend(ms);
    withPatience(appliance.stop(), { extend, limitMs: patienceMs }).then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Who started it as a Node child is gone, without a signal.
  process.on('disconnect', () => stop('disconnect'));
  return stop;
}

/** Signs of life and the status line, for whoever wants them. */
function keepInformed(appliance: Appliance, systemd: Systemd, log: Logger): void {
  const { watchdogMs } = systemd;
  if (watchdogMs !== null) {
    startWatchdog({
      limitMs: watchdogMs,
      feed: () => systemd.feedWatchdog(),
      check: () => appliance.assertWorking(),
      warn: (reason) => log.error({ err: reason }, 'the watchdog is not fed'),
    });
  }
  if (!systemd.isThere) return;
  setInterval(() => systemd.status(appliance.summary()), statusEveryMs);
}

function print(text: string): void {
  process.stdout.write(text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const words =
    error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`rkllamad: ${words}\n`);
  process.exit(1);
});
