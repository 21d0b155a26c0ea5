import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/config/file.ts';
import { ConfigError, readConfig, readConfiguration } from '../../src/config/index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rkllamad-config-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(toml: string, environment: NodeJS.ProcessEnv = {}, args: string[] = []) {
  await writeFile(path, toml, { mode: 0o640 });
  return readConfiguration({ RKLLAMA_CONFIG: path, ...environment }, args);
}

async function problemsOf(toml: string, environment: NodeJS.ProcessEnv = {}, args: string[] = []) {
  const error = await read(toml, environment, args).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigError)) throw new Error('it was taken');
  return error.problems.map(({ message }) => message.replaceAll(path, 'config.toml'));
}

describe('the configuration file', () => {
  it('sets what it says and leaves the rest', async () => {
    const { config, file } = await read(`
      [server]
      port = 9000
      [models]
      keep_alive = 300
      pinned = ["qwen", "gemma"]
      embed_flash = false
      [runtime]
      cpu_mask = 0xF0
    `);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 9000,
      keepAlive: '300',
      pinned: ['qwen', 'gemma'],
      embedFlash: false,
      cpuMask: 0xf0,
    });
    expect(file).toBe(path);
  });

  it('counts before the defaults, after the environment, and that after the command line', async () => {
    const toml = 'server.port = 1\nserver.host = "a"\nqueue.limit = 1\n';
    const environment = { RKLLAMA_PORT: '2', RKLLAMA_HOST: 'b' };
    const { config, sources } = await read(toml, environment, ['--port', '3']);
    expect(config).toMatchObject({ port: 3, host: 'b', queueLimit: 1, parallel: 1 });
    expect(sources.get('port')).toEqual({ kind: 'flag', flag: 'port' });
    expect(sources.get('host')).toEqual({ kind: 'environment', variable: 'RKLLAMA_HOST' });
    expect(sources.get('queueLimit')).toEqual({ kind: 'file', path, line: 3 });
    expect(sources.has('parallel')).toBe(false);
  });

  it('is named by --config before RKLLAMA_CONFIG', async () => {
    const other = join(folder, 'other.toml');
    await writeFile(other, 'server.port = 7\n');
    const { config } = await read('server.port = 8\n', {}, ['--config', other]);
    expect(config.port).toBe(7);
  });

  it('has to be there when it is named', () => {
    const missing = join(folder, 'missing.toml');
    expect(() => readConfig({ RKLLAMA_CONFIG: missing })).toThrow(
      /missing\.toml: there is no such/,
    );
    expect(() => readConfig({}, ['--config', folder])).toThrow(/this is a folder/);
  });

  it('tells all that is wrong at once, with the line, what was given and what can be', async () => {
    const problems = await problemsOf(
      `
[server]
prot = 1
port = "http"   # not a number

[sever]
host = "a"

[log]
level = "loud"

port = 1`,
      { RKLLAMA_QUEUE_LIMIT: 'many' },
      ['--parallel=16'],
    );
    expect(problems).toEqual([
      'config.toml:3: There is no setting server.prot. Did you mean server.port?',
      expect.stringMatching(
        /^config\.toml:4: server\.port cannot be "http": it must be a whole number from 0 to 65535/,
      ),
      'config.toml:7: There is no setting sever.host. Did you mean server.host?',
      expect.stringMatching(/^config\.toml:10: log\.level cannot be "loud": .*info, debug/),
      'config.toml:12: There is no setting log.port. Did you mean server.port?',
      expect.stringMatching(/^RKLLAMA_QUEUE_LIMIT cannot be "many"/),
      expect.stringMatching(/^--parallel cannot be "16": .* from 1 to 15/),
    ]);
  });

  it.each([
    ['a text where a number belongs', 'server.port = "80"'],
    ['a number where a text belongs', 'server.host = 127'],
    ['a word where a list belongs', 'models.pinned = "qwen"'],
    ['a list of numbers', 'models.pinned = [1]'],
    ['a number where true or false belongs', 'models.embed_flash = 1'],
    ['a date', 'server.host = 1979-05-27'],
    ['a text with a line break', 'hub.token_file = "a\\nb"'],
    ['a token that no header can carry', 'hub.token = "hf_…"'],
    ['an empty text', 'server.host = ""'],
    ['an address without a protocol', 'hub.endpoint = "huggingface.co"'],
    ['an address of another kind', 'hub.endpoint = "file:///etc"'],
    ['a URL to listen on', 'server.host = "http://127.0.0.1:1"'],
    ['an address with its port to listen on', 'server.host = "127.0.0.1:8080"'],
    ['an address in brackets to listen on', 'server.host = "[::1]"'],
    ['an address that there is not', 'server.host = "300.1.1.1"'],
    ['a section as a value', 'server = 1'],
    ['a table where a value belongs', '[server.port]\na = 1'],
    ['a key that is no key', '__proto__.port = 1'],
  ])('refuses %s', async (_, toml) => {
    expect(await problemsOf(toml)).toHaveLength(1);
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '::',
    'fe80::1%eth0',
    'localhost',
    'board',
    'my-board.lan',
    'a_b',
  ])('takes %s to listen on', async (host) => {
    expect((await read(`server.host = "${host}"`)).config.host).toBe(host);
  });

  it('says where it is not TOML', async () => {
    expect(await problemsOf('[server]\nport = \n')).toEqual([
      expect.stringMatching(/^config\.toml:2:\d+: this is not TOML: /),
    ]);
    expect(await problemsOf('[server]\nport = 1\nport = 2\n')).toHaveLength(1);
  });

  it('never repeats a secret that it cannot take', async () => {
    const problems = await problemsOf('hub.token = "hf_secret\\u0001"');
    expect(problems.join()).toMatch(/hub\.token cannot be/);
    expect(problems.join()).not.toMatch(/secret/);
  });

  it('warns of a secret in a file that everybody can read', async () => {
    await read('hub.token = "hf_a"\n');
    const environment = { RKLLAMA_CONFIG: path };
    expect(readConfiguration(environment).warnings).toEqual([]);
    await chmod(path, 0o644);
    expect(readConfiguration(environment).warnings).toEqual([
      expect.stringMatching(/config\.toml holds hub\.token.*chmod o=/),
    ]);
  });

  it('warns of a variable that is none of its settings, with the one that was meant', async () => {
    const { warnings } = await read('', { RKLLAMA_PROT: '1' });
    expect(warnings).toEqual([expect.stringMatching(/RKLLAMA_PROT .*Did you mean RKLLAMA_PORT\?/)]);
  });
});

