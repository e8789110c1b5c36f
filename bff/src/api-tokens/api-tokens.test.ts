import { describe, expect, test } from 'vitest';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { dump } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import { startSession } from '../session/session.ts';
import { hashToken } from '../session/token.ts';
import type { ApiTokensView } from './api-token.ts';

type Made = ApiTokensView & { id: string; text: string };

async function greta(product: Product): Promise<Browser> {
  const browser = createBrowser(product);
  await browser.signIn('github', 'gretav', 'sign-up');
  return browser;
}

async function make(browser: Browser, name = 'Laptop'): Promise<Made> {
  const made = await browser.api('POST', '/api/api-tokens', { name });
  expect(made.status).toBe(201);
  return (await made.json()) as Made;
}

const list = (browser: Browser) => browser.json<ApiTokensView>('/api/api-tokens');

/** The status of the command line's address for this token: 404 is the answer to who may come in and asks for nothing. */
async function statusOf(product: Product, text: string): Promise<number> {
  const headers = { authorization: `Token ${text}` };
  return (await product.app.fetch(new Request(`${PUBLIC_URL}/api/v1alpha/nothing`, { headers }))).status;
}

describe('a new API token', () => {
  test('has 256 random bits, and is stored as its hash alone', async () => {
    const product = await startProduct();
    const browser = await greta(product);
    const [first, second] = [await make(browser), await make(browser)];
    expect(first.text).toMatch(/^sem_[A-Za-z0-9_-]{43}$/);
    expect(second.text).not.toBe(first.text);
    const rows = await product.deps.db.selectFrom('apiToken').select(['id', 'tokenHash']).execute();
    expect(new Map(rows.map(({ id, tokenHash }) => [id, tokenHash]))).toEqual(
      new Map([first, second].map(({ id, text }) => [id, hashToken(text)])),
    );
    const everything = JSON.stringify(await dump(product));
    for (const { text } of [first, second]) {
      expect(everything).not.toContain(text);
      expect(everything).not.toContain(text.slice('sem_'.length));
    }
  });

  test('is shown by the answer that makes it, and by no other answer or log line', async () => {
    const product = await startProduct();
    const browser = await greta(product);
    const { text } = await make(browser);
    await statusOf(product, text);
    await statusOf(product, `${text}x`);
    const later = ['/api/api-tokens', '/api/account', '/api/session', '/account', '/metrics'];
    const answers = await Promise.all(later.map(async (path) => (await browser.open(path)).response.text()));
    for (const place of [...answers, product.logs()]) expect(place).not.toContain(text.slice(4, 30));
  });

  test('is listed by its name, the newest first, with where to connect', async () => {
    const product = await startProduct();
    const browser = await greta(product);
    expect(await list(browser)).toEqual({ tokens: [], host: 'localhost:3000', https: false });
    await make(browser, '  Laptop ');
    product.travel(1_000);
    const { tokens } = await make(browser, 'CI 🚀');
    expect(tokens.map(({ name, lastUsedAt }) => [name, lastUsedAt])).toEqual([
      ['CI 🚀', null],
      ['Laptop', null],
    ]);
    expect((await list(browser)).tokens).toEqual(tokens);
  });

  test('behind a public address is for that one', async () => {
    const product = await startProduct({ env: { PUBLIC_URL: 'https://ci.example.com' } });
    const headers = { origin: 'https://ci.example.com', 'x-requested-with': 'semaphore' };
    const { db, now } = product.deps;
    const id = crypto.randomUUID();
    const email = 'noor@harbour.example';
    await db
      .insertInto('profile')
      .values({ id, screenName: 'Noor', email, emailKey: email, avatarUrl: null, createdAt: now() })
      .execute();
    const cookie = `__Host-session=${await startSession(db, id, now())}`;
    const request = new Request('http://10.0.0.7/api/api-tokens', { headers: { ...headers, cookie } });
    expect(await (await product.app.fetch(request)).json()).toEqual({
      tokens: [],
      host: 'ci.example.com',
      https: true,
    });
  });

  test.each([
    ['', 'Enter a name.'],
    ['   ', 'Enter a name.'],
    ['x'.repeat(61), 'Use at most 60 characters.'],
    ['a\nb', 'Use visible characters on one line.'],
    ['\u200b', 'Use visible characters on one line.'],
    ['a\u0000', 'Use visible characters on one line.'],
    ['\u202egnp', 'Use visible characters on one line.'],
  ])('cannot be called %j', async (name, detail) => {
    const browser = await greta(await startProduct());
    const refused = await browser.api('POST', '/api/api-tokens', { name });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ code: 'invalid-name', detail });
    expect((await list(browser)).tokens).toEqual([]);
  });

  test('may be the twentieth of a person and not the twenty-first, however many are asked for at once', async () => {
    const browser = await greta(await startProduct());
    for (let each = 1; each <= 18; each += 1) await make(browser, 'x'.repeat(each));
    const last = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => browser.api('POST', '/api/api-tokens', { name })),
    );
    expect(last.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
    const refused = last.find(({ status }) => status === 409);
    expect(await refused?.json()).toMatchObject({ code: 'too-many-tokens' });
    const { tokens } = await list(browser);
    expect(tokens).toHaveLength(20);
    await browser.api('DELETE', `/api/api-tokens/${tokens[0]?.id}`);
    await make(browser);
  });
});

