import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import * as net from 'node:net';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type RunningSandbox, startSandbox } from '../sandbox/start.ts';
import { openDatabase } from '../src/db/connect.ts';
import { OWN_HEADER, OWN_HEADER_VALUE } from '../src/session/cross-site.ts';
import { PUBLIC_URL } from './address.ts';
import { createBrowser } from './browser.ts';
import { listen } from './event-stream.ts';
import { createDatabase } from './postgres.ts';
import { type Copy, copyProduct, freePort, type RunningProcess } from './process.ts';
import type { Product } from './product.ts';

const CANARY = 'cAnArY-3c77';
const newEncryptionKey = () => randomBytes(32).toString('base64');
const cleanups: (() => Promise<unknown>)[] = [];
let copy: Copy;

beforeEach(async () => {
  copy = await copyProduct();
  cleanups.push(copy.remove);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The environment of a process on an empty store of its own. */
async function environment(): Promise<Record<string, string> & { PORT: string }> {
  const base = {
    PORT: String(await freePort()),
    PUBLIC_URL,
    DATA_DIR: join(copy.folder, 'data'),
    ENCRYPTION_KEYS: newEncryptionKey(),
  };
  if (inject('store') === 'embedded') return base;
  const { url, drop } = await createDatabase(inject('postgres'));
  cleanups.push(drop);
  return { ...base, DATABASE_URL: url };
}

/** Everything stored, read without the product. Nobody else may have the embedded one open. */
async function stored(env: Record<string, string>): Promise<string> {
  const { db, close } = await openDatabase({ url: env.DATABASE_URL ?? null, dataDir: env.DATA_DIR ?? null });
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db);
  const tables = await Promise.all(
    rows.map(async ({ name }) => [name, (await sql`select * from ${sql.table(name)}`.execute(db)).rows]),
  );
  await close();
  return JSON.stringify(tables);
}

async function listening(env: Record<string, string>): Promise<RunningProcess> {
  const process = copy.start(env);
  await process.says('"listening"');
  return process;
}

const at = (env: { PORT: string }, path: string) => `http://127.0.0.1:${env.PORT}${path}`;

describe('LC-01 a start that cannot succeed says why, without a secret, and exits with 1', () => {
  test('configuration: every mistake at once, before anything is opened', async () => {
    const env = { DATA_DIR: join(copy.folder, 'data') };
    const process = copy.start({
      ...env,
      NODE_ENV: 'production',
      PORT: 'http',
      BITBUCKET_CLIENT_SECRET: CANARY,
      SWEEP_INTERVAL: 'often',
    });
    expect(await process.ended).toBe(1);
    expect(process.output()).toMatch(/^The configuration has 4 mistake\(s\):\n/);
    for (const name of ['PORT', 'BITBUCKET_CLIENT_ID', 'ENCRYPTION_KEYS', 'SWEEP_INTERVAL']) {
      expect(process.output()).toContain(name);
    }
    expect(process.output()).not.toContain(CANARY);
    expect(process.output()).not.toContain('    at ');
    expect(await readdir(copy.folder)).not.toContain('data');
  });

  test.each([
    ['are not built', null, /^The pages are not built\. Run `npm run build` first\.\n$/],
    ['have no place for data', '<html></html>', /no place for the first data/],
  ])('pages that %s', async (_name, page, words) => {
    const bare = await copyProduct(page);
    cleanups.push(bare.remove);
    const process = bare.start({ DATA_DIR: join(bare.folder, 'data') });
    expect(await process.ended).toBe(1);
    expect(process.output()).toMatch(words);
    expect(await readdir(bare.folder)).not.toContain('data');
  });

  test('a port that is in use', async () => {
    const env = await environment();
    const server = createServer().listen(Number(env.PORT), '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => server.close());
    const process = copy.start(env);
    expect(await process.ended).toBe(1);
    expect(process.output()).toContain(`Port ${env.PORT} is in use. Stop what runs there, or set PORT.`);
    expect(process.output()).not.toContain('    at ');
  });

  test.each(['127.0.0.1', 'localhost'])('a database at %s that does not answer', async (host) => {
    const env = {
      ...(await environment()),
      DATABASE_URL: `postgres://ci:${CANARY}@${host}:${await freePort()}/ci`,
    };
    const process = copy.start(env);
    expect(await process.ended).toBe(1);
    expect(process.output()).toMatch(/DATABASE_URL.*ECONNREFUSED/s);
    expect(process.output()).not.toContain(CANARY);
    expect(process.output()).not.toContain('    at ');
  });

  test('KS-04 keys that do not open what is stored: nothing is written', async () => {
    const env = await environment();
    const first = await listening(env);
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    const before = await stored(env);
    const process = copy.start({ ...env, ENCRYPTION_KEYS: newEncryptionKey() });
    expect(await process.ended).toBe(1);
    expect(process.output()).toMatch(/^The encryption keys .* do not open what is stored in this database/m);
    expect(await stored(env)).toBe(before);
    await listening(env);
  });
});

test('LC-01 it is ready when it says so: the schema is there, the pages are served', async () => {
  const env = await environment();
  await listening(env);
  expect((await fetch(at(env, '/health/ready'))).status).toBe(200);
  const page = await fetch(at(env, '/login'));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('id="first-data"');
});

/** A connection on which a request was begun, and how to end that request and read the answer. */
async function begin(env: { PORT: string }, start: string) {
  const socket: Socket = net.connect(Number(env.PORT), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(start);
  cleanups.push(async () => socket.destroy());
  return {
    async finish(rest: string): Promise<string> {
      socket.write(rest);
      await closed;
      return answer;
    },
    closed,
    answer: () => answer,
  };
}

/** A request that the process has begun to work on and that waits for the rest of its body. */
async function beginUpload(env: { PORT: string }) {
  const body = JSON.stringify({ page: 'log-in' });
  const upload = await begin(
    env,
    `POST /api/sign-in/bitbucket HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${PUBLIC_URL}\r\nConnection: close\r\n` +
      `${OWN_HEADER}: ${OWN_HEADER_VALUE}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
      `Expect: 100-continue\r\n\r\n`,
  );
  // The process has read the head of the request and waits.
  await expect.poll(upload.answer, { timeout: 60_000 }).toContain('100 Continue');
  return { ...upload, finish: () => upload.finish(body) };
}

describe('LC-02 asked to leave', () => {
  const bitbucket = { BITBUCKET_CLIENT_ID: 'id', BITBUCKET_CLIENT_SECRET: 'secret' };

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'with %s it is no longer ready, finishes what it began, and exits with 0',
    async (signal) => {
      const env = { ...(await environment()), ...bitbucket };
      const process = await listening(env);
      const probe = await begin(
        env,
        'GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n',
      );
      const upload = await beginUpload(env);
      process.signal(signal);
      await process.says('shutting down');
      const ready = await probe.finish('\r\n');
      expect(ready).toMatch(/^HTTP\/1\.1 503 /);
      expect(ready).toContain('shutting-down');
      const answer = await upload.finish();
      expect(answer).toMatch(/HTTP\/1\.1 200 /);
      expect(answer).toContain('/site/oauth2/authorize');
      expect(await process.ended).toBe(0);
      expect(process.output()).toContain('"stopped"');
      await expect(fetch(at(env, '/health/live'))).rejects.toThrow();
    },
  );

  test('twice, it exits at once', async () => {
    const env = { ...(await environment()), ...bitbucket };
    const process = await listening(env);
    const upload = await beginUpload(env);
    process.signal('SIGTERM');
    await process.says('shutting down');
    // Signals at the same moment count as one, so it takes one that comes later; how much later is no matter.
    const again = setInterval(() => process.signal('SIGTERM'), 100);
    cleanups.push(async () => clearInterval(again));
    expect(await process.ended).toBe(1);
    expect(process.output()).not.toContain('"stopped"');
    expect(process.output()).not.toContain('did not finish in time');
    await upload.closed;
    // The next one finds everything in order.
    const next = await listening(env);
    next.signal('SIGTERM');
    expect(await next.ended).toBe(0);
  });
});

test('DB-05 two processes on one store: the embedded one refuses the second, a server serves both', async () => {
  const env = await environment();
  await listening(env);
  const second = { ...env, PORT: String(await freePort()) };
  if (inject('store') === 'server') {
    await listening(second);
    expect((await fetch(at(second, '/health/ready'))).status).toBe(200);
  } else {
    const process = copy.start(second);
    expect(await process.ended).toBe(1);
    expect(process.output()).toMatch(
      /^The data in .* is in use by another running process\. Stop that one first/,
    );
    expect(process.output()).not.toContain('    at ');
  }
  expect((await fetch(at(env, '/health/ready'))).status).toBe(200);
});

async function sandboxOnPorts(): Promise<RunningSandbox> {
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sandbox = await startSandbox({ dir, publicUrl: PUBLIC_URL });
  cleanups.push(async () => {
    await sandbox.close();
    await rm(dir, { recursive: true });
  });
  return sandbox;
}

/** A browser in front of the process instead of an app in this one. */
function browserFor(env: { PORT: string }, sandbox: RunningSandbox) {
  const forward = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === 'GET' ? null : (await request.text()) || null;
    return fetch(at(env, pathname + search), {
      method: request.method,
      headers: request.headers,
      body,
      redirect: 'manual',
    });
  };
  return createBrowser({ app: { fetch: forward }, sandbox } as unknown as Product);
}

test('DB-05 who was told that they are logged in still is after kill -9, and so is what they made', async () => {
  const sandbox = await sandboxOnPorts();
  const env = { ...(await environment()), ...sandbox.env };
  const process = await listening(env);
  const browser = browserFor(env, sandbox);
  expect((await browser.signIn('bitbucket', 'nora', 'sign-up')).path).toBe('/organizations/new');
  const made = await browser.api('POST', '/api/organizations', {
    name: 'Harbour Works',
    slug: 'harbour-works',
  });
  expect(made.status).toBe(201);
  process.signal('SIGKILL');
  expect(await process.ended).toBeNull();

  await listening(env);
  const account = await browser.json<{ connections: { provider: string; state: string }[] }>('/api/account');
  expect(account.connections.find(({ provider }) => provider === 'bitbucket')?.state).toBe('connected');
  const session = await browser.json<{ organizations: { name: string }[] }>('/api/session');
  expect(session.organizations).toEqual([expect.objectContaining({ name: 'Harbour Works' })]);
  const look = await browser.api('POST', '/api/connections/bitbucket/check');
  expect(await look.json()).toMatchObject({ state: 'connected', fault: null });
});

test('LC-02 pages that listen for changes hold nobody up: they hear at once, packed by nothing, and are let go', async () => {
  const sandbox = await sandboxOnPorts();
  const env = { ...(await environment()), ...sandbox.env };
  const process = await listening(env);
  const browser = browserFor(env, sandbox);
  await browser.signIn('bitbucket', 'nora', 'sign-up');
  await browser.api('POST', '/api/organizations', { name: 'Harbour Works', slug: 'harbour-works' });
  const projects = '/api/organizations/harbour-works/projects';
  const repositories = await browser.api('GET', '/api/organizations/harbour-works/repositories');
  expect(repositories.headers.get('content-encoding')).toBeNull();
  const lines = (await repositories.text()).trimEnd().split('\n');
  const [repository] = lines.flatMap((line) => {
    const { uuid, addable } = JSON.parse(line) as { uuid?: string; addable?: boolean };
    return addable ? [uuid] : [];
  });
  const made = await browser.api(
    'POST',
    projects,
    { repository, name: 'pilot' },
    { 'idempotency-key': randomUUID() },
  );
  expect(made.status).toBe(201);
  const events = await listen(browser, `${projects}/pilot/repository/events`);
  expect(events.response.headers.get('content-encoding')).toBeNull();
  await events.until(({ event }) => event === 'view');
  process.signal('SIGTERM');
  for (let heard = await events.next(); heard; ) heard = await events.next();
  expect(await process.ended).toBe(0);
  expect(process.output()).not.toContain('did not finish in time');
});
