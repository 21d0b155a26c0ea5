/** rkllamad: reads the configuration, starts the appliance, stops it on SIGTERM and SIGINT. */
import { pino } from 'pino';
import { Appliance } from './appliance.ts';
import { ConfigError, readConfig } from './config/index.ts';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel, base: null });
  const appliance = new Appliance(config, log);
  const stop = (signal: NodeJS.Signals) => {
    log.info(`${signal}: stopping`);
    appliance.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const { address, port } = await appliance.start();
  const host = address.includes(':') ? `[${address}]` : address;
  const url = `http://${host}:${port}`;
  log.info({ url, models: config.models }, 'ready');
  // Whoever started the daemon as a Node child is told where it is.
  process.send?.(url);
}

main().catch((error: unknown) => {
  const words =
    error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`rkllamad: ${words}\n`);
  process.exit(1);
});
