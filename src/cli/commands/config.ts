import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { CliError } from '../failure.ts';

export function configCommand(context: CliContext): Command {
  return new Command('config')
    .description('The configuration of the daemon: defaults, file, variables of the environment.')
    .addCommand(check(context))
    .addCommand(show(context))
    .addCommand(explain(context));
}

function check({ out, environment }: CliContext): Command {
  return new Command('check')
    .description('Tell everything that is wrong in the configuration file, with its lines.')
    .summary('Tell what is wrong')
    .argument('[file]', 'default: /etc/rkllamad/config.toml')
    .action(async (path?: string) => {
      const { checkConfig } = await import('../../config/index.ts');
      const { file, problems, warnings } = checkConfig(environment, path);
      out.answer({ file, problems, warnings }, () => {
        for (const { message } of problems) out.print(message);
        for (const warning of warnings) out.warn(warning);
        if (problems.length === 0) {
          out.print(
            file === null ? 'There is no file, and the defaults are fine.' : `${file} is fine.`,
          );
        }
      });
      if (problems.length > 0) process.exitCode = 1;
    });
}

function show({ out, environment }: CliContext): Command {
  return new Command('show')
    .description(
      'Show every setting with its value and where that was given. Secrets are not shown.',
    )
    .summary('Show what is in force')
    .option('--changed', 'only those that are not the default')
    .action(async ({ changed }: { changed?: boolean }) => {
      const { showConfig } = await import('../../config/index.ts');
      const { file, settings, problems, warnings } = showConfig(environment);
      const shown = settings.filter(({ source }) => !changed || source.kind !== 'default');
      out.answer({ file, settings: shown, problems, warnings }, () => {
        out.table(
          [
            { title: 'SETTING', value: ({ key }) => key },
            { title: 'VALUE', value: ({ value }) => valueText(value), shrinks: true },
            { title: 'GIVEN BY', value: ({ where }) => where },
          ],
          shown,
        );
        for (const { message } of problems)
          out.note(`${out.noteStyle.paint('red', 'Wrong:')} ${message}`);
        for (const warning of warnings) out.warn(warning);
        out.note(
          'In this shell; the service has an environment of its own (/etc/default/rkllamad).',
        );
      });
    });
}

function explain({ out }: CliContext): Command {
  return new Command('explain')
    .description('Explain a setting: what it means, what it takes, and where it can be given.')
    .summary('Explain a setting')
    .argument('<key>', 'server.port, models.keep_alive …')
    .action(async (key: string) => {
      const { ConfigError, explainSetting } = await import('../../config/index.ts');
      try {
        const setting = explainSetting(key);
        out.answer(setting, () => {
          out.print(`${out.style.paint('bold', setting.title)}. ${setting.description}\n`);
          out.facts([
            ['Setting', setting.key],
            ['Takes', setting.expects],
            ['Default', setting.fallback === null ? 'none' : valueText(setting.fallback)],
            ['Example', setting.example === null ? undefined : valueText(setting.example)],
            ['Variable', setting.environment.join(', ')],
            ['Flag', setting.flag === null ? undefined : `--${setting.flag}`],
            ['Changed by', setting.reload === 'live' ? 'a reload' : 'a restart'],
          ]);
        });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new CliError('not_found', error.message);
      }
    });
}

function valueText(value: unknown): string {
  if (value === null || value === '') return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
