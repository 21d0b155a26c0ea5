/** Files that look like the runtime's library from outside: head, version, some content. */

const processors = { arm64: 183, x64: 62 };

interface Look {
  arch?: keyof typeof processors;
  /** 3: a shared library, 2: a program. */
  type?: number;
  bits?: number;
  /** The whole banner; a text that is no banner for a file that states no version. */
  banner?: string;
}

export function library(version: string, look: Look = {}): Buffer {
  const { arch = 'arm64', type = 3, bits = 2 } = look;
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, bits, 1, 1]);
  head.writeUInt16LE(type, 16);
  head.writeUInt16LE(processors[arch], 18);
  const banner =
    look.banner ??
    `RKLLM SDK (version: ${version} | target: Linux | build: 27637c95 2025-05-02 17:46:07)`;
  return Buffer.concat([head, Buffer.alloc(4096, 'code of Rockchip '), Buffer.from(`${banner}\0`)]);
}
