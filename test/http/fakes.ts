import { type Logger, pino } from 'pino';
import { boardSummary } from '../../src/board/index.ts';
import type {
  Generation,
  GenerationEvent,
  GenerationRequest,
  LoadedModelInfo,
  QueuedRequest,
} from '../../src/engine/index.ts';
import { ApplianceError } from '../../src/errors.ts';
import type {
  CatalogueService,
  EngineService,
  HttpServices,
  KeyInfo,
  KeysService,
  PullEvent,
  PullerService,
} from '../../src/http/services.ts';
import type { BegunPull, Model, PullStatus, SearchResult } from '../../src/library/index.ts';

/**
 * In-memory stand-ins for the services behind the HTTP layer. They know just enough rules for its
 * translation to be tested; the real services meet it in `test/e2e`.
 */
class FakeEngine implements EngineService {
  readonly models: LoadedModelInfo[] = [];
  readonly loads: string[] = [];
  readonly requests: GenerationRequest[] = [];
  unsupported: readonly string[] = [];
  loadError: ApplianceError | undefined;
  /** What a load waits for before its model is listed. */
  loading: Promise<void> | undefined;
  generateError: ApplianceError | undefined;
  /** Answers a request; replaced by a test that wants something else than "Hello!". */
  answer: (request: GenerationRequest, signal: AbortSignal) => AsyncIterable<GenerationEvent[]> =
    async function* () {
      yield [text('Hel'), text('lo')];
      yield [text('!'), done()];
    };

  async load(name: string): Promise<LoadedModelInfo> {
    this.loads.push(name);
    await this.loading;
    if (this.loadError) throw this.loadError;
    const existing = this.models.find((model) => model.name === name);
    if (existing) return existing;
    const model = loadedModel(name);
    this.models.push(model);
    return model;
  }

  async unload(name?: string): Promise<readonly string[]> {
    const gone = this.models.filter((model) => name === undefined || model.name === name);
    for (const model of gone) this.models.splice(this.models.indexOf(model), 1);
    return gone.map((model) => model.name);
  }

  current(): LoadedModelInfo | undefined {
    return this.models.at(-1);
  }

  loaded(): readonly LoadedModelInfo[] {
    return this.models;
  }

  embed = async () => notFaked();
  rerank = async () => notFaked();
  capabilities = async () => notFaked();
  queued = (): QueuedRequest[] => [];
  prefixStats = () => ({
    entries: 3,
    bytes: 4096,
    evictions: 0,
    promptTokens: 100,
    tokensFromMemory: 60,
    tokensFromFiles: 20,
    hits: 2,
    misses: 1,
    saves: 3,
    failures: 0,
  });

  async generate(request: GenerationRequest, signal: AbortSignal): Promise<Generation> {
    this.requests.push(request);
    if (this.generateError) throw this.generateError;
    const model = request.model ?? this.current()?.name ?? '';
    return { model, unsupported: this.unsupported, events: this.answer(request, signal) };
  }
}

/** What the tests of the HTTP translation do not ask of a fake. */
function notFaked(): never {
  throw new Error('the fake has no answer to this');
}

class FakeCatalogue implements CatalogueService {
  readonly names: string[];
  error: ApplianceError | undefined;

  constructor(...names: string[]) {
    this.names = names;
  }

  create = async () => notFaked();

  models(): readonly Model[] {
    if (this.error) throw this.error;
    return this.names.map((name) => modelOnDisk(name));
  }

  find(wanted: string): Model {
    if (this.error) throw this.error;
    if (/\.\.|\0|^\//.test(wanted)) {
      throw new ApplianceError('invalid_request', 'A model name may not contain ".." or "/".');
    }
    const name = this.names.find((each) => each === wanted || each === `${wanted}.rkllm`);
    if (name !== undefined) return modelOnDisk(name);
    throw new ApplianceError('model_not_found', `There is no model ${wanted}.`);
  }

  async remove(
    wanted: string,
    hooks: { unload?: (model: Model) => Promise<void> } = {},
  ): Promise<Model> {
    const model = this.find(wanted);
    await hooks.unload?.(model);
    this.names.splice(this.names.indexOf(model.name), 1);
    return model;
  }
}

class FakePuller implements PullerService {
  readonly asked: { reference: string; name?: string }[] = [];
  readonly cancelled: string[] = [];
  events: (reference: string) => AsyncIterable<PullEvent> = async function* () {
    yield { type: 'start', file: 'file.rkllm', sizeBytes: 3 * 1024 ** 2 };
    yield { type: 'done', name: 'file' };
  };

  pull(reference: string, options: { name?: string } = {}): AsyncIterable<PullEvent> {
    this.asked.push({ reference, ...options });
    return this.events(reference);
  }

  async begin(reference: string, options: { name?: string } = {}): Promise<BegunPull> {
    this.asked.push({ reference, ...options });
    return begun();
  }

  follow(reference: string): BegunPull | null {
    return reference === 'gone' ? null : begun();
  }

  pulls = () => [begun().status];

  async cancel(reference: string): Promise<PullStatus | null> {
    if (reference === 'gone') return null;
    this.cancelled.push(reference);
    return { ...begun().status, state: 'cancelled' };
  }

  async search(query: string): Promise<SearchResult[]> {
    const file = 'model1.rkllm';
    const updatedAt = '2026-01-12T10:00:00.000Z';
    const popularity = { downloads: 1234, likes: 5, gated: false, updatedAt };
    const fit = { sizeBytes: 1000, platform: 'RK3588', misfit: null };
    return [{ reference: `user/${query}/${file}`, repository: query, file, ...fit, ...popularity }];
  }
}

