import { describe, expect, it } from 'vitest';
import { chooseFile, platformOf, toolkitVersionOf } from '../../../src/library/pull/choose-file.ts';

const board = { platform: 'RK3588', runtimeVersion: '1.2.1' };
const choose = (paths: string[], tag: string | null = null) =>
  chooseFile('user/repo', paths, tag, board);

describe('the file of a repository that fits the board', () => {
  it.each([
    ['the only one', ['README.md', 'model.rkllm'], 'model.rkllm'],
    ['the one for the platform', ['m-rk3576.rkllm', 'm-RK3588.rkllm'], 'm-RK3588.rkllm'],
    [
      'the one in the folder of the platform',
      ['rk3576/m.rkllm', 'rk3588/m.rkllm'],
      'rk3588/m.rkllm',
    ],
    [
      'the one that names it over one that names none',
      ['m.rkllm', 'm-rk3588.rkllm'],
      'm-rk3588.rkllm',
    ],
    [
      'the one the runtime can read',
      ['m-rk3588-1.1.4.rkllm', 'm-rk3588-1.3.0.rkllm'],
      'm-rk3588-1.1.4.rkllm',
    ],
  ])('is %s', (_what, paths, expected) => {
    expect(choose(paths)).toBe(expected);
  });

  it('follows a tag', () => {
    const paths = ['m-w8a8-rk3588.rkllm', 'm-w8a8_g128-rk3588.rkllm'];
    expect(choose(paths, 'W8A8_G128')).toBe('m-w8a8_g128-rk3588.rkllm');
    expect(() => choose(paths, 'q4')).toThrow(/"q4".*m-w8a8-rk3588/);
  });

  it('lists the candidates when several fit', () => {
    expect(() => choose(['a-rk3588.rkllm', 'b-rk3588.rkllm'])).toThrow(
      expect.objectContaining({
        code: 'model_ambiguous',
        message: expect.stringContaining('user/repo/a-rk3588.rkllm, user/repo/b-rk3588.rkllm'),
      }),
    );
  });

  it('says why none fits', () => {
    expect(() => choose(['a-rk3576.rkllm', 'b-rk3588-1.3.0.rkllm'])).toThrow(
      expect.objectContaining({
        code: 'model_unusable',
        message: expect.stringMatching(/for RK3576.*needs runtime 1\.3\.0/),
      }),
    );
    expect(() => choose(['README.md'])).toThrow(
      expect.objectContaining({ code: 'model_not_found' }),
    );
  });

  it.each([
    ['Qwen3-1.7B-rk3588-w8a8.rkllm', 'RK3588', null],
    ['rk3588/for-RK3576-v1.2.3.rkllm', 'RK3576', '1.2.3'],
    ['Qwen2.5-1.5B_1.1.4_rv1126b.rkllm', 'RV1126B', '1.1.4'],
    ['plain-1.5.rkllm', null, null],
  ])('%s names platform %s and toolkit %s', (path, platform, version) => {
    expect(platformOf(path)).toBe(platform);
    expect(toolkitVersionOf(path)).toBe(version);
  });
});
