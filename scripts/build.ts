/** Bundles the daemon and its worker into dist/; koffi stays outside, it finds its own binary. */
import { rm } from 'node:fs/promises';
import { build, type Metafile } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };

/** Returns what went into it, for the licences of a package. */
export async function buildDaemon(
  outdir = 'dist',
  version: string = manifest.version,
): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: {
      daemon: 'src/daemon.ts',
      cli: 'src/cli.ts',
      worker: 'src/rkllm/worker.ts',
      'prompt-worker': 'src/engine/prompt/prompt-worker.ts',
    },
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['koffi'],
    alias: { 'iconv-lite': './scripts/lib/no-charsets.ts' },
    // Source text stays in memory: less of it is a smaller daemon. Names stay for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // CommonJS packages inside an ESM bundle look for `require`.
    banner: {
      js: "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);",
    },
    define: { RKLLAMAD_VERSION: JSON.stringify(version) },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

if (import.meta.main) await buildDaemon();
