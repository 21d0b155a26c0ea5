/** The whole appliance, wired: configuration in, listening doors out. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ApiKeys } from './access/index.ts';
import { availableMemory, boardSummary, readNpu } from './board/index.ts';
import { type Changes, type Config, changesBetween, ownVersion } from './config/index.ts';
import { Engine, parseKeepAlive } from './engine/index.ts';
import { ApplianceError } from './errors.ts';
import { createApp, Doors, type Phase } from './http/app.ts';
import { Catalogue, Puller } from './library/index.ts';
import { defaultCpus, findRuntime, type RuntimeLibrary } from './rkllm/index.ts';

/** A worker that was killed is gone at once, unless the kernel cannot end it. */
const stuckAfterMs = 60_000;

export class Appliance {
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: Logger;
  readonly #puller: Puller;
  readonly #keys: ApiKeys;
  readonly #doors: Doors;
  readonly #started = Promise.withResolvers<void>();
  readonly #startedAt = new Date();
  #config: Config;
  #restartNeeded: readonly string[] = [];
  #phase: Phase = 'starting';
  #runtime: RuntimeLibrary | null = null;
  #platform: string | null = null;

  constructor(config: Config, log: Logger, environment: NodeJS.ProcessEnv = process.env) {
    this.#config = config;
    this.#environment = environment;
    this.#log = log;
    // Requests that wait for a start that fails hear of it; nobody else has to.
    this.#started.promise.catch(() => {});
    this.catalogue = new Catalogue({
      folder: config.models,
      log,
      board: () => ({ platform: this.#platform }),
      runtimeVersion: () => this.#runtime?.version ?? null,
    });
    this.#puller = new Puller({
      folder: config.models,
      ...hubSettings(config),
      platform: () => this.#platform,
      runtimeVersion: () => this.#runtime?.version ?? null,
      // Listed at once: nobody has to wait until its file has stopped growing.
      arrived: (path) => this.catalogue.refresh(path),
      log,
    });
    this.#keys = new ApiKeys(config.keysFile ?? join(config.home, 'keys.json'), log);
    this.engine = new Engine({
      catalogue: this.catalogue,
      runtime: () => this.#findRuntime(),
      settings: {
        contextLength: config.contextLength,
        cpus: cpusOf(config.cpuMask),
        embedFlash: config.embedFlash,
        environment,
      },
      ...liveSettings(config),
      parallel: config.parallel,
      prefixes: {
        folder: config.promptCache ?? join(config.home, 'cache', 'prompts'),
        budgetBytes: config.promptCacheMib === undefined ? null : config.promptCacheMib * 1024 ** 2,
      },
      availableBytes: () => availableMemory(),
      log,
    });
    const app = createApp({
      engine: this.engine,
      catalogue: this.catalogue,
      puller: this.#puller,
      keys: this.#keys,
      security: () => securitySettings(this.#config),
      appliance: () => this.#facts(),
      log,
      lifecycle: { phase: () => this.#phase, started: this.#started.promise },
      runtime: () => this.#runtime,
    });
    this.#doors = new Doors(app, {
      host: config.host,
      port: config.port,
      adminSocket: config.adminSocket,
      home: config.home,
      limits: serverLimits(config),
      log,
    });
  }

  /** How far it is in its life. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Where it listens: URLs, and paths of Unix sockets. */
  get addresses(): readonly string[] {
    return this.#doors.addresses;
  }

