import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { HostPolicy } from '../../../src/library/pull/hosts.ts';
import { HubClient, readLimited } from '../../../src/library/pull/hub-client.ts';
import { httpTransport } from '../../../src/library/pull/transport.ts';
import { defaultTuning } from '../../../src/library/pull/tuning.ts';

it('a redirect with a body that does not end is followed, and its connection given up', async () => {
  const givenUp = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    if (request.url === '/file') return response.end('bytes');
    response.writeHead(302, { location: '/file' });
    const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
    return response.on('close', () => {
      clearInterval(timer);
      givenUp.resolve();
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/start`);
  const client = new HubClient({
    hosts: new HostPolicy([url], []),
    token: undefined,
    tokenOrigin: url.origin,
    transport: httpTransport(),
    tuning: defaultTuning,
  });
  const answer = await client.open(url, {}, new AbortController().signal);
  expect((await readLimited(answer, 100)).toString()).toBe('bytes');
  answer.close();
  await givenUp.promise;
});
