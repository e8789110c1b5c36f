import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSafeAnswer } from '../test/answer-rules.ts';
import { createBrowser } from '../test/browser.ts';
import { type Product, PUBLIC_URL, startProduct } from '../test/product.ts';
import { createApp } from './app.ts';
import { securityHeaders } from './security-headers.ts';
import { readShell } from './shell.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'shell-'));
  await mkdir(join(root, 'assets'));
  await writeFile(join(root, 'index.html'), '<!doctype html><head><!--first-data--></head>');
  await writeFile(join(root, 'assets', 'app-1a2b3c.js'), 'export {};\n'.repeat(500));
  await writeFile(join(root, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The product with files on disk, as it is built. */
async function built(product: Product) {
  return createApp({ ...product.deps, metrics: new Registry() }, await readShell(root));
}

const OURS = {
  'x-requested-with': 'semaphore',
  origin: PUBLIC_URL,
  'content-type': 'application/json',
};
const post = (
  path: string,
  body: string | ReadableStream<Uint8Array>,
  headers: Record<string, string> = OURS,
) => new Request(PUBLIC_URL + path, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
const get = (path: string, headers: Record<string, string> = {}) =>
  new Request(PUBLIC_URL + path, { headers });

/** One answer of every kind that the product can give. */
const KINDS: [string, number, () => Request][] = [
  ['a page', 200, () => get('/login')],
  ['a page that is not there', 404, () => get('/nowhere')],
  ['the way to the log-in page', 303, () => get('/account')],
  ['the way from the root', 303, () => get('/')],
  ['a callback', 303, () => get('/auth/bitbucket/callback?code=a&state=b')],
  ['a built file', 200, () => get('/assets/app-1a2b3c.js')],
  ['a compressed built file', 200, () => get('/assets/app-1a2b3c.js', { 'accept-encoding': 'gzip' })],
  ['a part of a built file', 206, () => get('/assets/app-1a2b3c.js', { range: 'bytes=0-9' })],
  ['a file that is not there', 404, () => get('/assets/nothing.js')],
  ['the icon', 200, () => get('/favicon.svg')],
  ['an answer of the API', 200, () => get('/api/session')],
  ['an address that the API does not have', 404, () => get('/api/nothing')],
  ['a method that nothing takes', 404, () => post('/nothing', '{}')],
  ['an answer without a session', 401, () => get('/api/account')],
  ['a refusal of another site', 403, () => post('/api/log-out', '{}', { origin: 'https://evil.example' })],
  [
    'a refusal of a content type',
    415,
    () => post('/api/log-out', 'a', { ...OURS, 'content-type': 'text/plain' }),
  ],
  ['a body that is no JSON', 400, () => post('/api/sign-in/github', '{')],
  ['a body that does not fit', 400, () => post('/api/sign-in/github', '{"page":1}')],
  ['a body that is too large', 413, () => post('/api/sign-in/github', `"${'a'.repeat(70_000)}"`)],
  ['a body that is too large and does not say so', 413, () => post('/api/sign-in/github', endless())],
  ['a provider that is not there', 404, () => post('/api/sign-in/nowhere', '{"page":"log-in"}')],
  ['a beginning', 200, () => post('/api/sign-in/github', '{"page":"log-in"}')],
  ['a sign of life', 200, () => get('/health/live')],
  ['readiness', 200, () => get('/health/ready')],
  ['measurements', 200, () => get('/metrics')],
  ['a preflight', 404, () => new Request(`${PUBLIC_URL}/api/account`, { method: 'OPTIONS' })],
  ['a head', 200, () => new Request(`${PUBLIC_URL}/login`, { method: 'HEAD' })],
];

function endless(): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      sent += 1;
      if (sent > 100) controller.close();
      else controller.enqueue(new TextEncoder().encode(`"${'a'.repeat(2_000)}"`));
    },
  });
}