  /** What it does now, in one line. */
  summary(): string {
    if (this.#phase === 'stopping') return 'Stopping';
    const models = this.engine.loaded().map(({ name, state }) => `${name} (${state})`);
    const waiting = this.engine.queued().length;
    return [
      `Serving on ${this.addresses[0]}`,
      models.length === 0 ? 'no model loaded' : models.join(', '),
      ...(waiting === 0 ? [] : [`${waiting} waiting`]),
      ...(this.#restartNeeded.length === 0 ? [] : ['a restart is needed for changed settings']),
    ].join('; ');
  }

  /** Throws, with the reason, where it lives but cannot do its work any more. */
  assertWorking(): void {
    if (this.#phase === 'stopping') return;
    if (this.engine.leavingMs > stuckAfterMs) {
      throw new Error('A worker was killed and does not end: the NPU driver holds it.');
    }
    if (!this.#doors.areOpen) throw new Error('A door is closed that should be open.');
  }

  /** Keys of changed settings that act at the next start. */
  get restartNeeded(): readonly string[] {
    return this.#restartNeeded;
  }

  /**
   * Listens first, so that health can tell that it starts; resolves once requests are answered.
   * @param inherited listening sockets that somebody else opened; the port is not opened then
   */
  async start(inherited: readonly number[] = []): Promise<void> {
    try {
      // Before anybody can ask.
      await this.#keys.load();
      await this.#doors.open(inherited);
      await this.#prepare();
    } catch (error) {
      this.#started.reject(error);
      await this.#doors.close();
      throw error;
    }
    this.#started.resolve();
    this.#tellExposure();
    if (this.#phase === 'stopping') return;
    this.#phase = this.#config.pinned.length === 0 ? 'ready' : 'loading';
    void this.engine.start().finally(() => {
      if (this.#phase === 'loading') this.#phase = 'ready';
    });
  }

  /** Takes over what can change at once; what cannot is kept as it is and told. */
  reload(next: Config): Changes {
    const changes = changesBetween(this.#config, next);
    this.#config = changes.config;
    this.#restartNeeded = changes.restart;
    this.#puller.useHubs(hubSettings(changes.config));
    void this.#keys.load();
    void this.engine.reconfigure(liveSettings(changes.config));
    return changes;
  }

  /** Refuses new work, ends what runs, unloads the models, and closes its doors last. */
  async stop(): Promise<void> {
    this.#phase = 'stopping';
    await this.engine.stop();
    await this.#puller.stop();
    await this.#doors.close();
    await this.#keys.settled();
    await this.catalogue.stop();
  }

  async #prepare(): Promise<void> {
    const { models } = this.#config;
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
    this.catalogue.changes.on('incoming', () => {
      void this.#puller.notice(this.catalogue.incoming().map(({ path }) => path));
    });
  }

  async #facts() {
    return {
      version: ownVersion(),
      startedAt: this.#startedAt,
      addresses: this.addresses,
      runtime: this.#runtime && {
        path: this.#runtime.path,
        version: this.#runtime.version,
        simulator: this.#runtime.simulator,
      },
      board: await boardSummary(),
      restartNeeded: this.#restartNeeded,
    };
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

  #tellExposure(): void {
    const { onNetwork } = this.#doors;
    if (onNetwork.length === 0 || this.#keys.required) return;
    this.#log.warn(
      { listening: onNetwork },
      'whoever reaches this board on the network can use it, because there are no API keys; ' +
        'make one with: sudo rkllama keys add NAME, or serve this machine only: server.host = "127.0.0.1"',
    );
  }

  #logRuntime(): void {
    if (!this.#runtime) return;
    const { path, version, simulator } = this.#runtime;
    const what = simulator ? 'the simulator, not an NPU' : `librkllmrt ${version}`;
    this.#log.info({ path, version, simulator }, `runtime: ${what}`);
  }
}

function liveSettings({ queueLimit, keepAlive, pinned }: Config) {
  return { queueLimit, keepAliveMs: parseKeepAlive(keepAlive), pinned };
}

function securitySettings({ allowedNames, corsOrigins, requestsPerClient }: Config) {
  return { allowedHosts: allowedNames, corsOrigins, requestsPerClient };
}

function serverLimits(config: Config) {
  return {
    maxConnections: config.maxConnections,
    maxConnectionsPerClient: config.maxConnectionsPerClient,
    headersTimeoutMs: config.headersTimeoutSeconds * 1000,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
    idleTimeoutMs: config.idleTimeoutSeconds * 1000,
    stalledReaderTimeoutMs: config.stalledReaderSeconds * 1000,
  };
}

function hubSettings({ hubEndpoint, modelScopeEndpoint, hubToken, allowedHosts }: Config) {
  return {
    endpoint: hubEndpoint,
    modelScopeEndpoint,
    token: hubToken,
    allowedHosts,
  };
}

function cpusOf(mask: number | undefined): { count: number; mask: number } {
  if (mask === undefined) return defaultCpus();
  return { mask, count: mask.toString(2).replaceAll('0', '').length };
}
