import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { wholeNumber } from '../numbers.ts';
import type { Result } from './selftest.ts';

interface Options {
  force?: boolean;
  unload?: boolean;
  patience: number;
}

export function selftestCommand(context: CliContext): Command {
  return new Command('selftest')
    .description(
      'Test with a model whether the runtime does what rkllamad relies on, and measure it. ' +
        'Takes about a minute on a board; the table belongs into every bug report.',
    )
    .argument('[model]', 'default: the smallest one that can be loaded')
    .option('--unload', 'have the daemon unload its models first')
    .option('--force', 'test although the daemon has models loaded')
    .option(
      '--patience <seconds>',
      'silence after which the runtime is hanging',
      wholeNumber(1),
      120,
    )
    .action((name: string | undefined, options: Options) => test(context, name, options));
}

async function test(context: CliContext, name: string | undefined, options: Options) {
  const { out, environment } = context;
  const { readInstallation } = await import('../installation.ts');
  const { runtimeInUse } = await import('../runtime/overview.ts');
  const { asCliError } = await import('../runtime/failures.ts');
  const { memoryNeed } = await import('../../library/index.ts');
  const { availableMemory, boardSummary } = await import('../../board/index.ts');
  const { runSelftest } = await import('./selftest.ts');
  const { header, printResult, documentOf } = await import('./report.ts');
  const { chosenModel } = await import('./chosen-model.ts');
  const { makeDaemonLetGo } = await import('./daemon.ts');

  const installation = await readInstallation(environment);
  const library = await runtimeInUse(installation).catch((error: unknown) => {
    throw asCliError(error, 'sudo rkllama selftest');
  });
  const model = await chosenModel(installation, library.version, name);
  await makeDaemonLetGo(context, options);
  const board = await boardSummary();
  const subject = { library, model, board };
  if (!out.isJson) for (const line of header(subject)) out.print(line);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    const outcome = await runSelftest({
      library,
      model,
      environment,
      patienceMs: options.patience * 1000,
      loadPatienceMs: options.patience * 1000,
      neededBytes: memoryNeed(model, 1024),
      availableBytes: () => availableMemory(),
      signal: interrupted.signal,
      onResult: (result) => {
        if (!out.isJson) printResult(out, result);
      },
      log: () => {},
    });
    const count = (verdict: Result['verdict']) =>
      outcome.results.filter((result) => result.verdict === verdict).length;
    const [passed, failed, skipped] = [count('pass'), count('fail'), count('skipped')];
    out.answer(documentOf(subject, outcome), () => {
      out.print(`${passed} passed, ${failed} failed, ${skipped} could not be tested.`);
    });
    if (failed > 0) process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
