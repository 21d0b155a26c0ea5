import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from '../../../src/library/pull/reference.ts';

const endpoints = { hf: 'hub.lan:8080', modelscope: 'modelscope.cn' };
const parse = (text: string) => formatReference(parseReference(text, endpoints));

describe('a model reference', () => {
  it.each([
    ['hf/user/repo/file.rkllm', 'hf/user/repo/file.rkllm'],
    ['user/repo/file.rkllm', 'hf/user/repo/file.rkllm'],
    ['user/repo/sub/folder/file.rkllm', 'hf/user/repo/sub/folder/file.rkllm'],
    ['user/repo/My Model.RKLLM', 'hf/user/repo/My Model.RKLLM'],
    ['user/repo', 'hf/user/repo'],
    ['hf/user/repo', 'hf/user/repo'],
    ['user/repo:latest', 'hf/user/repo'],
    ['user/repo/file.rkllm:latest', 'hf/user/repo/file.rkllm'],
    ['hf.co/user/repo', 'hf/user/repo'],
    ['hf.co/user/repo:w8a8', 'hf/user/repo:w8a8'],
    ['huggingface.co/user/repo/file.rkllm', 'hf/user/repo/file.rkllm'],
    ['user/repo@v1.2', 'hf/user/repo@v1.2'],
    ['user/repo@v1/file.rkllm', 'hf/user/repo/file.rkllm@v1'],
    ['user/repo/file.rkllm@refs/pr/3', 'hf/user/repo/file.rkllm@refs/pr/3'],
    ['user/repo/file.rkllm@main', 'hf/user/repo/file.rkllm'],
    ['https://huggingface.co/user/repo', 'hf/user/repo'],
    ['https://huggingface.co/user/repo/tree/main', 'hf/user/repo'],
    ['https://huggingface.co/user/repo/resolve/main/a/file.rkllm', 'hf/user/repo/a/file.rkllm'],
    [
      'https://huggingface.co/user/repo/blob/refs%2Fpr%2F1/my%20file.rkllm?download=true',
      'hf/user/repo/my file.rkllm@refs/pr/1',
    ],
    ['http://hub.lan:8080/user/repo/resolve/v2/file.rkllm', 'hf/user/repo/file.rkllm@v2'],
    ['modelscope/user/repo/file.rkllm', 'modelscope/user/repo/file.rkllm'],
    ['modelscope/user/repo/file.rkllm@master', 'modelscope/user/repo/file.rkllm'],
    ['https://modelscope.cn/models/user/repo', 'modelscope/user/repo'],
    ['https://www.modelscope.cn/models/user/repo/summary', 'modelscope/user/repo'],
    [
      'https://modelscope.cn/models/user/repo/resolve/v1/file.rkllm',
      'modelscope/user/repo/file.rkllm@v1',
    ],
    [
      'https://modelscope.cn/models/user/repo/file/view/master/a/file.rkllm',
      'modelscope/user/repo/a/file.rkllm',
    ],
  ])('%s means %s', (text, full) => {
    expect(parse(text)).toBe(full);
    expect(parse(full), 'the full form means itself').toBe(full);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['one word', 'model'],
    ['a short alias', 'qwen2.5:3b'],
    ['a missing repository', 'hf/user/file.rkllm'],
    ['another kind of file', 'user/repo/model.gguf'],
    ['only an ending', 'user/repo/.rkllm'],
    ['a custom name behind the file', 'user/repo/file.rkllm/custom'],
    ['a way up', 'user/repo/../../etc/file.rkllm'],
    ['a way up as user', '../repo/file.rkllm'],
    ['a way up in an address', 'https://huggingface.co/user/repo/resolve/main/%2e%2e/x.rkllm'],
    ['a hidden slash', 'https://huggingface.co/user/repo/resolve/main/a%2f..%2fx.rkllm'],
    ['a NUL', 'user/repo/fi\0le.rkllm'],
    ['a line break', 'user/repo/file.rkllm\n'],
    ['a backslash', 'user\\repo/x/file.rkllm'],
    ['an absolute path', '/user/repo/file.rkllm'],
    ['an empty part', 'user/repo//file.rkllm'],
    ['a hidden folder', 'user/repo/.git/file.rkllm'],
    ['too much', `user/repo/${'x'.repeat(2000)}.rkllm`],
    ['a name too long for a disk', `user/repo/${'x'.repeat(240)}.rkllm`],
    ['another host', 'https://example.org/user/repo/file.rkllm'],
    ['another scheme', 'file:///user/repo/file.rkllm'],
    ['a broken encoding', 'https://huggingface.co/user/repo/resolve/main/%zz.rkllm'],
    ['a revision with a way up', 'user/repo/file.rkllm@a/../b'],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
