import { Script } from 'node:vm';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { fakeServices } from '../fakes.ts';

const get = (path: string) => request(createApp(fakeServices())).get(path).expect(200);

describe('GET /api-docs', () => {
  it('is a page that may take nothing from elsewhere', async () => {
    const { headers, text } = await get('/api-docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).not.toMatch(/https?:|\son\w+=|<style|<script>|style="/);
  });

  it('loads only what this server has', async () => {
    const { text } = await get('/api-docs');
    const loaded = [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path ?? '');
    expect(loaded).toContain('/api-docs/viewer.js');
    for (const path of loaded) await get(path);
  });

  it('has a script that runs, and that makes no HTML of what it reads', async () => {
    const { headers, text } = await get('/api-docs/viewer.js');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(() => new Script(text)).not.toThrow();
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
    expect(text).not.toMatch(/https?:/);
  });

  it('has a style for light and dark', async () => {
    const { headers, text } = await get('/api-docs/viewer.css');
    expect(headers['content-type']).toBe('text/css; charset=utf-8');
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).not.toMatch(/url\(|@import/);
  });
});
