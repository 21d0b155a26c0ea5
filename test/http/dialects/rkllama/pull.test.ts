import { once } from 'node:events';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import type { PullEvent } from '../../../../src/http/services.ts';
import { type FakeServices, fakeServices, recordingLog } from '../../fakes.ts';
import { LiveServer } from '../../live-server.ts';

let services: FakeServices;
const pull = (body: object) => request(createApp(services)).post('/pull').send(body);

beforeEach(() => {
  services = fakeServices();
});

describe('POST /pull', () => {
  it('streams lines of plain text', async () => {
    const response = await pull({ model: 'hf/username/repo/file.rkllm' }).expect(200);
    expect(response.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(response.text).toBe('Downloading file.rkllm (3.00 MB)...\n100%\n');
  });

  it.each([
    [{ model: 'hf/u/r/f.rkllm' }, { reference: 'hf/u/r/f.rkllm' }],
    [{ model: 'u/r/f.rkllm/custom' }, { reference: 'u/r/f.rkllm/custom' }],
    [{ model_name: 'u/r/f.rkllm' }, { reference: 'u/r/f.rkllm' }],
    [
      { model: 'u/r/f.rkllm', model_name: 'mine' },
      { reference: 'u/r/f.rkllm', name: 'mine' },
    ],
    [{ model: 'u/r/f.rkllm', model_name: null }, { reference: 'u/r/f.rkllm' }],
  ])('given %j pulls %j', async (body, asked) => {
    await pull(body).expect(200);
    expect(services.puller.asked).toEqual([asked]);
  });

  it.each([[{}], [{ model: '' }], [{ model: null }]])(
    'asks for a model, given %j',
    async (body) => {
      const response = await pull(body)
        .expect(400)
        .expect('Content-Type', /^text\/plain/);
      expect(response.text).toBe('Error: Model not specified.\n');
      expect(services.puller.asked).toEqual([]);
    },
  );

  it.each(['pull_failed', 'invalid_request', 'insufficient_storage'] as const)(
    'is 400 with one line when it fails at once (%s)',
    async (code) => {
      services.puller.events = () => failing(new ApplianceError(code, 'the hub\nsays no'));
      const response = await pull({ model: 'u/r/f.rkllm' }).expect(400);
      expect(response.headers['content-type']).toContain('text/plain');
      expect(response.text).toBe('Error during download: the hub says no\n');
    },
  );

  it('ends with the reason when it fails on its way', async () => {
    services.puller.events = async function* () {
      yield { type: 'start', file: 'f.rkllm', sizeBytes: 1024 ** 2 };
      throw new ApplianceError('pull_failed', 'connection lost');
    };
    expect((await pull({ model: 'u/r/f.rkllm' }).expect(200)).text).toBe(
      'Downloading f.rkllm (1.00 MB)...\nError during download: connection lost\n',
    );
  });

  it('hides the inside of a defect', async () => {
    services.puller.events = () => failing(new TypeError('secret path'));
    const response = await pull({ model: 'u/r/f.rkllm' }).expect(500);
    expect(response.text).toMatch(/^Error during download: Something went wrong inside/);
  });

  it('goes on when the client leaves, and logs how it ended', async () => {
    const gate = Promise.withResolvers<void>();
    const { log, lines } = recordingLog();
    services.puller.events = async function* () {
      yield { type: 'start', file: 'f.rkllm', sizeBytes: 100 };
      await gate.promise;
      yield { type: 'progress', file: 'f.rkllm', receivedBytes: 50, sizeBytes: 100 };
      throw new ApplianceError('pull_failed', 'disk is full');
    };
    const server = await LiveServer.start(createApp({ ...services, log }));
    try {
      const socket = await server.post('/pull', { model: 'u/r/f.rkllm' });
      await once(socket, 'data');
      socket.resetAndDestroy();
      await expect.poll(() => lines.join('')).toContain('"clientLeft":true');
      gate.resolve();
      await expect.poll(() => lines.join('')).toContain('disk is full');
    } finally {
      await server.stop();
    }
  });
});

function failing(error: Error): AsyncIterable<PullEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