describe('the hub token', () => {
  const secret = () => join(folder, 'token');

  it('comes from a file of its own', async () => {
    await writeFile(secret(), 'hf_file\n', { mode: 0o640 });
    const { config, warnings } = await read(`hub.token_file = "${secret()}"\n`);
    expect(config.hubToken).toBe('hf_file');
    expect(warnings).toEqual([]);
  });

  it('comes from the systemd credential hub-token', async () => {
    await writeFile(join(folder, 'hub-token'), 'hf_credential\n', { mode: 0o400 });
    const { config } = await read('', { CREDENTIALS_DIRECTORY: folder });
    expect(config.hubToken).toBe('hf_credential');
    expect((await read('', { CREDENTIALS_DIRECTORY: '/nowhere' })).config.hubToken).toBeUndefined();
  });

  it('counts from the environment before the file', async () => {
    await writeFile(secret(), 'hf_file', { mode: 0o600 });
    const { config } = await read(`hub.token_file = "${secret()}"\n`, { HF_TOKEN: 'hf_variable' });
    expect(config.hubToken).toBe('hf_variable');
  });

  it('warns of a file that everybody can read', async () => {
    await writeFile(secret(), 'hf_file', { mode: 0o644 });
    await chmod(secret(), 0o644);
    const { warnings } = await read(`hub.token_file = "${secret()}"\n`);
    expect(warnings).toEqual([expect.stringMatching(/token holds a secret.*chmod o=/)]);
  });

  it.each(['', 'two\nlines', 'hf_…'])('cannot be what the file says: %j', async (content) => {
    await writeFile(secret(), content);
    const problems = await problemsOf(`hub.token_file = "${secret()}"\n`);
    expect(problems).toEqual([expect.stringMatching(/must be a token/)]);
    expect(problems.join()).not.toMatch(/two/);
  });

  it('has to be there when its file is named', async () => {
    expect(await problemsOf('hub.token_file = "/nowhere/token"')).toEqual([
      expect.stringMatching(/\/nowhere\/token: the hub token cannot be read/),
    ]);
  });
});

describe.runIf(process.getuid?.() === 0)('a file that its reader may not read', () => {
  const readAsOther = (isOwn: boolean) => {
    process.seteuid?.(65_534);
    try {
      return readConfigFile(path, { isNamed: false, isOwn });
    } finally {
      process.seteuid?.(0);
    }
  };
  beforeEach(() => writeFile(path, '[server]\nport = 9000\n', { mode: 0o600 }));

  it('stops the service, which would do without its settings otherwise', () => {
    const { problems, warnings } = readAsOther(true);
    expect(problems).toMatchObject([{ message: expect.stringMatching(/may not read/) }]);
    expect(warnings).toEqual([]);
  });

  it('is nothing but a warning to other users', () => {
    const { problems, warnings } = readAsOther(false);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/may not read/)]);
  });
});
