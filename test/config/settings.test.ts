import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { parseConfigFile } from '../../src/config/file.ts';
import { readConfig, sectionTitles, settingsByName } from '../../src/config/index.ts';
import { parseKeepAlive } from '../../src/engine/index.ts';

const all = [...settingsByName];
/** The same value as a text of the environment and as TOML has it. */
const textOf = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));

describe('the table of settings', () => {
  it('has each key, variable and flag once', () => {
    for (const names of [
      all.map(([, setting]) => setting.key),
      all.flatMap(([, setting]) => setting.environment),
      all.flatMap(([, setting]) => setting.flag ?? []),
    ]) {
      expect(names.length).toBeGreaterThan(15);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    }
  });

  it.each(all)('knows the section of %s, and has a default or an example of it', (_, setting) => {
    expect(setting.key).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(Object.keys(sectionTitles)).toContain(setting.key.split('.')[0]);
    expect(setting.fallback ?? setting.example).toBeDefined();
    expect(setting.description).toMatch(/\.$/);
    // Everywhere the description follows the title and a full stop.
    expect(setting.title).toMatch(/^[A-Z].*[^.]$/);
    const fragment =
      /^(?:In|For|After|Of|With|Where|Whose|Which|Its|Their|Read|Searched|Looked|Better) /;
    expect(setting.description).not.toMatch(fragment);
  });

  it.each(all)(
    'takes the default and the example of %s from a file and from a variable',
    (name, setting) => {
      for (const value of [setting.fallback, setting.example, setting.packaged]) {
        if (value === undefined) continue;
        const [section, key] = setting.key.split('.');
        const file = `[${section}]\n${key} = ${JSON.stringify(value)}\n`;
        const reading = parseConfigFile(file, 'config.toml');
        expect(reading.problems).toEqual([]);
        const [variable] = setting.environment;
        const fromText = readEnvironment({ [variable]: textOf(value) }).values.get(name)?.value;
        if (textOf(value) === '') continue;
        expect(fromText).toEqual(reading.values.get(name)?.value);
      }
    },
  );

  it('keeps secrets off the command line, where every user could read them', () => {
    const secrets = all.filter(([, setting]) => setting.secret);
    expect(secrets.map(([name]) => name)).toContain('hubToken');
    expect(secrets.map(([, setting]) => setting.flag).filter((flag) => flag !== null)).toEqual([]);
  });

  it.each(['0', '300', '-1', '5m', '1h30m', '.5s', '+2m', '-1h', '1.5', '100ms', '2µs'])(
    'takes %s for a keep-alive, as the engine does',
    (given) => {
      const { keepAlive } = readConfig({ RKLLAMA_KEEP_ALIVE: given });
      expect(parseKeepAlive(keepAlive)).not.toBeNaN();
    },
  );
});
