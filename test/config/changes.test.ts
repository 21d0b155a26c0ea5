import { describe, expect, it } from 'vitest';
import { changesBetween, readConfig } from '../../src/config/index.ts';

describe('changesBetween', () => {
  const running = readConfig({});

  it('takes over what can change at once and keeps the rest', () => {
    const next = readConfig({
      RKLLAMA_PORT: '9000',
      RKLLAMA_LOG_LEVEL: 'debug',
      RKLLAMA_PINNED: 'qwen',
    });
    const { config, live, restart } = changesBetween(running, next);
    expect(live).toEqual(['models.pinned', 'log.level']);
    expect(restart).toEqual(['server.port']);
    expect(config).toEqual({ ...running, logLevel: 'debug', pinned: ['qwen'] });
  });

  it('finds nothing between two readings of the same', () => {
    expect(changesBetween(running, readConfig({}))).toEqual({
      config: running,
      live: [],
      restart: [],
    });
  });

  it('notices a value that is there for the first time, and one that is gone', () => {
    const next = readConfig({ RKLLAMA_HUB_TOKEN: 'hf_a' });
    expect(changesBetween(running, next).config.hubToken).toBe('hf_a');
    expect(changesBetween(next, running).config.hubToken).toBeUndefined();
  });
});
