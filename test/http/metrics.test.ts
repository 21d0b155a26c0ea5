import { once } from 'node:events';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../src/errors.ts';
import { createApp } from '../../src/http/app.ts';
import { done, type FakeServices, fakeServices, text } from './fakes.ts';
import { LiveServer } from './live-server.ts';

let services: FakeServices;
let agent: ReturnType<typeof request>;
beforeEach(() => {
  services = fakeServices('model1.rkllm');
  agent = request(createApp(services));
});

async function scrape(): Promise<Map<string, number>> {
  const { text: page } = await agent.get('/metrics').expect(200);
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [, name = '', value] = /^(\S+) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}
const generate = () => agent.post('/generate').send('{"messages":"Hi"}');

describe('GET /metrics', () => {
  it('is what Prometheus reads', async () => {
    const { headers, text: page } = await agent.get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain; (charset=utf-8; )?version=0\.0\.4/);
    for (const line of page.split('\n').filter(Boolean)) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) rkllamad_\w+ .+|rkllamad_\w+(\{(\w+="[^"]*",?)+\})? [-+\d.eInf]+)$/,
      );
    }
  });

  it('tells what is now', async () => {
    services.engine.queued = () => [
      { model: 'a', position: 1, waitedMs: 1, estimatedWaitMs: null },
      { model: 'a', position: 2, waitedMs: 1, estimatedWaitMs: null },
    ];
    const samples = await scrape();
    expect(samples.get('rkllamad_queue_length')).toBe(2);
    expect(samples.get('rkllamad_models_loaded')).toBe(1);
    expect(samples.get('rkllamad_models_crashed')).toBe(0);
    expect(samples.get('rkllamad_pulls_running')).toBe(1);
    expect(samples.get('rkllamad_simulator')).toBe(1);
    expect(samples.get('rkllamad_prefix_hits_total')).toBe(2);
    expect(samples.get('rkllamad_prefix_store_bytes')).toBe(4096);
    expect(samples.get('rkllamad_resident_memory_bytes')).toBeGreaterThan(1024 ** 2);
    expect((await scrape()).get('rkllamad_prefix_hits_total')).toBe(2);
  });

  it('counts requests by route and status from the first time on', async () => {
    await generate().expect(200);
    await scrape();
    await generate().expect(200);
    await generate().expect(200);
    await agent.post('/generate').send('{').expect(400);
    await agent.get('/v1/models/model1.rkllm').expect(200);
    await agent.get('/nowhere/secret').expect(404);
    const samples = await scrape();
    const count = (method: string, route: string, status: number) =>
      samples.get(
        `rkllamad_http_requests_total{method="${method}",route="${route}",status="${status}"}`,
      );
    expect(count('POST', '/generate', 200)).toBe(2);
    expect(count('POST', '/generate', 400)).toBe(1);
    expect(count('GET', '/v1/models/*id', 200)).toBe(1);
    expect(count('GET', 'none', 404)).toBe(1);
    expect([...samples.keys()].join()).not.toContain('secret');
  });

  it('counts a client that left before its answer as 499', async () => {
    const server = await LiveServer.start(createApp(services));
    try {
      const url = `http://127.0.0.1:${server.port}/metrics`;
      await (await fetch(url)).text();
      const seen = Promise.withResolvers<void>();
      services.engine.answer = async function* (_request, signal) {
        seen.resolve();
        yield [];
        await once(signal, 'abort');
        throw signal.reason;
      };
      const socket = await server.post('/generate', { messages: 'Hi' });
      await seen.promise;
      socket.destroy();
      await expect
        .poll(async () => (await fetch(url)).text())
        .toContain('http_requests_total{method="POST",route="/generate",status="499"} 1');
    } finally {
      await server.stop();
    }
  });

  it('counts tokens, and measures first token, decoding and loads', async () => {
    await scrape();
    const usage = { promptTokens: 100, cachedTokens: 90, completionTokens: 30, reasoningTokens: 0 };
    const timings = { queueMs: 0, loadMs: 4000, prefillMs: 50, decodeMs: 3000 };
    services.engine.answer = async function* () {
      yield [text('Hello')];
      yield [done({ usage, timings })];
    };
    await generate().expect(200);
    await agent.post('/v1/chat/completions').send({
      model: 'model1.rkllm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    });
    const samples = await scrape();
    const of = (name: string) => samples.get(`rkllamad_${name}{model="model1.rkllm"}`);
    expect(of('tokens_generated_total')).toBe(60);
    expect(of('tokens_prefilled_total')).toBe(20);
    expect(of('tokens_cached_total')).toBe(180);
    expect(of('time_to_first_token_seconds_count')).toBe(2);
    expect(of('decode_tokens_per_second_sum')).toBe(20);
    expect(
      samples.get('rkllamad_decode_tokens_per_second_bucket{le="8",model="model1.rkllm"}'),
    ).toBe(0);
    expect(
      samples.get('rkllamad_decode_tokens_per_second_bucket{le="10",model="model1.rkllm"}'),
    ).toBe(2);
    expect(of('load_seconds_sum')).toBe(8);
  });

  it('counts failures by their code, before and after the first token', async () => {
    await scrape();
    services.engine.generateError = new ApplianceError('queue_full', 'Full.');
    await generate().expect(503);
    services.engine.generateError = undefined;
    services.engine.answer = async function* () {
      yield [text('Hel')];
      throw new ApplianceError('runtime_crashed', 'The runtime crashed.');
    };
    await generate().expect(500);
    const samples = await scrape();
    expect(samples.get('rkllamad_generation_failures_total{code="queue_full"}')).toBe(1);
    expect(samples.get('rkllamad_generation_failures_total{code="runtime_crashed"}')).toBe(1);
  });
});
