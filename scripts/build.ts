/** Bundles the daemon and its worker into dist/; koffi stays outside, it finds its own binary. */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

export async function buildDaemon(): Promise<void> {
  await rm('dist', { recursive: true, force: true });
  await build({
    entryPoints: {
      daemon: 'src/daemon.ts',
      worker: 'src/rkllm/worker.ts',
      'prompt-worker': 'src/engine/prompt/prompt-worker.ts',
    },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['koffi'],
    // Source text stays in memory: less of it is a smaller daemon. Names stay for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // CommonJS packages inside an ESM bundle look for `require`.
    banner: {
      js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

if (import.meta.main) await buildDaemon();
