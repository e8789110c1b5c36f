import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FaultMode } from './faults.ts';
import type { RunningSandbox } from './start.ts';
import { startSandbox } from './start.ts';
import { useBench } from './test-bench.ts';

// Real processes and sockets: slow machines may take their time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Each way to fail, as a client of fetch sees it: the same whether the sandbox is mounted or served. */
const seen: [
  FaultMode,
  { status?: number; body?: RegExp; fails?: 'at once' | 'in the body' | 'never ends' },
][] = [
  ['429', { status: 429, body: /Rate limit for this resource/ }],
  ['429-text', { status: 429, body: /^Rate limit/ }],
  ['500', { status: 500, body: /^<!DOCTYPE html>/ }],
  ['503', { status: 503, body: /^<!DOCTYPE html>/ }],
  ['reset', { fails: 'at once' }],
  ['cut', { fails: 'in the body' }],
  ['hang', { fails: 'never ends' }],
  ['malformed', { status: 401, body: /^\{"type":"error"[^}]*$/ }],
  ['empty', { status: 200, body: /^$/ }],
  ['wrong-type', { status: 200, body: /<h1>Welcome<\/h1>/ }],
  ['redirect-302', { status: 302 }],
  ['401', { status: 401, body: /Token is invalid/ }],
  ['403-scopes', { status: 403, body: /privilege scopes/ }],
  ['answer-lost', { fails: 'at once' }],
];

/** `patience` in milliseconds: short only where nothing is expected to come. */
async function look(
  url: string,
  patience: number,
): Promise<{ status?: number; body?: string; fails?: string }> {
  const gaveUp = new AbortController();
  const timer = setTimeout(() => gaveUp.abort(), patience);
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'manual', signal: gaveUp.signal });
  } catch {
    return { fails: gaveUp.signal.aborted ? 'never ends' : 'at once' };
  } finally {
    clearTimeout(timer);
  }
  try {
    return { status: response.status, body: await response.text() };
  } catch {
    return { fails: 'in the body' };
  }
}

const patienceFor = (mode: FaultMode) => (mode === 'hang' ? 300 : 30_000);

describe('mounted in the process', () => {
  const bench = useBench();

  test.each(seen)('%s', async (mode, wanted) => {
    bench.sandbox.faults.set('bitbucket:api', mode, { times: 1 });
    const got = await look('https://api.bitbucket.test/2.0/user', patienceFor(mode));
    // Inside the process a body cannot break half-way.
    expect(got.fails).toBe(mode === 'cut' ? 'at once' : wanted.fails);
    expect(got.status).toBe(wanted.status);
    if (wanted.body) expect(got.body).toMatch(wanted.body);
  });

  test('a fault ends after its count, and only what it aims at is struck', async () => {
    const { faults, requests } = bench.sandbox;
    faults.set('bitbucket:GET /2.0/user*', '503', { times: 2 });
    const status = async (path: string) => (await bench.api(null, path)).status;
    expect(await status('/repositories/a/b')).toBe(401);
    expect(await status('/user')).toBe(503);
    expect(await status('/user/emails')).toBe(503);
    expect(await status('/user')).toBe(401);
    expect(requests({ fault: '503' })).toHaveLength(2);
    expect(requests({ path: '/2.0/user', status: 401 })).toHaveLength(1);
  });

  test('Retry-After is sent as it was set', async () => {
    bench.sandbox.faults.set('bitbucket:api', '429-retry-after', { retryAfter: 17 });
    expect((await bench.api(null, '/user')).headers.get('retry-after')).toBe('17');
    bench.sandbox.faults.clear();
    expect((await bench.api(null, '/user')).status).toBe(401);
  });

  test('a redirect leads to another service, whose log shows who followed', async () => {
    bench.sandbox.faults.set('bitbucket:api', 'redirect-307');
    await fetch('https://api.bitbucket.test/2.0/user');
    expect(bench.sandbox.requests({ service: 'github', path: '/redirected' })).toHaveLength(1);
  });

  test('a lost answer was applied all the same', async () => {
    const { refresh } = await bench.tokensFor('nora');
    bench.sandbox.faults.set('bitbucket:token', 'answer-lost', { times: 1 });
    await expect(bench.token({ grant_type: 'refresh_token', refresh_token: refresh })).rejects.toThrow();
    expect((await bench.token({ grant_type: 'refresh_token', refresh_token: refresh })).status).toBe(400);
  });

  test('a late application comes after the answer that denied it', async () => {
    const { access } = await bench.tokensFor('tomas');
    bench.sandbox.faults.set('bitbucket:POST *', 'applied-late', { times: 1 });
    const hook = { description: 'CI', url: 'https://ci.example/1', events: ['repo:push'] };
    const path = '/repositories/harbour-works/pilot-api/hooks';
    expect((await bench.api(access, path, { method: 'POST', json: hook })).status).toBe(504);
    expect(bench.sandbox.world.data.hooks).toEqual([]);
    await expect.poll(() => bench.sandbox.world.data.hooks.length, { timeout: 50_000 }).toBe(1);
  });

  test.each([
    ['no-access-token', { access_token: undefined }],
    ['token-type-mac', { token_type: 'mac' }],
    ['expires-string', { expires_in: '7200' }],
    ['expires-negative', { expires_in: -1 }],
    ['expires-huge', { expires_in: 1e99 }],
    ['fewer-scopes', { scope: 'account' }],
  ] as const)('a token answer with %s is good otherwise', async (mode, wrong) => {
    const { refresh } = await bench.tokensFor('nora');
    const good = await bench.token({ grant_type: 'refresh_token', refresh_token: refresh });
    bench.sandbox.faults.set('bitbucket:token', mode, { times: 1 });
    const { status, body } = await bench.token({
      grant_type: 'refresh_token',
      refresh_token: good.body.refresh_token,
    });
    expect(status).toBe(200);
    expect({ ...body, ...wrong }).toEqual(body);
    expect({ access_token: undefined, ...body }).toMatchObject(wrong);
  });

  test('the log of requests holds no secret', async () => {
    const { access, refresh } = await bench.tokensFor('nora');
    await bench.api(access, `/user?access_token=${access}`);
    const log = JSON.stringify(bench.sandbox.requests());
    for (const secret of [access, refresh, bench.client().secret]) expect(log).not.toContain(secret);
    expect(bench.sandbox.requests({ grantType: 'authorization_code' })).toHaveLength(1);
    expect(bench.sandbox.requests({ part: 'api', bearer: true })).toHaveLength(1);
  });
});

describe('served on loopback', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'));
  let sandbox: RunningSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ dir, publicUrl: 'http://localhost:3000' });
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(async () => {
    await sandbox.close();
    await rm(dir, { recursive: true });
  });

  test.each(seen)('%s', async (mode, wanted) => {
    sandbox.faults.set('bitbucket:api', mode);
    const got = await look(`${sandbox.origins.api}/2.0/user`, patienceFor(mode));
    expect(got.fails).toBe(wanted.fails);
    expect(got.status).toBe(wanted.status);
    if (wanted.body) expect(got.body).toMatch(wanted.body);
  });

  test('a huge body and a bomb do not end before 100 MB', async () => {
    for (const mode of ['huge', 'gzip-bomb'] as const) {
      sandbox.faults.set('bitbucket:api', mode);
      const response = await fetch(`${sandbox.origins.api}/2.0/user`);
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += chunk.length;
      expect(bytes).toBeGreaterThan(100 * 1024 * 1024);
    }
  });
});
