/** Settings from variables of the environment and from the command line. */
import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import { type Problem, type Source, wrongValue } from './problem.ts';
import type { Setting } from './setting.ts';
import { settingsByName } from './settings.ts';

/** Other variables of ours, which are no settings of the daemon. */
const otherVariables = ['RKLLAMA_CONFIG', 'RKLLAMA_API_KEY'];

interface Reading {
  values: Map<string, { value: unknown; source: Source }>;
  problems: Problem[];
  warnings: string[];
}

/** Empty variables count as not set. */
export function readEnvironment(environment: NodeJS.ProcessEnv): Reading {
  const reading: Reading = { values: new Map(), problems: [], warnings: [] };
  for (const [name, setting] of settingsByName) {
    const variable = setting.environment.find((each) => environment[each]?.trim());
    const given = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || given === undefined) continue;
    take(reading, name, setting, given, { kind: 'environment', variable });
  }
  const known = [...settingsByName.values()].flatMap(({ environment: names }) => names);
  known.push(...otherVariables);
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('RKLLAMA_') || known.includes(variable)) continue;
    const meant = nearest(variable, known);
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    reading.warnings.push(`${variable} is no setting of rkllamad and is ignored.${hint}`);
  }
  return reading;
}

export interface CommandLine extends Reading {
  /** The path after `--config`. */
  file: string | undefined;
}

/** `--port 8080`, `--port=8080`, one flag for each setting that is no secret, and `--config`. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const reading: CommandLine = {
    values: new Map(),
    problems: [],
    warnings: [],
    file: undefined,
  };
  const flags = new Map(
    [...settingsByName].flatMap(([name, setting]) =>
      setting.flag === null ? [] : [[setting.flag, { name, setting }] as const],
    ),
  );
  const options = Object.fromEntries(
    [...flags.keys(), 'config'].map((flag) => [flag, stringOption]),
  );
  let isUnknown = false;
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const refuse = (message: string) =>
      reading.problems.push({ source: { kind: 'flag', flag: 'config' }, message });
    if (token.kind === 'positional') {
      // Most likely the value of the option before, which has been told.
      if (!isUnknown)
        refuse(`"${token.value}" is no option of rkllamad. rkllamad --help lists them.`);
      continue;
    }
    const known = flags.get(token.name);
    isUnknown = !known && token.name !== 'config';
    if (isUnknown) {
      const meant = nearest(token.name, [...flags.keys(), 'config']);
      const hint = meant === undefined ? 'rkllamad --help lists them.' : `Did you mean --${meant}?`;
      refuse(`rkllamad has no option ${token.rawName}. ${hint}`);
    } else if (token.value === undefined) {
      refuse(`${token.rawName} needs a value behind it.`);
    } else if (known) {
      const source: Source = { kind: 'flag', flag: token.name };
      take(reading, known.name, known.setting, token.value, source);
    } else {
      reading.file = token.value;
    }
  }
  return reading;
}

const stringOption = { type: 'string' } as const;

function take(
  { values, problems }: Reading,
  name: string,
  setting: Setting<unknown>,
  given: string,
  source: Source,
): void {
  const parsed = setting.kind.schema.safeParse(setting.kind.fromText(given.trim()));
  if (parsed.success) values.set(name, { value: parsed.data, source });
  else problems.push(wrongValue(setting, given, source));
}
