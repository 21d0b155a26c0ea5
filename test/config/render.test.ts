import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parseConfigFile } from '../../src/config/file.ts';
import { renderConfigFile, renderReference, settingsByName } from '../../src/config/index.ts';

describe('the packaged configuration file', () => {
  it('is what follows from the table (node scripts/config-file.ts writes it)', async () => {
    expect(await readFile('config/config.toml', 'utf8')).toBe(renderConfigFile());
  });

  it('is right, and sets only what the package needs', () => {
    const { values, problems } = parseConfigFile(renderConfigFile(), 'config.toml');
    expect(problems).toEqual([]);
    expect([...values].map(([name, { value }]) => [name, value])).toEqual([['host', '0.0.0.0']]);
  });

  it('is right with every line that is commented out', () => {
    const everything = renderConfigFile().replaceAll(/^#(?=[a-z_]+ = )/gm, '');
    expect(Object.values(parse(everything)).flatMap((each) => Object.keys(each))).toHaveLength(
      settingsByName.size,
    );
    expect(parseConfigFile(everything, 'config.toml').problems).toEqual([]);
  });
});

describe('the manual', () => {
  it('has the table of all settings (node scripts/config-file.ts writes it)', async () => {
    expect(await readFile('docs/CONFIGURATION.md', 'utf8')).toContain(renderReference());
  });
});
