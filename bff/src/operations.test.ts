import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { createBrowser } from '../test/browser.ts';
import { type Product, startProduct } from '../test/product.ts';
import { createApp } from './app.ts';
import { openDatabase } from './db/connect.ts';
import { createDeps } from './deps.ts';
import { createJobs } from './jobs/jobs.ts';

const get = (product: Pick<Product, 'app'>, path: string) =>
  product.app.request(path, { headers: { 'x-request-id': 'from-outside' } });

/** The product on a database of its own that can be taken from it. */
async function withDatabaseToLose() {
  const product = await startProduct();
  const { config, log, sealer } = product.deps;
  const database = await openDatabase({ url: null, dataDir: null });
  const deps = createDeps({ config, log, database, jobs: createJobs(database.store, log), sealer });
  return { ...product, deps, app: createApp(deps, null), lose: database.close };
}

describe('health', () => {
  test('a service with its database is live and ready', async () => {
    const product = await startProduct();
    const [live, ready] = await Promise.all([get(product, '/health/live'), get(product, '/health/ready')]);
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  test('DB-02 without its database it is live but not ready, and says so in the log', async () => {
    const product = await withDatabaseToLose();
    await product.lose();
    const [live, ready] = await Promise.all([get(product, '/health/live'), get(product, '/health/ready')]);
    expect(live.status).toBe(200);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'no-database' }]);
    expect(product.logs()).toContain('the database does not answer');
  });

  test('DB-02 a database that hangs is one that does not answer', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const product = await startProduct();
    const { config, log, sealer } = product.deps;
    const database = await openDatabase({ url: `postgres://ci@127.0.0.1:${port}/ci`, dataDir: null });
    const app = createApp(
      createDeps({ config, log, database, jobs: createJobs(database.store, log), sealer }),
      null,
    );
    try {
      const ready = await app.request('/health/ready');
      expect([ready.status, await ready.json()]).toEqual([503, { status: 'no-database' }]);
      expect((await app.request('/health/live')).status).toBe(200);
      expect(sockets.size).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await database.close();
      server.close();
    }
  });

  test('from the first moment of a shutdown on it is not ready, and still live', async () => {
    const product = await startProduct();
    product.deps.lifecycle.accepting = false;
    const ready = await get(product, '/health/ready');
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'shutting-down' }]);
    expect((await get(product, '/health/live')).status).toBe(200);
    // Whoever is still routed here gets served.
    expect((await get(product, '/api/session')).status).toBe(200);
  });

  test('DB-01 connections that the server ends are replaced without a restart', async () => {
    const product = await startProduct();
    if (inject('store') === 'server') {
      const name = await sql<{ name: string }>`select current_database() as name`.execute(product.deps.db);
      const operator = new pg.Client({ connectionString: inject('postgres') });
      await operator.connect();
      await operator.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [name.rows[0]?.name],
      );
      await operator.end();
    }
    await expect
      .poll(async () => (await get(product, '/health/ready')).status, { timeout: 60_000 })
      .toBe(200);
    expect((await get(product, '/api/session')).status).toBe(200);
  });
});

test('a request that needs the lost database gets a problem, not its insides', async () => {
  const product = await withDatabaseToLose();
  await product.lose();
  const response = await product.app.request('/api/account', {
    headers: { cookie: `__Host-session=${'a'.repeat(43)}` },
  });
  expect([500, 503]).toContain(response.status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.text()).not.toMatch(/PGlite|closed|select|at /i);
});

describe('metrics', () => {
  test('are Prometheus text about requests, calls to providers and the process', async () => {
    const product = await startProduct();
    await createBrowser(product).signIn('bitbucket', 'nora', 'sign-up');
    const response = await get(product, '/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(
      /outbound_requests_total\{provider="bitbucket",what="POST token \(code\)",outcome="200"[^}]*\} 1/,
    );
    expect(text).toMatch(
      /outbound_requests_total\{provider="bitbucket",what="GET \/user",outcome="200"[^}]*\} 1/,
    );
    expect(text).toMatch(
      /outbound_request_duration_seconds_count\{provider="bitbucket",what="GET \/user\/emails"/,
    );
    expect(text).toMatch(/http_requests_total\{[^}]*route="\/auth\/:provider\/callback"[^}]*\} 1/);
    expect(text).toContain('process_cpu_user_seconds_total');
  });

  test('count a fault as what it was', async () => {
    const product = await startProduct();
    product.sandbox.faults.set('bitbucket:token', '503');
    await createBrowser(product).signIn('bitbucket', 'nora', 'sign-up');
    expect(await (await get(product, '/metrics')).text()).toMatch(
      /outbound_requests_total\{provider="bitbucket",what="POST token \(code\)",outcome="provider-error"[^}]*\} 1/,
    );
  });

  test('hold no ids, names, codes or tokens, and no label for each address that somebody makes up', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('bitbucket', 'nora');
    const callback = await browser.consent(await browser.start('bitbucket'));
    await browser.land(callback);
    await browser.api('POST', '/api/organizations', { name: 'Harbour Works', slug: 'harbour-works' });
    await browser.api('GET', '/api/organizations/harbour-works');
    await browser.api('POST', '/api/connections/bitbucket/check');
    for (let made = 0; made < 20; made += 1) await get(product, `/made-up-${made}?secret=cAnArY`);
    const { db } = product.deps;
    const [profile] = await db.selectFrom('profile').selectAll().execute();
    const [connection] = await db.selectFrom('connection').selectAll().execute();
    const text = await (await get(product, '/metrics')).text();
    for (const word of [
      profile?.id,
      profile?.email,
      connection?.id,
      connection?.accountId,
      callback.searchParams.get('code'),
      callback.searchParams.get('state'),
      'nora',
      'harbour-works',
      'made-up',
      'cAnArY',
      ...browser.cookies().values(),
    ]) {
      expect(word).toBeTruthy();
      expect(text).not.toContain(word);
    }
  });
});
