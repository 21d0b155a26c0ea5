import { type Setting, sectionTitles, settingsByName } from '../../config/index.ts';
import { definition, literal, section, text, title } from './troff.ts';
import { valueText } from './value-text.ts';

/** rkllamad.toml(5): the configuration file. */
export function tomlPage(date: string, version: string): string {
  const settings = [...settingsByName.values()];
  return [
    title('rkllamad.toml', 5, date, version),
    section('Name'),
    'rkllamad.toml \\- configuration of rkllamad',
    section('Synopsis'),
    '/etc/rkllamad/config.toml',
    section('Description'),
    text(description),
    section('Example'),
    text('For the whole network, with models that stay for an hour:'),
    literal('[server]\nhost = "0.0.0.0"\n\n[models]\nkeep_alive = "1h"'),
    ...Object.entries(sectionTitles).flatMap(([name, about]) => {
      const own = settings.filter(({ key }) => key.startsWith(`${name}.`));
      return own.length === 0 ? [] : [section(`[${name}]`), text(`${about}.`), ...own.map(keyPart)];
    }),
    section('See also'),
    '.BR rkllamad (8),\n.BR rkllama (1)',
    '',
  ].join('\n');
}

function keyPart(setting: Setting<unknown>): string {
  const { key, title: name, description: meaning, kind, fallback, example } = setting;
  const parts = [
    `${name}. ${meaning}`,
    `Takes ${kind.expects}.`,
    ...(fallback === undefined ? [] : [`Default: ${valueText(fallback)}.`]),
    ...(example === undefined ? [] : [`Example: ${valueText(example)}.`]),
    `Variable: ${setting.environment.join(', ')}.`,
    setting.reload === 'live' ? 'A reload is enough.' : 'Needs a restart.',
  ];
  return definition(key.slice(key.indexOf('.') + 1), parts.join(' '));
}

const description = `
The configuration file is TOML. A setting that is left out has its default. Variables of the environment count before the file, and flags before both.

rkllama config check tells what is wrong in the file, rkllama config show what is in force, and rkllama config explain what a setting means. After a change: systemctl reload rkllamad, or restart for the settings that need it.`;