describe('CS-04, CS-05 every answer carries the headers', () => {
  test.each(KINDS)('%s (%i)', async (_words, status, request) => {
    const app = await built(await startProduct());
    const response = await app.fetch(request());
    expect(response.status).toBe(status);
    expectSafeAnswer(response);
  });

  test.each([
    [500, 'an error of ours', 'alter table organization rename to gone'],
    [503, 'a database that cannot answer', null],
  ])('%i: %s, which says nothing of the inside', async (status, _words, breakage) => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav');
    const { db } = product.deps;
    if (breakage) await sql.raw(breakage).execute(db);
    else {
      // What PostgreSQL says to everyone while it shuts down, said by a trigger.
      await sql
        .raw(
          `create function refuse() returns trigger language plpgsql as $$ begin
             raise exception 'terminating connection' using errcode = '57P01'; end $$`,
        )
        .execute(db);
      await sql
        .raw('create trigger refuse before insert on organization execute function refuse()')
        .execute(db);
    }
    try {
      const response = await browser.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep' });
      expect(response.status).toBe(status);
      const problem = (await response.json()) as Record<string, unknown>;
      expect(Object.keys(problem).sort()).toEqual(['code', 'status', 'title', 'type']);
      expect(JSON.stringify(problem)).not.toMatch(/organization|relation|terminat|\bat\b.*\.ts|deep/i);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      // The operator finds it by the id that the person can tell.
      expect(product.logs()).toContain(response.headers.get('x-request-id'));
      expect(product.logs()).toContain('request failed');
    } finally {
      if (breakage) await sql.raw('alter table gone rename to organization').execute(db);
      else await sql.raw('drop trigger refuse on organization').execute(db);
      if (!breakage) await sql.raw('drop function refuse()').execute(db);
    }
  });

  test('a person who navigates while something is broken gets a page, without a word of the inside', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav');
    const { db } = product.deps;
    await sql.raw('alter table session rename to gone').execute(db);
    try {
      const response = await browser.api('GET', '/account', undefined, { accept: 'text/html,*/*;q=0.8' });
      expect(response.status).toBe(500);
      expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
      expect(await response.text()).not.toMatch(/session|relation|select/);
    } finally {
      await sql.raw('alter table gone rename to session').execute(db);
    }
  });

  test('only files whose name changes with their content are kept by browsers and proxies', async () => {
    const app = await built(await startProduct());
    const kept = async (path: string) => (await app.fetch(get(path))).headers.get('cache-control');
    expect(await kept('/assets/app-1a2b3c.js')).toBe('public, max-age=31536000, immutable');
    for (const path of [
      '/login',
      '/favicon.svg',
      '/api/session',
      '/assets/nothing.js',
      '/account',
      '/metrics',
    ]) {
      expect(await kept(path), path).toBe('no-store');
    }
  });

  test('what is not a built file is not served from the disk', async () => {
    const app = await built(await startProduct());
    for (const path of [
      '/index.html',
      '/assets/../index.html',
      '/assets/%2e%2e/index.html',
      '/assets/..%2findex.html',
      '/assets/..%5cindex.html',
      '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd',
      '/assets//etc/passwd',
      '/assets/',
      '/assets',
    ]) {
      const response = await app.fetch(get(path));
      expect(response.status, path).toBe(404);
      expect(await response.text(), path).not.toMatch(/<!--first-data-->|root:/);
    }
  });

  test('each kind of answer says what it is, so that nothing is run that was not meant to be', async () => {
    const app = await built(await startProduct());
    const type = async (request: Request) => (await app.fetch(request)).headers.get('content-type');
    expect(await type(get('/login'))).toBe('text/html; charset=UTF-8');
    expect(await type(get('/api/session'))).toBe('application/json');
    expect(await type(get('/api/account'))).toBe('application/problem+json');
    expect(await type(get('/assets/app-1a2b3c.js'))).toMatch(/^text\/javascript/);
    expect(await type(get('/favicon.svg'))).toMatch(/^image\/svg\+xml/);
    expect(await type(get('/metrics'))).toMatch(/^text\/plain/);
  });
});

test('pictures come over TLS, or from a provider that is configured without it', async () => {
  const pictures = async (env: Record<string, string>) => {
    const { app } = await startProduct({ env });
    const policy = (await app.fetch(get('/login'))).headers.get('content-security-policy') ?? '';
    return /img-src ([^;]*)/.exec(policy)?.[1];
  };
  expect(await pictures({ ENCRYPTION_KEYS: KEY })).toBe("'self' data: https:");
  expect(await pictures({ ENCRYPTION_KEYS: KEY, GITLAB_WEB_URL: 'http://localhost:4004/gitlab' })).toBe(
    "'self' data: https: http://localhost:4004",
  );
});

/** One key for two products on one database. */
const KEY = 'Zk3vQ1mS7c0nWq5r8tYxB2eHjL4pRuA6dFgKiMoNsPU=';

test('the id of an answer is ours, whatever id the request brings', async () => {
  const { app, logs } = await startProduct();
  const forged = 'forged-id-{"level":"fatal"}';
  const response = await app.fetch(get('/health/live', { 'x-request-id': forged, traceparent: forged }));
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(logs()).not.toContain('forged');
});

test('with a certificate of its own on localhost, the service does not bind browsers to https there', async () => {
  const answer = async (publicUrl: string, tls: { cert: string; key: string } | null) => {
    const app = new Hono()
      .use(securityHeaders({ providers: {}, publicUrl, tls }))
      .get('/', (c) => c.text(''));
    return (await app.request('/')).headers.get('strict-transport-security');
  };
  const tls = { cert: '', key: '' };
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(await answer(`https://${host}:3000`, tls)).toBeNull();
  expect(await answer('https://ci.example.com', tls)).toMatch(/^max-age=63072000/);
  expect(await answer('https://ci.example.com', null)).toMatch(/^max-age=63072000/);
});
