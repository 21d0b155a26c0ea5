/** Texts for people, out of the table: the configuration file, the list of flags, the manual. */
import type { Setting } from './setting.ts';
import { sectionTitles, settingsByName } from './settings.ts';

const columns = 100;

/** The commented configuration file of the package. */
export function renderConfigFile(): string {
  const sections = Object.entries(sectionTitles).flatMap(([section, title]) => {
    const own = [...settingsByName.values()].filter(({ key }) => sectionOf(key) === section);
    return own.length === 0 ? [] : [`# ${title}\n[${section}]\n\n${own.map(entry).join('\n')}`];
  });
  return `${preface}\n${sections.join('\n')}`;
}

/** The flags of rkllamad, one in a line. */
export function renderUsage(): string {
  const lines = [...settingsByName.values()].flatMap(({ flag, title, fallback }) =>
    flag === null ? [] : [usageLine(`--${flag} VALUE`, title, fallback)],
  );
  return [
    'rkllamad [OPTIONS]',
    '',
    'Serves the models of this board over HTTP. Options count before variables of the environment,',
    'and those before the configuration file.',
    '',
    usageLine('--config FILE', 'Configuration file', '/etc/rkllamad/config.toml'),
    ...lines,
    usageLine('--help', 'Shows this', undefined),
    usageLine('--version', 'Shows the version', undefined),
    '',
  ].join('\n');
}

/** The reference of all settings, in Markdown. */
export function renderReference(): string {
  const rows = [...settingsByName.values()].map((setting) => {
    const { key, environment, flag, title, fallback, reload } = setting;
    const names = [...environment.map(code), ...(flag === null ? [] : [code(`--${flag}`)])];
    const value = fallback === undefined ? '' : code(tomlOf(fallback));
    return `| ${code(key)} | ${names.join(', ')} | ${title}. ${setting.description} | ${value} | ${reload === 'live' ? 'yes' : 'restart'} |`;
  });
  return [
    '| setting | variable, flag | meaning | default | on reload |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const preface = `# Configuration of rkllamad. What begins with # is a default, or an example where there is none.
#
#   rkllama config check     tells what is wrong in here, with lines
#   rkllama config show      tells what is in force, and where it was set
#   sudo systemctl reload rkllamad     makes changes act; "restart" below: they need a restart
#
# Variables of the environment (/etc/default/rkllamad) count before this file.
`;

function entry(setting: Setting<unknown>): string {
  const { key, title, description, environment, fallback, example, packaged } = setting;
  const name = key.slice(key.indexOf('.') + 1);
  const notes = [environment.join(', '), ...(setting.reload === 'restart' ? ['restart'] : [])];
  const isEmptyList = Array.isArray(fallback) && fallback.length === 0;
  const hint = isEmptyList && example !== undefined ? ` For example ${tomlOf(example)}.` : '';
  const text = wrap(`${title}. ${description}${hint} (${notes.join('; ')})`, '#');
  const value = packaged ?? fallback ?? example ?? '';
  return `${text}${packaged === undefined ? '#' : ''}${name} = ${tomlOf(value)}\n`;
}

/** Lines that begin with `indent`, the first of them with `head`. */
function wrap(text: string, head: string, indent = head): string {
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}

/** JSON's strings, numbers and lists are TOML's too. */
function tomlOf(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(tomlOf).join(', ')}]` : JSON.stringify(value);
}

function usageLine(option: string, title: string, fallback: unknown): string {
  const isNone = fallback === undefined || fallback === '';
  const text = isNone ? title : `${title} (${showText(fallback)})`;
  return wrap(text, `  ${option.padEnd(32)}`, ' '.repeat(34)).trimEnd();
}

function showText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(showText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sectionOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

function code(text: string): string {
  return `\`${text}\``;
}
