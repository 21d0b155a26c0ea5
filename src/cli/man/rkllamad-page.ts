import { type Setting, settingsByName } from '../../config/index.ts';
import { definition, section, text, title } from './troff.ts';
import { valueText } from './value-text.ts';

/** rkllamad(8): the daemon and its flags. */
export function rkllamadPage(date: string, version: string): string {
  return [
    title('rkllamad', 8, date, version),
    section('Name'),
    'rkllamad \\- serves language models from the NPU of a Rockchip board',
    section('Synopsis'),
    '.B rkllama serve\n[flags]\n.br\n.B systemctl start rkllamad',
    section('Description'),
    text(description),
    section('Options'),
    definition('--config FILE', 'Configuration file. Default: /etc/rkllamad/config.toml.'),
    ...[...settingsByName.values()].flatMap(flagPart),
    definition('--help', 'Shows the flags.'),
    definition('--version', 'Shows the version.'),
    section('Signals'),
    definition(
      'SIGHUP',
      'Reads the configuration again. What needs a restart is told in the log; a file with mistakes changes nothing.',
    ),
    definition('SIGTERM, SIGINT', 'Ends what is generated, unloads the models and stops.'),
    section('Exit status'),
    definition('0', 'It was stopped.'),
    definition('1', 'It failed; the last line of the log says at what.'),
    definition('78', 'The configuration cannot be used.'),
    section('Files'),
    definition('/etc/rkllamad/config.toml', 'Configuration.'),
    definition('/etc/default/rkllamad', 'Variables of the environment of the service.'),
    definition('/run/rkllamad/admin.sock', 'The admin socket, for root and the group rkllama.'),
    definition('~/RKLLAMA/admin.sock', 'The same where it is no service, for its user alone.'),
    section('See also'),
    '.BR rkllama (1),\n.BR rkllamad.toml (5),\n.BR journalctl (1)',
    '',
  ].join('\n');
}

function flagPart({
  flag,
  title: name,
  description: meaning,
  fallback,
}: Setting<unknown>): string[] {
  if (flag === null) return [];
  const value = fallback === undefined ? '' : ` Default: ${valueText(fallback)}.`;
  return [definition(`--${flag} VALUE`, `${name}. ${meaning}${value}`)];
}

const description = `
rkllamad loads models that were converted for the NPU of a Rockchip SoC and answers requests of the RKLLama, OpenAI and Ollama APIs over HTTP. It runs as the service rkllamad; rkllama serve runs it in the foreground.

Settings come from the configuration file, from variables of the environment, which count before it, and from these flags, which count before both.`;
