/** The whole appliance, wired: configuration in, a listening server out. */

import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { availableMemory, readNpu } from './board/index.ts';
import { type Config, ConfigError } from './config/index.ts';
import { Engine, parseKeepAlive } from './engine/index.ts';
import { ApplianceError } from './errors.ts';
import { createApp } from './http/app.ts';
import { Catalogue, type PullEvent, Puller, type PullOptions } from './library/index.ts';
import { defaultCpus, findRuntime, type RuntimeLibrary } from './rkllm/index.ts';

/** How long a stopping server waits for its last answers. */
const drainMs = 1000;
/** Silence on a connection after which the kernel asks whether the client still lives. */
const keepAliveProbeMs = 60_000;

export class Appliance {
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  readonly #config: Config;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: Logger;
  readonly #puller: Puller;
  readonly #app: Express;
  #server: Server | undefined;
  #runtime: RuntimeLibrary | null = null;
  #platform: string | null = null;

  constructor(config: Config, log: Logger, environment: NodeJS.ProcessEnv = process.env) {
    this.#config = config;
    this.#environment = environment;
    this.#log = log;
    this.catalogue = new Catalogue({
      folder: config.models,
      log,
      board: () => ({ platform: this.#platform }),
      runtimeVersion: () => this.#runtime?.version ?? null,
    });
    this.#puller = new Puller({
      folder: config.models,
      endpoint: config.hubEndpoint,
      token: config.hubToken,
      platform: () => this.#platform,
      runtimeVersion: () => this.#runtime?.version ?? null,
      log,
    });
    this.engine = new Engine({
      catalogue: this.catalogue,
      runtime: () => this.#findRuntime(),
      settings: {
        contextLength: config.contextLength,
        cpus: cpusOf(config.cpuMask),
        embedFlash: config.embedFlash,
        environment,
      },
      queueLimit: config.queueLimit,
      parallel: config.parallel,
      keepAliveMs: parseKeepAlive(config.keepAlive),
      pinned: config.pinned,
      availableBytes: () => availableMemory(),
      log,
    });
    this.#app = createApp({
      engine: this.engine,
      catalogue: this.catalogue,
      puller: { pull: (reference, options) => this.#pull(reference, options) },
      log,
      runtime: () => this.#runtime,
    });
  }

  /** Resolves with the address once requests are answered. */
  async start(): Promise<AddressInfo> {
    const { models, host, port } = this.#config;
    await mkdir(models, { recursive: true }).catch((error: unknown) =>
      this.#log.warn({ err: error }, `the models folder ${models} cannot be made`),
    );
    this.#platform = (await readNpu()).platform;
    await this.#findRuntime().catch((error: unknown) => {
      if (!(error instanceof ApplianceError)) throw error;
      this.#log.warn(error.message);
    });
    this.#logRuntime();
    await this.catalogue.start();
    await this.#puller.start();
    const { server, address } = await listen(this.#app, port, host);
    this.#server = server;
    return address;
  }

  /** Refuses new work, ends what runs, unloads the models and closes the server. */
  async stop(): Promise<void> {
    const closed = this.#server ? close(this.#server) : undefined;
    await this.engine.stop();
    await this.#puller.stop();
    await closed;
    await this.catalogue.stop();
  }

  /** A pulled model is listed at once: nobody has to wait until its file has stopped growing. */
  async *#pull(reference: string, options?: PullOptions): AsyncGenerator<PullEvent> {
    for await (const event of this.#puller.pull(reference, options)) {
      if (event.type === 'done') await this.catalogue.refresh(event.path);
      yield event;
    }
  }

  /** Looked for again until it is found: a board's owner may install it while the daemon runs. */
  async #findRuntime(): Promise<RuntimeLibrary> {
    const { runtimeLibrary, runtimeAbi, home } = this.#config;
    this.#runtime ??= await findRuntime({
      path: runtimeLibrary,
      home,
      loaderPath: this.#environment['LD_LIBRARY_PATH'],
      abiOverride: runtimeAbi,
    });
    return this.#runtime;
  }

  #logRuntime(): void {
    if (!this.#runtime) return;
    const { path, version, simulator } = this.#runtime;
    const what = simulator ? 'the simulator, not an NPU' : `librkllmrt ${version}`;
    this.#log.info({ path, version, simulator }, `runtime: ${what}`);
  }
}

function cpusOf(mask: number | undefined): { count: number; mask: number } {
  if (mask === undefined) return defaultCpus();
  return { mask, count: mask.toString(2).replaceAll('0', '').length };
}

/**
 * Express makes the server: importing node:http as a module here would load its WebSocket client
 * too, 8 MB that a board can use better.
 */
function listen(
  app: Express,
  port: number,
  host: string,
): Promise<{ server: Server; address: AddressInfo }> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, host, (error?: Error) => {
      if (error) return reject(cannotListen(error, host, port));
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('not a TCP server'));
      else resolve({ server, address });
    });
    // Tells a client that is gone without a word from one that is slow.
    server.on('connection', (socket) => socket.setKeepAlive(true, keepAliveProbeMs));
  });
}

function cannotListen(error: Error, host: string, port: number): Error {
  switch (Reflect.get(error, 'code')) {
    case 'EADDRINUSE':
      return new ConfigError(
        `RKLLAMA_PORT cannot be ${port}: another program listens on ${host}:${port}. ` +
          'Stop it, or choose another port.',
      );
    case 'EACCES':
      return new ConfigError(
        `RKLLAMA_PORT cannot be ${port}: this user may not listen on ports below 1024.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`RKLLAMA_HOST cannot be "${host}": this machine has no such address.`);
    default:
      return error;
  }
}

/** Resolves when the last answer is out; cuts the ones that take too long. */
async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(timer);
}
