import { readFile, stat } from 'node:fs/promises';
import { Command } from 'commander';
import type { InstalledRuntime } from '../../runtimes/index.ts';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import { asCliError, noRelease } from './failures.ts';

interface Options {
  file?: string;
  unverified?: boolean;
}

export function installCommand(context: CliContext): Command {
  return new Command('install')
    .description(
      "Fetch Rockchip's librkllmrt.so from its public repository, and install it beside the others once its digest is proven. " +
        'Without VERSION, the one that serves the models best.',
    )
    .summary('Install a release, or a file')
    .argument('[version]', 'for instance 1.3.1, or auto', 'auto')
    .option('--file <path>', 'install this file, for boards without a way to the internet')
    .option('--unverified', 'with --file: take a file that Rockchip has not published')
    .action(async (version: string, options: Options) => {
      if (options.unverified && options.file === undefined) {
        throw new CliError('usage', '--unverified is for a file: --file PATH --unverified');
      }
      if (options.file !== undefined && version !== 'auto') {
        throw new CliError(
          'usage',
          'A file states its version itself: --file PATH without VERSION',
        );
      }
      try {
        await install(context, version, options);
      } catch (error) {
        throw asCliError(error, 'sudo rkllama runtime install');
      }
    });
}

async function install(context: CliContext, wanted: string, options: Options): Promise<void> {
  const { out, environment } = context;
  const { readInstallation } = await import('../installation.ts');
  const { needsOf, runtimeInUse, storeOf } = await import('./overview.ts');
  const { chooseAgain, tellRestart } = await import('./selection.ts');
  const runtimes = await import('../../runtimes/index.ts');
  const installation = await readInstallation(environment);
  const store = storeOf(installation);
  const models = await needsOf(installation);
  const installed =
    options.file === undefined
      ? await fetchRelease()
      : await runtimes.installFile(await readLibrary(options.file), {
          store,
          arch: process.arch,
          releases: runtimes.releases,
          unverified: options.unverified ?? false,
        });
  const selection = await chooseAgain(store, models, installed.version);
  const proof = installed.verifiedBy.map((kind) => runtimes.digestNames[kind]).join(' and ');
  const inUse = await runtimeInUse(installation);
  const document = {
    version: installed.version,
    path: installed.path,
    verified_by: installed.verifiedBy,
    simulator: installed.simulator,
    in_use: { version: inUse.version, path: inUse.path },
  };
  out.answer(document, () => {
    out.print(`Installed ${named(installed)} as ${installed.path}`);
    out.print(proof ? `Verified by its ${proof}.` : 'Not verified: nobody vouches for this file.');
    if (inUse.path === installed.path) out.print('It is the one in use.');
    else if (selection.version === installed.version) {
      out.print(`In use is ${inUse.path}, which the configuration names.`);
    } else {
      out.print(
        `In use is ${inUse.version}. To change: sudo rkllama runtime use ${installed.version}`,
      );
    }
  });
  if (inUse.path === installed.path) await tellRestart(context, installed.version);

  async function fetchRelease(): Promise<InstalledRuntime> {
    const all = runtimes.releases.map(({ version }) => version);
    const version = wanted === 'auto' ? runtimes.bestFit(all, models)?.version : wanted;
    const release = runtimes.releases.find((each) => each.version === version);
    if (!release) throw noRelease(wanted, all);
    const endpoint = installation.config.runtimeEndpoint.replace(/\/+$/, '');
    out.note(runtimes.licenceNotice);
    runtimes.requireBoard(process.arch);
    out.note(`Fetching librkllmrt.so ${release.version} from ${new URL(endpoint).host} …`);
    const { ProgressBar } = await import('../terminal/progress-bar.ts');
    const bar = out.canRedraw ? new ProgressBar(out) : undefined;
    const began = performance.now();
    try {
      return await runtimes.installRelease(release, {
        store,
        arch: process.arch,
        endpoint,
        onProgress: (received, size) => {
          const bytesPerSecond = (received / Math.max(1, performance.now() - began)) * 1000;
          const secondsLeft = size === null ? null : (size - received) / bytesPerSecond;
          const label = 'librkllmrt.so';
          bar?.show({ label, received, size: size ?? 0, bytesPerSecond, secondsLeft });
        },
      });
    } finally {
      bar?.clear();
    }
  }
}

async function readLibrary(path: string): Promise<Buffer> {
  if ((await stat(path)).isFile()) return readFile(path);
  throw new CliError('failure', `${path} is no file: librkllmrt.so itself is expected.`);
}

function named({ version, simulator }: InstalledRuntime): string {
  return simulator ? `the simulator of ${version}, which is no NPU,` : `librkllmrt.so ${version}`;
}
