import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/cli/create-context.ts';
import { exitCodes } from '../../src/cli/failure.ts';
import { plain } from '../../src/cli/man/troff.ts';
import { manPages } from '../../src/cli/man-pages.ts';
import { commandTree } from '../../src/cli/tree.ts';
import { settingsByName } from '../../src/config/index.ts';

const pages = await manPages(new Date('2026-11-21T12:00:00Z'));
const hasGroff = await promisify(execFile)('groff', ['--version']).then(
  () => true,
  () => false,
);

/** A page as a reader sees it, and what the formatter complains of. */
async function format(source: string): Promise<{ stdout: string; stderr: string }> {
  const groff = promisify(execFile)('groff', [
    '-ww',
    '-b',
    '-man',
    '-Tutf8',
    '-P-cbou',
    '-rLL=200n',
  ]);
  groff.child.stdin?.end(source);
  return groff;
}

describe('the manual pages', () => {
  it('are those of the command line, the daemon and the configuration file', () => {
    expect([...pages.keys()]).toEqual(['rkllama.1', 'rkllamad.8', 'rkllamad.toml.5']);
    expect(pages.get('rkllamad.8')).toContain('.TH RKLLAMAD 8 2026-11-21 "rkllamad ');
  });

  it('are the same on the same day', async () => {
    expect(await manPages(new Date('2026-11-21T23:00:00Z'))).toEqual(pages);
  });

  it('name every command and every setting', async () => {
    const { stdin, stdout, stderr } = process;
    const context = createContext({
      streams: { stdin, stdout, stderr },
      environment: {},
      daemonScript: '',
    });
    const { commands } = await commandTree(context);
    expect(commands.length).toBeGreaterThan(20);
    for (const command of commands) {
      expect(pages.get('rkllama.1')).toContain(`.SS "rkllama ${plain(command.name())}`);
    }
    for (const { key, flag } of settingsByName.values()) {
      const name = key.slice(key.indexOf('.') + 1);
      expect(pages.get('rkllamad.toml.5')).toContain(`.B "${plain(name)}"`);
      if (flag !== null) expect(pages.get('rkllamad.8')).toContain(plain(`--${flag} VALUE`));
    }
  });

  it('leave what is typed as it is typed', () => {
    const page = pages.get('rkllama.1') ?? '';
    for (const literal of ['user/repo/file.rkllm, ', 'server.port, ', 'temperature=0.2, ']) {
      expect(page).toContain(`\n${plain(literal)}`);
    }
    expect(page).not.toMatch(/\bJson\b/);
    expect(page).toContain('\nCut the vectors');
  });

  it('tell every exit code', () => {
    for (const code of Object.values(exitCodes)) {
      expect(pages.get('rkllama.1')).toContain(`.B "${code}"\n`);
    }
  });

  it.runIf(hasGroff).each([...pages])('%s is formatted without a warning', async (name, source) => {
    const { stdout, stderr } = await format(source);
    expect(stderr).toBe('');
    expect(stdout.split('\n').length, name).toBeGreaterThan(30);
    if (name !== 'rkllama.1') return;
    expect(stdout).toContain("printf 'FROM qwen3-1.7b\\nSYSTEM You speak like a pirate.\\n'");
    expect(stdout).toContain('~/.local/state/rkllama/history');
    expect(stdout).toMatch(/^ +-o, --option <name=value>$/m);
  });
});

describe('plain', () => {
  it
    .runIf(hasGroff)
    .each([
      ['.TH at the beginning'],
      ["'quoted' at the beginning"],
      ['a \\ backslash \\fB and \\n'],
      ['-- minus - minus'],
      ['~ ^ ` " \' are themselves'],
      ['… – ä 千'],
    ])('shows %j as it is', async (text) => {
    const { stdout } = await format(`.TH X 1\n.PP\n${plain(text)}\n`);
    expect(stdout).toContain(text);
  });
});
