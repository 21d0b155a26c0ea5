import type { Response } from 'express';
import type { Route, RouteGroup } from '../routing.ts';

/** Only what this server serves is loaded, and only this server is asked. */
const contentSecurityPolicy =
  "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `GET /api-docs`: a page that shows the OpenAPI description of all routes and lets one try them.
 * What it takes is loaded when it is first asked for: hardly any daemon ever shows it.
 */
export function apiDocsRoutes(groups: () => readonly RouteGroup[]): readonly Route[] {
  let json: string | undefined;
  return [
    {
      path: '/api-docs',
      access: 'inference',
      describes: { summary: 'Shows this page', answers: { 'text/html': null } },
      methods: {
        get: async (_request, response) => {
          const { page } = await import('./assets/page.ts');
          response.set('Content-Security-Policy', contentSecurityPolicy);
          send(response, 'text/html', page);
        },
      },
    },
    {
      path: '/api-docs/openapi.json',
      access: 'inference',
      describes: {
        summary: 'Describes all routes as OpenAPI 3.1',
        answers: { 'application/json': null },
      },
      methods: {
        get: async (_request, response) => {
          const { openApiDocument } = await import('./document.ts');
          json ??= JSON.stringify(openApiDocument(groups()));
          send(response, 'application/json', json);
        },
      },
    },
    {
      path: '/api-docs/viewer.js',
      access: 'inference',
      describes: { summary: 'The script of the page', answers: { 'text/javascript': null } },
      methods: {
        get: async (_request, response) => {
          const { script } = await import('./assets/script.ts');
          send(response, 'text/javascript', script);
        },
      },
    },
    {
      path: '/api-docs/viewer.css',
      access: 'inference',
      describes: { summary: 'The style of the page', answers: { 'text/css': null } },
      methods: {
        get: async (_request, response) => {
          const { style } = await import('./assets/style.ts');
          send(response, 'text/css', style);
        },
      },
    },
  ];
}

function send(response: Response, type: string, text: string): void {
  response.type(type).send(text);
}
