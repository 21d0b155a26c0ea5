import type { BoardSummary } from '../../board/index.ts';
import type { LoadedModelInfo, QueuedRequest } from '../../engine/index.ts';
import type { Handler } from '../routing.ts';
import type { HttpServices, PrefixStatistics } from '../services.ts';
import { pullObject } from './pull-lines.ts';

/** `GET /admin/status`: everything at a glance. */
export function status({ appliance, engine, puller, keys }: HttpServices): Handler {
  return async (_request, response) => {
    const facts = await appliance();
    response.json({
      version: facts.version,
      pid: process.pid,
      started_at: facts.startedAt,
      uptime_seconds: Math.round((Date.now() - facts.startedAt.getTime()) / 1000),
      listening: facts.addresses.map((each) => (each.startsWith('/') ? `unix:${each}` : each)),
      runtime: facts.runtime,
      board: boardObject(facts.board),
      memory: {
        available_bytes: facts.board.memory.value?.availableBytes ?? null,
        daemon_rss_bytes: process.memoryUsage.rss(),
      },
      models: engine.loaded().map(modelObject),
      queue: engine.queued().map(queuedObject),
      pulls: puller.pulls().map(pullObject),
      keys: { required: keys.required, count: keys.list().length },
      prefix_store: prefixStoreObject(engine.prefixStats()),
      restart_needed: facts.restartNeeded,
    });
  };
}

/** `GET /admin/queue` */
export function queue({ engine }: HttpServices): Handler {
  return (_request, response) => {
    response.json({ queue: engine.queued().map(queuedObject) });
  };
}

function boardObject({ name, kernel, os, npu, temperatures }: BoardSummary) {
  return {
    name: name.value,
    kernel: kernel.value,
    os: os.value,
    platform: npu.platform,
    driver: npu.driver,
    driver_version: npu.driverVersion.value,
    npu_present: npu.present,
    npu_load_percent: npu.load.value?.busiest ?? null,
    temperatures: temperatures.value ?? [],
  };
}

function modelObject(model: LoadedModelInfo) {
  return {
    name: model.name,
    path: model.path,
    size_bytes: model.sizeBytes,
    state: model.state,
    context_length: model.contextLength,
    loaded_at: model.loadedAt,
    load_ms: Math.round(model.loadMs),
    expires_at: model.expiresAt,
    pinned: model.pinned,
    pid: model.pid,
  };
}

function queuedObject({ model, position, waitedMs, estimatedWaitMs }: QueuedRequest) {
  return {
    model,
    position,
    waited_ms: Math.round(waitedMs),
    estimated_wait_ms: estimatedWaitMs === null ? null : Math.round(estimatedWaitMs),
  };
}

function prefixStoreObject(stats: PrefixStatistics) {
  return {
    entries: stats.entries,
    bytes: stats.bytes,
    prompt_tokens: stats.promptTokens,
    tokens_from_memory: stats.tokensFromMemory,
    tokens_from_files: stats.tokensFromFiles,
    hits: stats.hits,
    misses: stats.misses,
    saves: stats.saves,
    evictions: stats.evictions,
    failures: stats.failures,
  };
}
