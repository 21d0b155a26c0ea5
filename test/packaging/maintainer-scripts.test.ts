import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const scripts = ['rkllamad.postinst', 'rkllamad.postrm'].map((name) => join('debian', name));
const shellScripts = [
  ...scripts,
  'test/vm/make-image',
  'test/vm/make-container',
  'test/vm/guest/run-payload',
  'test/vm/guest/start',
  'test/vm/guest/sandbox-probe',
];
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

/** What the scripts call, so that it only says that it was called. */
const commands = ['systemd-sysusers', 'systemd-tmpfiles', 'chown', 'userdel', 'groupdel'];
const debconf = `
export DEBIAN_HAS_FRONTEND=1
db_input() { :; }
db_go() { :; }
`;

/** Runs a script with all that it touches moved below `root`; returns the commands that it called. */
function rehearse(script: string, args: readonly string[], root: string, answer = 'false'): string {
  const moved = readFileSync(join('debian', script), 'utf8')
    .replaceAll(/\/(?=(?:var|etc|run|usr\/share)\/)/g, `${root}/`)
    .replace('#DEBHELPER#', '');
  // It deletes: nothing of it may lead out.
  const outside = moved
    .replace(/^#!.*/, '')
    .replaceAll(root, '.')
    .match(/(?<![\w.$a-z])\/(?!dev\/null)\w+/);
  if (outside) throw new Error(`${script} would reach ${outside[0]}`);
  return execFileSync('sh', ['-s', '--', ...args], {
    input: moved.replace('set -e', `set -e\n${debconf}db_get() { RET=${answer}; }`),
    encoding: 'utf8',
    env: { PATH: `${commandsThatOnlySay()}:${process.env['PATH']}` },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

function commandsThatOnlySay(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rkllamad-commands-'));
  for (const command of [...commands, 'getent', 'dpkg-statoverride']) {
    const text = commands.includes(command) ? `echo "${command} $*"` : 'exit 1';
    writeFileSync(join(folder, command), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

/** A board on which the package was used. */
function usedBoard(models: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'rkllamad-package-'));
  execFileSync(
    'sh',
    [
      '-c',
      'mkdir -p var/lib/rkllamad/RKLLAMA/models var/lib/rkllamad/RKLLAMA/cache etc/rkllamad && touch etc/rkllamad/config.toml var/lib/rkllamad/RKLLAMA/keys.json var/lib/rkllamad/history',
    ],
    { cwd: root },
  );
  for (const model of models) {
    execFileSync('touch', [join(root, 'var/lib/rkllamad/RKLLAMA/models', model)]);
  }
  return root;
}

function filesBelow(root: string): string[] {
  return execFileSync('find', ['.', '-type', 'f'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

describe('the maintainer scripts', () => {
  it.each(shellScripts)('%s is a script that its shell can read', (script) => {
    const shell = /^#!\/bin\/sh/.test(readFileSync(script, 'utf8')) ? 'sh' : 'bash';
    expect(spawnSync(shell, ['-n', script], { encoding: 'utf8' }).stderr).toBe('');
  });

  it.runIf(hasShellcheck).each(shellScripts)('shellcheck has no warning about %s', (script) => {
    const { stdout } = spawnSync('shellcheck', ['-x', '--severity=warning', script], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });
});

describe('purge', () => {
  it('keeps the models and nothing else', () => {
    const root = usedBoard(['a.rkllm', 'b model.rkllm']);
    const said = rehearse('rkllamad.postrm', ['purge'], root);
    expect(filesBelow(root)).toEqual([
      './var/lib/rkllamad/RKLLAMA/models/a.rkllm',
      './var/lib/rkllamad/RKLLAMA/models/b model.rkllm',
    ]);
    expect(said).toContain('chown -R --no-dereference root:root');
  });

  it('deletes the models where the administrator says so', () => {
    const root = usedBoard(['a.rkllm']);
    rehearse('rkllamad.postrm', ['purge'], root, 'true');
    expect(filesBelow(root)).toEqual([]);
  });

  it('leaves no folder where there are no models', () => {
    const root = usedBoard([]);
    rehearse('rkllamad.postrm', ['purge'], root);
    expect(spawnSync('ls', [join(root, 'var/lib')], { encoding: 'utf8' }).stdout).toBe('');
  });
});

describe('remove', () => {
  it('deletes nothing', () => {
    const root = usedBoard(['a.rkllm']);
    const before = filesBelow(root);
    rehearse('rkllamad.postrm', ['remove'], root, 'true');
    expect(filesBelow(root)).toEqual(before);
  });
});

describe('configure', () => {
  it('gives models that a purge has left to the new user, at a first installation only', () => {
    const root = usedBoard(['a.rkllm']);
    const owner = `chown -R --no-dereference rkllama:rkllama ${root}/var/lib/rkllamad/RKLLAMA`;
    expect(rehearse('rkllamad.postinst', ['configure'], root)).toContain(owner);
    expect(rehearse('rkllamad.postinst', ['configure', '0.1.0'], root)).not.toContain(owner);
  });

  it('makes the user before anything is given to it, and the folders afterwards', () => {
    const said = rehearse('rkllamad.postinst', ['configure'], usedBoard([]));
    const order = ['systemd-sysusers', 'chown root:rkllama', 'systemd-tmpfiles'];
    const places = order.map((command) => said.indexOf(command));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});
