import { describe, expect, test } from 'vitest';
import { expectSafeAnswer } from '../../test/answer-rules.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import { ProjectBody, ProjectDocument } from './document.ts';
import { PROJECT_EXAMPLE, PROJECT_FILE, REPOSITORY_EXAMPLE } from './examples.ts';
import type { Described } from './openapi.ts';
import { referencePage } from './reference-page.ts';
import { RepositoryDocument } from './repository-document.ts';

const PREFIXES = ['/api/v1alpha', '/organizations/:org/api/v1alpha'];
/** Not for scripts, or only there to say what is missing. */
const UNDESCRIBED = ['GET /reference.css', 'PATCH /projects', 'PATCH /projects/'];

type Json = { [key: string]: unknown };

async function open(product: Product, path: string) {
  const response = await product.app.request(new URL(path, PUBLIC_URL));
  expectSafeAnswer(response);
  return response;
}

async function describeApi(): Promise<{ product: Product; document: Described }> {
  const product = await startProduct();
  const response = await open(product, '/api/v1alpha/openapi.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  return { product, document: (await response.json()) as Described };
}

function operationsOf(document: Described): [string, Json][] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Json>).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

/** Every object anywhere in it. */
function* objectsIn(value: unknown): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const each of Object.values(value)) yield* objectsIn(each);
}

describe('the OpenAPI document', () => {
  test('is the same below an organization’s address, and needs no token', async () => {
    const { product, document } = await describeApi();
    const other = await open(product, '/organizations/nobody/api/v1alpha/openapi.json');
    expect(await other.json()).toEqual(document);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Semaphore API', version: 'v1alpha' },
      servers: [
        { url: `${PUBLIC_URL}/api/v1alpha` },
        { url: `${PUBLIC_URL}/organizations/{organization}/api/v1alpha` },
      ],
    });
  });

  test('names every route that there is, and no other', async () => {
    const { product, document } = await describeApi();
    for (const prefix of PREFIXES) {
      const routes = product.app.routes
        .filter(({ method, path }) => method !== 'ALL' && path.startsWith(`${prefix}/`))
        .map(({ method, path }) => `${method} ${path.slice(prefix.length).replaceAll(/:(\w+)/g, '{$1}')}`)
        // The page itself answers at two spellings of one address.
        .filter((route) => route !== 'GET /*' && !UNDESCRIBED.includes(route));
      const described = operationsOf(document).map(([route]) => route);
      expect([...new Set(routes)].sort(), prefix).toEqual(described.sort());
    }
  });

  test('holds together: every reference leads somewhere, every part of an address is described', async () => {
    const { document } = await describeApi();
    const schemas = document.components?.schemas ?? {};
    for (const { $ref } of objectsIn(document)) {
      if (typeof $ref !== 'string') continue;
      expect(Object.keys(schemas)).toContain($ref.replace('#/components/schemas/', ''));
    }
    const ids = operationsOf(document).map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [route, operation] of operationsOf(document)) {
      const parameters = (operation.parameters ?? []) as { name: string; in: string; required: boolean }[];
      const inPath = parameters.filter((each) => each.in === 'path');
      expect(
        inPath.map(({ name }) => `{${name}}`),
        route,
      ).toEqual(route.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
      expect(operation, route).toMatchObject({
        summary: expect.any(String),
        description: expect.any(String),
        tags: [expect.any(String)],
        responses: { 200: { description: expect.any(String) } },
      });
      expect(document.tags?.map(({ name }) => name)).toContain((operation.tags as string[])[0]);
    }
  });

  test('says of every operation with a token how it refuses', async () => {
    const { document } = await describeApi();
    const message = { 'application/json': { schema: { $ref: '#/components/schemas/Message' } } };
    for (const [route, operation] of operationsOf(document)) {
      if (route === 'GET /openapi.json') continue;
      expect(operation.security, route).toEqual([{ bearer: [] }, { token: [] }]);
      const responses = operation.responses as Record<string, { content: unknown }>;
      for (const status of ['400', '401', '404', '429', '500', '503']) {
        expect(responses[status]?.content, `${route} ${status}`).toMatchObject(message);
      }
      const more = [...(operation.requestBody ? ['413'] : []), ...(route.startsWith('GET') ? [] : ['422'])];
      for (const status of more)
        expect(responses[status]?.content, `${route} ${status}`).toMatchObject(message);
    }
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(['bearer', 'token']);
  });

  test('explains every cause', async () => {
    const { document } = await describeApi();
    const cause = document.components?.schemas?.Cause as { enum: string[]; description: string };
    expect(cause.enum.length).toBeGreaterThan(30);
    for (const code of cause.enum)
      expect(cause.description).toMatch(new RegExp(`^- \`${code}\`: \\S.*\\.$`, 'm'));
  });

  test('has examples that are what it describes', () => {
    expect(ProjectDocument.strict().parse(PROJECT_EXAMPLE)).toEqual(PROJECT_EXAMPLE);
    expect(ProjectBody.parse(PROJECT_FILE)).toEqual(PROJECT_FILE);
    expect(RepositoryDocument.parse(REPOSITORY_EXAMPLE)).toEqual(REPOSITORY_EXAMPLE);
  });
});

describe('the reference page', () => {
  test.each(['/api/v1alpha', '/api/v1alpha/', '/organizations/nobody/api/v1alpha'])(
    'is at %s for everybody, without scripts and styles of its own',
    async (path) => {
      const { product, document } = await describeApi();
      const response = await open(product, path);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=UTF-8',
      ]);
      const page = await response.text();
      expect(page).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|\[object |undefined/);
      for (const [, { operationId, summary }] of operationsOf(document)) {
        expect(page).toContain(`id="${operationId}"`);
        expect(page).toContain(`<h3>${summary}</h3>`);
      }
      for (const name of Object.keys(document.components?.schemas ?? {})) {
        expect(page).toContain(`id="schema-${name}"`);
      }
      const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      for (const id of links) expect(page).toContain(`id="${id}"`);
      expect(page).toContain(`curl -X POST ${PUBLIC_URL}/api/v1alpha/projects \\`);
    },
  );

  test.each(['/api/v1alpha/projects/api/v1alpha', '/organizations/nobody/api/v1alpha/x/api/v1alpha/'])(
    'is not at %s, where there is nothing',
    async (path) => {
      const { product } = await describeApi();
      expect((await open(product, path)).status).toBe(401);
    },
  );

  test('has a stylesheet that the policy allows', async () => {
    const product = await startProduct();
    const response = await open(product, '/api/v1alpha/reference.css');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(await response.text()).toContain('color-scheme: light dark');
  });

  test('escapes whatever the document says', async () => {
    const { document } = await describeApi();
    const evil = `<img src=x onerror=alert(1)>"'&\``;
    const poisoned = JSON.parse(
      JSON.stringify(document, (key, value) =>
        ['description', 'summary', 'title', 'message', 'url'].includes(key) && typeof value === 'string'
          ? evil
          : value,
      ),
    ) as Described;
    const page = String(await referencePage(poisoned));
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/="[^"]*"'/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });
});
