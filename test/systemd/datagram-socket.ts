import { rmSync } from 'node:fs';
import koffi from 'koffi';
import * as z from 'zod';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, void *address, uint32_t length)');
const recv = libc.func('int64_t recv(int fd, void *buffer, size_t length, int flags)');
const close = libc.func('int close(int fd)');

const unixDomain = 1;
const datagrams = 2;
const dontWait = 0x40;
const longestMessage = 4096;

/** What systemd's end of NOTIFY_SOCKET is: a Unix datagram socket, which Node.js has not. */
export class DatagramSocket {
  readonly path: string;
  readonly #fd: number;
  readonly #received: string[] = [];

  constructor(path: string) {
    this.path = path;
    this.#fd = z
      .int()
      .nonnegative()
      .parse(socket(unixDomain, datagrams, 0));
    const address = Buffer.alloc(110);
    address.writeUInt16LE(unixDomain);
    address.write(path, 2);
    z.literal(0).parse(bind(this.#fd, address, address.length));
  }

  /** Every message that has come so far. */
  messages(): readonly string[] {
    const buffer = Buffer.alloc(longestMessage);
    for (;;) {
      const length = Number(recv(this.#fd, buffer, buffer.length, dontWait));
      if (length < 0) return this.#received;
      this.#received.push(buffer.toString('utf8', 0, length));
    }
  }

  close(): void {
    close(this.#fd);
    rmSync(this.path, { force: true });
  }
}
