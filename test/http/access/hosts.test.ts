import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isOwnHost } from '../../../src/http/access/hosts.ts';

describe('a board is asked for', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    '127.0.0.1:8080',
    '192.168.1.20',
    '[::1]:8080',
    '[fe80::1]',
    '[2001:db8::1]:11434',
    'orangepi5',
    'orangepi5:8080',
    'orangepi5.local:8080',
    'orangepi5.local.',
    'Board.Lan',
    'orangepi5.fritz.box:8080',
    'host.docker.internal:8080',
    'box.home.arpa',
    'chat.localhost:3000',
    hostname(),
    undefined,
  ])('by a name that is its own: %s', (host) => {
    expect(isOwnHost(host, [])).toBe(true);
  });

  it.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    'localhost.evil.example',
    'evil-local.example',
    'xlocal.example.com',
    'my.fritz.box.evil.example',
    'notfritz.box',
    '[::1].evil.example',
    '::1.evil.example',
    'localhost:8080@evil.example',
    'localhost, evil.example',
    'evil.example/.local',
    '[evil.example]',
    'a:b:c',
    'evil.example..',
  ])('by the name of somebody else: %s', (host) => {
    expect(isOwnHost(host, [])).toBe(false);
  });

  it.each([
    ['board.example.org', ['board.example.org'], true],
    ['BOARD.example.org:443', ['Board.Example.Org'], true],
    ['a.board.example.org', ['board.example.org'], false],
    ['a.example.org', ['.example.org'], true],
    ['a.b.example.org', ['.example.org'], true],
    ['example.org', ['.example.org'], false],
    ['evilexample.org', ['.example.org'], false],
    ['whatever.example', ['*'], true],
  ])('as %s, where %j are allowed: %s', (host, allowed, expected) => {
    expect(isOwnHost(host, allowed)).toBe(expected);
  });
});
