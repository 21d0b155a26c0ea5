import { describe, expect, it } from 'vitest';
import { HostPolicy } from '../../../src/library/pull/hosts.ts';

const hub = new HostPolicy([new URL('https://huggingface.co')], ['mirror.lan', 'cdn.lan:8443']);

describe('the hosts a pull may open', () => {
  it.each([
    'https://huggingface.co/user/repo',
    'https://cdn-lfs-us-1.hf.co/x',
    'https://cas-bridge.xethub.hf.co/x',
    'https://cdn-lfs-cn-1.modelscope.cn/x',
    'https://mirror.lan/x',
    'https://cdn.lan:8443/x',
  ])('include %s', (url) => {
    expect(() => hub.check(new URL(url))).not.toThrow();
  });

  it.each([
    'https://example.org/x',
    'https://evilhf.co/x',
    'https://hf.co.example.org/x',
    'https://huggingface.co:8080/x',
    'https://cdn-lfs.hf.co:8080/x',
    'https://mirror.lan:1/x',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'http://huggingface.co/x',
    'http://cdn-lfs.hf.co/x',
    'file:///etc/passwd',
  ])('do not include %s', (url) => {
    expect(() => hub.check(new URL(url))).toThrow(expect.objectContaining({ code: 'pull_failed' }));
  });

  it('may be plain http when the hub itself is', () => {
    const lan = new HostPolicy([new URL('http://10.0.0.5:3000')], []);
    expect(() => lan.check(new URL('http://10.0.0.5:3000/x'))).not.toThrow();
    expect(() => lan.check(new URL('http://10.0.0.6:3000/x'))).toThrow(/not an allowed host/);
  });
});
