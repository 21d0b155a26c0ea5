/** A stand-in for the host of Rockchip's repository, on the loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server for the length of the test; returns its address. */
export async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** A repository with these files by path, under `/raw`. */
export function repository(files: Record<string, Buffer>): Promise<string> {
  return serve((request, response) => {
    const content = files[request.url ?? ''];
    if (content) response.end(content);
    else response.writeHead(404).end('404: Not Found');
  });
}