describe('the last use of an API token', () => {
  test('is noted to the minute, also when it was refused for another reason', async () => {
    const product = await startProduct();
    const browser = await greta(product);
    const { text } = await make(browser);
    const lastUsed = async () => (await list(browser)).tokens[0]?.lastUsedAt ?? null;
    await statusOf(product, `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`);
    expect(await lastUsed()).toBeNull();
    await statusOf(product, text);
    const first = await lastUsed();
    expect(first).not.toBeNull();
    product.travel(30_000);
    await statusOf(product, text);
    expect(await lastUsed()).toBe(first);
    product.travel(30_000);
    await statusOf(product, text);
    expect(new Date((await lastUsed()) ?? 0).getTime()).toBeGreaterThanOrEqual(
      new Date(first ?? 0).getTime() + 60_000,
    );
  });
});

describe('a revoked API token', () => {
  test('opens nothing on any replica from then on, and takes no other with it', async () => {
    const product = await startProduct();
    const replica = await product.replica();
    const browser = await greta(product);
    const [gone, kept] = [await make(browser, 'gone'), await make(browser, 'kept')];
    for (const at of [product, replica]) {
      expect(await statusOf(at, gone.text)).toBe(404);
      expect(await statusOf(at, kept.text)).toBe(404);
    }
    const revoked = await browser.api('DELETE', `/api/api-tokens/${gone.id}`);
    expect(revoked.status).toBe(200);
    expect(((await revoked.json()) as ApiTokensView).tokens.map(({ name }) => name)).toEqual(['kept']);
    for (const at of [replica, product]) {
      expect(await statusOf(at, gone.text)).toBe(401);
      expect(await statusOf(at, kept.text)).toBe(404);
    }
    expect((await browser.api('DELETE', `/api/api-tokens/${gone.id}`)).status).toBe(404);
  });

  test('was its owner’s to revoke: to anybody else it is not there', async () => {
    const product = await startProduct();
    const owner = await greta(product);
    const { id, text } = await make(owner);
    const other = createBrowser(product);
    await other.signIn('gitlab', 'kaspar', 'sign-up');
    const before = await dump(product);
    const bodies: unknown[] = [];
    for (const each of [id, crypto.randomUUID(), 'nonsense', '%00', id.toUpperCase()]) {
      const refused = await other.api('DELETE', `/api/api-tokens/${each}`);
      expect(refused.status, each).toBe(404);
      bodies.push(await refused.json());
    }
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(await dump(product)).toEqual(before);
    expect((await list(other)).tokens).toEqual([]);
    expect(await statusOf(product, text)).toBe(404);
  });
});

test('an API token alone opens nothing of the page’s own', async () => {
  const product = await startProduct();
  const browser = await greta(product);
  const { text } = await make(browser);
  const asks = [
    ['GET', '/api/account'],
    ['GET', '/api/api-tokens'],
    ['POST', '/api/api-tokens'],
    ['POST', '/api/organizations'],
    ['POST', '/api/log-out'],
  ] as const;
  for (const [method, path] of asks) {
    for (const word of ['Token', 'Bearer']) {
      const headers = {
        authorization: `${word} ${text}`,
        origin: PUBLIC_URL,
        'x-requested-with': 'semaphore',
        'content-type': 'application/json',
      };
      const body = method === 'GET' ? {} : { body: '{"name":"x","slug":"x"}' };
      const request = new Request(PUBLIC_URL + path, { method, headers, ...body });
      expect((await product.app.fetch(request)).status, `${method} ${path}`).toBe(401);
    }
  }
  for (const cookie of [`__Host-session=${text}`, `__Host-session=${text.slice(4)}`]) {
    const request = new Request(`${PUBLIC_URL}/api/account`, { headers: { cookie } });
    expect((await product.app.fetch(request)).status).toBe(401);
  }
});
