import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, settingsByName } from '../../src/config/index.ts';

const home = join(homedir(), 'RKLLAMA');

describe('readConfig', () => {
  it('needs nothing: every setting has a default', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      home,
      models: join(home, 'models'),
      adminSocket: undefined,
      runtimeLibrary: undefined,
      runtimeAbi: undefined,
      contextLength: 4096,
      cpuMask: undefined,
      embedFlash: true,
      queueLimit: 512,
      parallel: 1,
      keepAlive: '30m',
      pinned: [],
      hubEndpoint: 'https://huggingface.co',
      modelScopeEndpoint: 'https://modelscope.cn',
      allowedHosts: [],
      hubToken: undefined,
      logLevel: 'info',
    });
  });

  const examples = [
    ['RKLLAMA_HOST', '0.0.0.0', 'host', '0.0.0.0'],
    ['RKLLAMA_PORT', '0', 'port', 0],
    ['RKLLAMA_HOME', '/srv/rkllama', 'home', '/srv/rkllama'],
    ['RKLLAMA_MODELS', '/srv/models', 'models', '/srv/models'],
    ['RKLLAMA_ADMIN_SOCKET', '/run/r/admin.sock', 'adminSocket', '/run/r/admin.sock'],
    ['RKLLAMA_ADMIN_SOCKET', 'none', 'adminSocket', 'none'],
    ['RKLLAMA_RUNTIME_LIBRARY', '/opt/librkllmrt.so', 'runtimeLibrary', '/opt/librkllmrt.so'],
    ['RKLLM_LIB', '/opt/librkllmrt.so', 'runtimeLibrary', '/opt/librkllmrt.so'],
    ['RKLLAMA_RUNTIME_ABI', '1.3.1', 'runtimeAbi', '1.3.1'],
    ['RKLLAMA_CONTEXT_LENGTH', '16384', 'contextLength', 16384],
    ['RKLLAMA_CPU_MASK', '0xF0', 'cpuMask', 0xf0],
    ['RKLLAMA_EMBED_FLASH', 'no', 'embedFlash', false],
    ['RKLLAMA_EMBED_FLASH', '1', 'embedFlash', true],
    ['RKLLAMA_QUEUE_LIMIT', '0', 'queueLimit', 0],
    ['RKLLAMA_PARALLEL', '3', 'parallel', 3],
    ['RKLLAMA_KEEP_ALIVE', '-1', 'keepAlive', '-1'],
    [
      'RKLLAMA_HUB_ENDPOINT',
      'https://mirror.example.org',
      'hubEndpoint',
      'https://mirror.example.org',
    ],
    ['HF_ENDPOINT', 'http://127.0.0.1:9', 'hubEndpoint', 'http://127.0.0.1:9'],
    ['RKLLAMA_HUB_TOKEN', 'hf_a', 'hubToken', 'hf_a'],
    ['HF_TOKEN', 'hf_b', 'hubToken', 'hf_b'],
    ['RKLLAMA_LOG_LEVEL', 'debug', 'logLevel', 'debug'],
  ] as const;

  it.each(examples)('takes %s=%s for %s', (variable, value, setting, expected) => {
    expect(readConfig({ [variable]: value })[setting]).toBe(expected);
  });

  it('takes names with commas between them for pinned models', () => {
    expect(readConfig({ RKLLAMA_PINNED: ' qwen, user/model ,' }).pinned).toEqual([
      'qwen',
      'user/model',
    ]);
  });

  it.each([
    ['RKLLAMA_PORT', 'http', /whole number from 0 to 65535/],
    ['RKLLAMA_PORT', '65536', /whole number from 0 to 65535/],
    ['RKLLAMA_PORT', '-1', /whole number from 0 to 65535/],
    ['RKLLAMA_PORT', '80.5', /whole number from 0 to 65535/],
    ['RKLLAMA_CONTEXT_LENGTH', '31', /whole number from 32/],
    ['RKLLAMA_CPU_MASK', '0', /whole number from 1/],
    ['RKLLAMA_EMBED_FLASH', 'maybe', /yes or no/],
    ['RKLLAMA_KEEP_ALIVE', 'soon', /"1h30m"/],
    ['RKLLAMA_QUEUE_LIMIT', '-1', /whole number from 0/],
    ['RKLLAMA_HUB_ENDPOINT', 'huggingface', /URL/],
    ['RKLLAMA_LOG_LEVEL', 'loud', /info.*debug/],
  ])('refuses %s=%s, names the variable and says what it can be', (variable, value, expected) => {
    const read = () => readConfig({ [variable]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(`${variable} cannot be "${value}"`);
    expect(read).toThrow(expected);
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = [...settingsByName.values()]
      .flatMap(({ environment }) => environment)
      .map((variable) => [variable, '']);
    expect(readConfig(Object.fromEntries(empty))).toEqual(readConfig({}));
  });

  it('looks for models in the home folder, unless they have a folder of their own', () => {
    expect(readConfig({ RKLLAMA_HOME: '/srv/r' }).models).toBe('/srv/r/models');
    expect(readConfig({ RKLLAMA_HOME: '/srv/r', RKLLAMA_MODELS: '/mnt/m' })).toMatchObject({
      home: '/srv/r',
      models: '/mnt/m',
    });
  });

  it('makes a relative models folder absolute', () => {
    expect(readConfig({ RKLLAMA_MODELS: 'models' }).models).toBe(join(process.cwd(), 'models'));
  });

  it.each(['~/board', '~'])('takes %s for a folder in the home folder of its user', (given) => {
    expect(readConfig({ RKLLAMA_HOME: given }).home).toBe(given.replace('~', homedir()));
  });

  it('prefers its own variables to those of Hugging Face', () => {
    const both = { HF_TOKEN: 'theirs', RKLLAMA_HUB_TOKEN: 'ours' };
    expect(readConfig(both).hubToken).toBe('ours');
    expect(readConfig({ ...both, RKLLAMA_HUB_TOKEN: '' }).hubToken).toBe('theirs');
  });
});
