import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/index.ts';
import { isAllowedOrigin } from '../../../src/http/access/origins.ts';

describe('unless the settings say otherwise, an origin', () => {
  const { corsOrigins } = readConfig({ RKLLAMA_CONFIG: '/dev/null' });

  it.each([
    'http://localhost:3000',
    'https://localhost',
    'http://127.0.0.1:5173',
    'app://obsidian.md',
    'file://',
    'tauri://localhost',
    'https://tauri.localhost',
    'capacitor://localhost',
    'vscode-webview://1kd8a',
  ])('of a program on the user’s own computer may: %s', (origin) => {
    expect(isAllowedOrigin(origin, corsOrigins)).toBe(true);
  });

  it.each([
    'https://example.org',
    'http://192.168.1.30',
    'https://localhost.example.org',
    'http://127.0.0.1.example.org:80',
    'https://tauri.localhost.example.org',
    'chrome-extension://abcdef',
    'null',
  ])('of anybody else may not: %s', (origin) => {
    expect(isAllowedOrigin(origin, corsOrigins)).toBe(false);
  });
});

describe('an origin', () => {
  it.each([
    ['https://chat.example.org', ['https://chat.example.org'], true],
    ['https://CHAT.example.org', ['https://chat.example.org'], true],
    ['https://chat.example.org:8443', ['https://chat.example.org'], false],
    ['http://chat.example.org', ['https://chat.example.org'], false],
    ['https://chat.example.org.evil.example', ['https://chat.example.org'], false],
    ['https://evil.example/https://chat.example.org', ['https://chat.example.org'], false],
    ['https://chatxexample.org', ['https://chat.example.org'], false],
    ['http://localhost:3000', ['http://localhost:*'], true],
    ['http://localhost.evil.example:3000', ['http://localhost:*'], false],
    ['app://obsidian.md', ['app://*'], true],
    ['xapp://obsidian.md', ['app://*'], false],
    ['https://a.example.org', ['https://*.example.org'], true],
    ['null', ['app://*', 'https://chat.example.org'], false],
    ['null', ['*'], true],
    ['https://anything.example', ['*'], true],
    ['', [], false],
  ])('%s is among %j: %s', (origin, allowed, expected) => {
    expect(isAllowedOrigin(origin, allowed)).toBe(expected);
  });
});