function begun(): BegunPull {
  const status: PullStatus = {
    id: 'model1/model1.rkllm',
    reference: 'hf/user/repo/model1.rkllm',
    name: 'model1',
    file: 'model1.rkllm',
    receivedBytes: 10,
    sizeBytes: 1000,
    bytesPerSecond: 99.5,
    secondsLeft: 9.95,
    state: 'running',
  };
  return {
    status,
    events: (async function* () {
      yield { type: 'start', file: status.file, sizeBytes: 1000, resumedBytes: 10 } as const;
      yield { type: 'verifying', file: status.file } as const;
      yield { type: 'done', name: status.name, path: '/models/model1/model1.rkllm' } as const;
    })(),
  };
}

/** Keys by their secrets; none: no key is required. */
class FakeKeys implements KeysService {
  readonly secrets = new Map<string, KeyInfo>();

  get required(): boolean {
    return this.secrets.size > 0;
  }

  identify(secret: string): KeyInfo | null {
    return this.secrets.get(secret) ?? null;
  }

  list(): readonly KeyInfo[] {
    return [...this.secrets.values()];
  }

  async add(name: string, scope: KeyInfo['scope']): Promise<{ key: KeyInfo; secret: string }> {
    const createdAt = new Date('2026-01-12T10:00:00Z');
    const key = { id: `key_${name}`, name, scope, createdAt, lastUsedAt: null };
    const secret = `rk-secret-of-${name}`;
    this.secrets.set(secret, key);
    return { key, secret };
  }

  async revoke(idOrName: string): Promise<KeyInfo> {
    for (const [secret, key] of this.secrets) {
      if (key.id !== idOrName && key.name !== idOrName) continue;
      this.secrets.delete(secret);
      return key;
    }
    throw new ApplianceError('key_not_found', 'There is no such key.');
  }
}

function modelOnDisk(name: string): Model {
  return {
    name,
    path: `/models/${name}`,
    folder: null,
    searchFolders: ['/models'],
    sizeBytes: 1_000_000,
    modifiedAt: new Date('2025-01-12T10:00:00Z'),
    inspection: {
      kind: 'model',
      architecture: 'qwen2',
      platform: 'RK3588',
      platformCode: 0,
      npuCores: 3,
      maxContext: 4096,
      toolkitVersion: '1.2.1',
      hasTokenizer: true,
      hasEmbedding: true,
      chatTemplate: null,
      embeddingLength: 1536,
      blockCount: 28,
      kvWidth: 256,
      vocabSize: 151_936,
      bosTokenId: null,
      eosTokenIds: [],
      quantization: 'w8a8',
      parameterSize: '1.5B',
      visionEncoder: null,
      loras: [],
      damage: null,
    },
    modelfile: {},
    modelfilePath: null,
    parent: null,
    adapter: null,
    problem: null,
    digest: null,
  };
}

export interface FakeServices extends HttpServices {
  engine: FakeEngine;
  catalogue: FakeCatalogue;
  puller: FakePuller;
  keys: FakeKeys;
}

/** Services with three models on disk; `loaded` names those in memory. */
export function fakeServices(...loaded: string[]): FakeServices {
  const engine = new FakeEngine();
  engine.models.push(...loaded.map((name) => loadedModel(name)));
  return {
    engine,
    catalogue: new FakeCatalogue('model1.rkllm', 'model2.rkllm', 'model3.rkllm'),
    puller: new FakePuller(),
    keys: new FakeKeys(),
    security: () => ({ allowedHosts: [], corsOrigins: [], requestsPerClient: 0 }),
    appliance: async () => ({
      version: '0.1.0',
      startedAt: new Date('2026-01-12T10:00:00Z'),
      addresses: ['http://127.0.0.1:8080', '/run/rkllamad/admin.sock'],
      runtime: { path: '/usr/lib/librkllmrt.so', version: '1.3.1', simulator: true },
      board: {
        ...(await boardSummary()),
        temperatures: { value: [{ name: 'npu-thermal', celsius: 54.5 }], reason: null },
      },
      restartNeeded: [],
    }),
    log: pino({ level: 'silent' }),
    lifecycle: { phase: () => 'ready', started: Promise.resolve() },
    runtime: () => ({ version: '1.3.1', simulator: true }),
  };
}

/** A logger and everything that was written to it. */
export function recordingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }), lines };
}

export function loadedModel(
  name: string,
  state: LoadedModelInfo['state'] = 'ready',
): LoadedModelInfo {
  return {
    name,
    path: `/models/${name}`,
    sizeBytes: 1_000_000,
    loadedAt: new Date('2025-01-12T10:00:00Z'),
    loadMs: 1200,
    pid: 4711,
    contextLength: 4096,
    state,
    expiresAt: null,
    pinned: false,
  };
}

export function text(value: string): GenerationEvent {
  return { type: 'text', choice: 0, text: value, tokens: 1 };
}

export function done(
  over: Partial<Extract<GenerationEvent, { type: 'done' }>> = {},
): GenerationEvent {
  return {
    type: 'done',
    choice: 0,
    droppedMessages: 0,
    finishReason: 'stop',
    usage: { promptTokens: 12, cachedTokens: null, completionTokens: 3, reasoningTokens: 0 },
    timings: { queueMs: 0, loadMs: 0, prefillMs: 54, decodeMs: 150 },
    ...over,
  };
}
