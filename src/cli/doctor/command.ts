import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';
import type { Checked, Verdict } from './check.ts';

interface Options {
  report?: string;
}

export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description(
      'Check everything that an answer needs, from the SoC to the network, and tell what mends it. ' +
        'Changes nothing, and needs no daemon. Exit code 1: something fails.',
    )
    .option('--report <file>', 'write a report for a bug tracker, without secrets; - is stdout')
    .action((options: Options) => examine(context, options));
}

async function examine(context: CliContext, { report }: Options): Promise<void> {
  const { out } = context;
  const { gatherFacts } = await import('./facts.ts');
  const { checks } = await import('./checks/index.ts');
  const facts = await gatherFacts(context);
  const results = checks.map(({ id, title, judge }): Checked => ({ id, title, ...judge(facts) }));
  const failed = results.filter(({ verdict }) => verdict === 'fail');
  if (report !== undefined) {
    const { reportText } = await import('./report.ts');
    const text = reportText(facts, results);
    if (report === '-') out.write(text);
    else {
      await write(report, text);
      out.note(`The report is in ${report}. Read it before you give it away.`);
    }
  }
  if (report !== '-') {
    const document = {
      ok: failed.length === 0,
      simulator: facts.runtime.library?.simulator ?? false,
      checks: results,
    };
    out.answer(document, () => print(context, results));
  }
  if (failed.length > 0) process.exitCode = 1;
}

/** Columns of a verdict and the name of its check. */
const room = 22;

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isFolderMissing = reason.startsWith('ENOENT');
    throw new CliError(
      'failure',
      `The report cannot be written to ${path}: ${isFolderMissing ? 'there is no such folder' : reason}.`,
      'Name another file, or - for stdout.',
    );
  }
}

const styles = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' } as const;

function print({ out }: CliContext, results: readonly Checked[]): void {
  for (const { id, verdict, words, remedy } of results) {
    const verdictText = out.style.paint(styles[verdict], verdict.padEnd(8));
    out.hanging(`${verdictText} ${id.padEnd(12)} `, room, words);
    if (remedy !== null) out.hanging(' '.repeat(room), room, `-> ${remedy}`);
  }
  const count = (verdict: Verdict) => results.filter((each) => each.verdict === verdict).length;
  out.print();
  out.print(
    `${count('ok')} fine, ${count('warn')} to look at, ${count('fail')} to mend, ${count('skipped')} unknown.`,
  );
}
