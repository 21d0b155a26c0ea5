import { describe, expect, it } from 'vitest';
import { readConfig, renderUsage, settingsByName } from '../../src/config/index.ts';

describe('the command line', () => {
  it.each([
    [['--port', '9000'], 'port', 9000],
    [['--port=9000'], 'port', 9000],
    [['--keep-alive', '-1'], 'keepAlive', '-1'],
    [['--pinned', 'qwen, gemma'], 'pinned', ['qwen', 'gemma']],
    [['--embed-flash', 'no'], 'embedFlash', false],
    [['--port', '1', '--port', '2'], 'port', 2],
  ] as const)('%j sets %s', (args, name, expected) => {
    expect(readConfig({ RKLLAMA_PORT: '7' }, args)[name]).toEqual(expected);
  });

  it.each([
    [['--prot', '1'], 'rkllamad has no option --prot. Did you mean --port?'],
    [['--hub-token', 'hf_a'], 'rkllamad has no option --hub-token. Did you mean --hub-token-file?'],
    [['-p', '1'], 'rkllamad has no option -p. rkllamad --help lists them.'],
    [['9000'], '"9000" is no option of rkllamad. rkllamad --help lists them.'],
    [['--port'], '--port needs a value behind it.'],
    [['--config'], '--config needs a value behind it.'],
  ])('refuses %j in words', (args, words) => {
    expect(() => readConfig({}, args)).toThrow(
      new RegExp(`^${words.replaceAll(/[?.]/g, '\\$&')}$`),
    );
  });

  it('is listed whole by --help', () => {
    const usage = renderUsage();
    for (const { flag } of settingsByName.values()) {
      if (flag !== null) expect(usage).toContain(`--${flag} VALUE`);
    }
    expect(usage).toMatch(/--port VALUE +TCP port \(8080\)/);
    expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
