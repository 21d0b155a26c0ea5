import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/cli/doctor/redact.ts';

describe('a report', () => {
  it.each([
    ['a token', 'token hf_abcdefGHIJKL123 used', 'token (token) used'],
    ['an API key', 'rk-0123456789abcdef', '(key)'],
    ['an authorization', 'Authorization: Bearer abc.def', 'Authorization: Bearer (token)'],
    ['a user in an address', 'http://me:secret@hub.example/x', 'http://(user)@hub.example/x'],
    ['a home folder', '/home/maria/RKLLAMA/models', '/home/(user)/RKLLAMA/models'],
    ['an IPv4 address', 'at 192.168.1.20:8080', 'at (ip):8080'],
    ['an IPv6 address', 'at fe80::a00:27ff:fe4e:66a1 and on', 'at (ip) and on'],
    ['a whole IPv6 address', '2001:db8:1:2:3:4:5:6', '(ip)'],
    ['a hardware address', 'eth0 8e:00:11:22:33:44', 'eth0 (mac)'],
    ["the machine's name", 'Nov 21 kitchen-pi rkllamad', 'Nov 21 (host) rkllamad'],
  ])('loses %s', (_, text, expected) => {
    expect(redact(text, 'kitchen-pi')).toBe(expected);
  });

  it.each([
    'runtime 1.3.1, driver 0.9.8, kernel 6.1.84-vendor',
    'build: 27637c95 2025-05-02 17:46:07',
    'listens on 127.0.0.1, 0.0.0.0 and ::1',
    '/var/lib/rkllamad/RKLLAMA/models/Qwen3-1.7B_w8a8.rkllm',
    'NPU 1000 of 1000 MHz (rknpu_ondemand)',
  ])('keeps %s', (text) => {
    expect(redact(text, 'kitchen-pi')).toBe(text);
  });

  it('does not take a name apart that merely contains that of the machine', () => {
    expect(redact('orangepi5 and orangepi', 'orangepi')).toBe('orangepi5 and (host)');
  });
});
