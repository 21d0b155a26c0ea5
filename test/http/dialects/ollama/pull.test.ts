import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { pullLine } from '../../../clients/ollama-wire.ts';
import { type FakeServices, fakeServices } from '../../fakes.ts';

let services: FakeServices;
beforeEach(() => {
  services = fakeServices();
});
const pull = (body: object) => request(createApp(services)).post('/api/pull').send(body);
const statuses = (text: string) =>
  text
    .slice(0, -1)
    .split('\n')
    .map((line) => pullLine.parse(JSON.parse(line)));

describe('POST /api/pull', () => {
  it('tells every step', async () => {
    services.puller.events = async function* () {
      yield { type: 'start', file: 'f.rkllm', sizeBytes: 10 };
      yield { type: 'progress', file: 'f.rkllm', receivedBytes: 5, sizeBytes: 10 };
      yield { type: 'verifying', file: 'f.rkllm' };
      yield { type: 'done', name: 'f' };
    };
    const { text } = await pull({ name: 'u/r/f.rkllm', insecure: true }).expect(200);
    expect(services.puller.asked).toEqual([{ reference: 'u/r/f.rkllm' }]);
    const transfer = {
      status: expect.stringMatching(/^pulling [0-9a-f]{12}$/),
      digest: expect.stringMatching(/^sha256:/),
      total: 10,
    };
    expect(statuses(text)).toEqual([
      { status: 'pulling manifest' },
      transfer,
      { ...transfer, completed: 5 },
      { status: 'verifying sha256 digest' },
      { status: 'writing manifest' },
      { status: 'success' },
    ]);
  });

  it.each([true, false])('fails with a status (stream: %s)', async (stream) => {
    // biome-ignore lint/correctness/useYield: it fails before
    services.puller.events = async function* () {
      throw new ApplianceError('pull_failed', 'There is no such repository.');
    };
    const response = await pull({ model: 'u/r', stream }).expect(502);
    expect(response.body).toEqual({ error: 'There is no such repository.' });
  });

  it('ends with the reason when it fails on its way', async () => {
    services.puller.events = async function* () {
      yield { type: 'start', file: 'f.rkllm', sizeBytes: 10 };
      throw new ApplianceError('pull_failed', 'The hub is gone.');
    };
    const { text } = await pull({ model: 'u/r' }).expect(200);
    expect(text.endsWith('{"error":"The hub is gone."}\n')).toBe(true);
  });

  it('fetches nothing that is there', async () => {
    const { text } = await pull({ model: 'model1' }).expect(200);
    expect(statuses(text).at(-1)).toEqual({ status: 'success' });
    expect(services.puller.asked).toEqual([]);
  });

  it.each([[{}], [{ model: '' }]])('asks for a model, given %j', async (body) => {
    expect((await pull(body).expect(400)).body).toEqual({ error: 'model is required' });
  });
});
