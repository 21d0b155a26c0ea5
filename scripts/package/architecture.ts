/** Debian's architectures and what others call them. */
export const architectures = {
  arm64: { npm: 'arm64', tools: 'aarch64-linux-gnu', binutils: 'binutils-aarch64-linux-gnu' },
  amd64: { npm: 'x64', tools: 'x86_64-linux-gnu', binutils: 'binutils-x86-64-linux-gnu' },
} as const;

export type Architecture = keyof typeof architectures;

export function isArchitecture(text: string): text is Architecture {
  return Object.hasOwn(architectures, text);
}
