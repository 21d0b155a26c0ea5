import type { RouteDescription } from '../route-description.ts';
import { keyRequest } from './keys.ts';
import { pullRequest } from './pulls.ts';

const model = 'model1.rkllm';
const time = '2026-01-12T10:00:00.000Z';
const reference = 'hf/user/repo/model1.rkllm';
const waiting = { model, position: 1, waited_ms: 350, estimated_wait_ms: 2100 };
const pull = {
  id: 'model1/model1.rkllm',
  reference,
  name: 'model1',
  file: model,
  state: 'running',
  received_bytes: 104_857_600,
  size_bytes: 2_374_563_840,
  bytes_per_second: 11_000_000,
  seconds_left: 206,
  error: null,
};
const key = {
  id: 'key_5c09f1d2a7',
  name: 'home-assistant',
  scope: 'inference',
  created_at: time,
  last_used_at: time,
};
const pullEvents = {
  'application/x-ndjson': [
    { event: 'pull', ...pull },
    { event: 'start', file: model, size_bytes: 2_374_563_840, resumed_bytes: 0 },
    {
      event: 'progress',
      file: model,
      received_bytes: 110_000_000,
      size_bytes: 2_374_563_840,
      bytes_per_second: 11_000_000,
      seconds_left: 206,
    },
    { event: 'verifying', file: model },
    { event: 'done', name: 'model1', path: '/models/model1/model1.rkllm' },
  ]
    .map((event) => `${JSON.stringify(event)}\n`)
    .join(''),
};
const byId = 'The id is percent-encoded; the reference of the pull stands for it, too.';

/** What `/api-docs` says of the routes of administration; `docs/ADMIN_API.md` says more. */
export const descriptions = {
  status: {
    summary: 'Tells how the board is: runtime, models, queue, pulls, keys',
    answers: {
      'application/json': {
        version: '0.1.0',
        pid: 812,
        started_at: time,
        uptime_seconds: 5120,
        listening: ['http://0.0.0.0:8080', 'unix:/run/rkllamad/admin.sock'],
        runtime: { path: '/usr/lib/librkllmrt.so', version: '1.3.1', simulator: false },
        board: {
          name: 'Orange Pi 5',
          kernel: '6.1.43',
          os: 'Debian GNU/Linux 12 (bookworm)',
          platform: 'RK3588',
          driver: 'rknpu',
          driver_version: '0.9.8',
          npu_present: true,
          npu_load_percent: 97,
          temperatures: [{ name: 'npu-thermal', celsius: 54.5 }],
        },
        memory: { available_bytes: 5_261_334_937, daemon_rss_bytes: 74_448_896 },
        models: [
          {
            name: model,
            path: '/models/model1.rkllm',
            size_bytes: 2_374_563_840,
            state: 'ready',
            context_length: 4096,
            loaded_at: time,
            load_ms: 4200,
            expires_at: time,
            pinned: false,
            pid: 911,
          },
        ],
        queue: [waiting],
        pulls: [pull],
        keys: { required: true, count: 2 },
        prefix_store: {
          entries: 3,
          bytes: 91_226_112,
          prompt_tokens: 48_210,
          tokens_from_memory: 31_400,
          tokens_from_files: 9_100,
          hits: 14,
          misses: 9,
          saves: 12,
          evictions: 0,
          failures: 0,
        },
        restart_needed: [],
      },
    },
  },
  queue: {
    summary: 'Lists who waits for the NPU, next first',
    answers: { 'application/json': { queue: [waiting] } },
  },
  pulls: {
    summary: 'Lists pulls that run, and those that can be resumed',
    answers: { 'application/json': { pulls: [pull] } },
  },
  beginPull: {
    summary: 'Pulls a model, or joins the pull of it',
    notes: 'The download goes on when the client leaves.',
    request: {
      schema: pullRequest,
      example: { reference: 'user/repo/model1.rkllm', name: 'model1' },
    },
    answers: pullEvents,
  },
  pullEvents: {
    summary: 'Follows a pull that runs',
    notes: byId,
    answers: pullEvents,
  },
  cancelPull: {
    summary: 'Cancels a pull',
    notes: byId,
    answers: {
      'application/json': { id: pull.id, state: 'cancelled', partial_deleted: false },
    },
    destroys: true,
  },
  search: {
    summary: 'Finds models on the hub that fit this board',
    answers: {
      'application/json': {
        results: [
          {
            reference: 'user/repo/model1.rkllm',
            repository: 'user/repo',
            file: model,
            platform: 'RK3588',
            misfit: null,
            downloads: 1234,
            likes: 5,
            gated: false,
            size_bytes: 2_374_563_840,
            updated_at: time,
          },
        ],
      },
    },
  },
  keys: {
    summary: 'Lists API keys, without their secrets',
    answers: { 'application/json': { required: true, keys: [key] } },
  },
  addKey: {
    summary: 'Makes an API key, and shows it this once',
    notes: 'From the first key on, every route but /health needs one.',
    request: { schema: keyRequest, example: { name: 'home-assistant', scope: 'inference' } },
    answers: {
      'application/json': {
        ...key,
        last_used_at: null,
        key: 'rk-3f0c9d1b7a5e48260f9b1c7d3e5a8042b6d9f1e37c5a0b84',
      },
    },
  },
  revokeKey: {
    summary: 'Revokes an API key, by id or name',
    notes: 'After the last one, only the admin socket gets in.',
    answers: { 'application/json': { id: key.id, name: key.name, remaining: 1 } },
    destroys: true,
  },
} satisfies Record<string, RouteDescription>;
