import { describe, expect, test } from 'vitest';
import { expectSafeAnswer } from '../../test/answer-rules.ts';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { dump } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import { v1alphaRoutes } from './app.ts';
import { createLimits } from './limits.ts';

type Said = { status: number; body: unknown; headers: Headers };
type Asked = { method?: string; headers?: Record<string, string>; body?: string };

const PROJECTS = '/api/v1alpha/projects';
const inOrganization = (slug: string) => `/organizations/${slug}${PROJECTS}`;
const NOT_FOUND = { status: 404, body: { message: 'Not found' } };
const UNAUTHORIZED = { status: 401, body: { message: 'Unauthorized' } };

async function ask({ app }: Pick<Product, 'app'>, path: string, asked: Asked = {}): Promise<Said> {
  const response = await app.fetch(new Request(PUBLIC_URL + path, asked));
  expectSafeAnswer(response);
  expect(response.headers.getSetCookie()).toEqual([]);
  const text = await response.text();
  expect(text).not.toContain('\n');
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

const askWith = (product: Pick<Product, 'app'>, path: string, token: string, method = 'GET') =>
  ask(product, path, { method, headers: { authorization: `Token ${token}` } });

async function person(
  product: Product,
  who: ['github' | 'gitlab', string],
  organizations: string[],
): Promise<{ browser: Browser; token: string; tokenId: string }> {
  const browser = createBrowser(product);
  await browser.signIn(...who, 'sign-up');
  for (const slug of organizations) await browser.api('POST', '/api/organizations', { name: slug, slug });
  const made = await browser.api('POST', '/api/api-tokens', { name: 'Laptop' });
  const { text, id } = (await made.json()) as { text: string; id: string };
  return { browser, token: text, tokenId: id };
}
const greta = (product: Product, ...organizations: string[]) =>
  person(product, ['github', 'gretav'], organizations);
const kaspar = (product: Product, ...organizations: string[]) =>
  person(product, ['gitlab', 'kaspar'], organizations);

describe('who is asking', () => {
  test('is told by the words Token and Bearer, to the letter, with one blank and one token', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    for (const authorization of [`Token ${token}`, `Bearer ${token}`])
      expect(await ask(product, PROJECTS, { headers: { authorization } })).toMatchObject({
        status: 200,
        body: [],
      });
    for (const authorization of [
      token,
      `token ${token}`,
      `bearer ${token}`,
      `TOKEN ${token}`,
      `Token  ${token}`,
      `Token\t${token}`,
      `Token ${token} ${token}`,
      `Token ${token}, Token ${token}`,
      `Token ${token}x`,
      `Token ${token.slice(0, -1)}`,
      `Token ${token.slice('sem_'.length)}`,
      `Token ${token.toLowerCase()}`,
      `Basic ${Buffer.from(`x:${token}`).toString('base64')}`,
      'Token',
      'Token sem_',
      '',
    ]) {
      const said = await ask(product, PROJECTS, { headers: { authorization } });
      expect(said, authorization).toMatchObject(UNAUTHORIZED);
      expect(said.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(await ask(product, `${PROJECTS}?token=${token}&access_token=${token}`)).toMatchObject(
      UNAUTHORIZED,
    );
  });

  test('is never told by a cookie, on any of these addresses', async () => {
    const product = await startProduct();
    const { browser, token } = await greta(product, 'deep-water');
    const cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
    const before = await dump(product);
    const open = new Set(['/', '/*', '/openapi.json', '/reference.css']);
    const routes = new Set(
      product.app.routes.flatMap(({ method, path }) => {
        const [, below] = /^(?:\/organizations\/:org)?\/api\/v1alpha(\/.*)$/.exec(path) ?? [];
        return below === undefined || (method === 'GET' && open.has(below)) ? [] : [`${method} ${path}`];
      }),
    );
    expect(routes.size).toBeGreaterThan(12);
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const address = path
        .replace(':org', 'deep-water')
        .replace(/:[a-z]+/g, 'pilot')
        .replace('*', 'nothing');
      const asked = {
        method: method === 'ALL' ? 'PUT' : method,
        headers: { cookie, origin: PUBLIC_URL, 'x-requested-with': 'semaphore' },
      };
      expect(await ask(product, address, asked), route).toMatchObject(UNAUTHORIZED);
    }
    expect(await dump(product)).toEqual(before);
    // Beside a token it makes no difference.
    const stranger = await kaspar(product, 'fjord');
    const headers = { cookie, authorization: `Token ${stranger.token}` };
    expect(await ask(product, inOrganization('deep-water'), { headers })).toMatchObject(NOT_FOUND);
    expect(await askWith(product, inOrganization('deep-water'), token)).toMatchObject({ status: 200 });
  });

  test('is not changed by headers that the inside of another installation might believe', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    const { id } = await product.deps.db.selectFrom('profile').select('id').executeTakeFirstOrThrow();
    const claims = {
      'x-semaphore-user-id': id,
      'x-semaphore-org-id': id,
      'x-semaphore-org-username': 'deep-water',
    };
    expect(await ask(product, PROJECTS, { headers: claims })).toMatchObject(UNAUTHORIZED);
    const headers = { ...claims, authorization: `Token ${token}` };
    expect(await ask(product, PROJECTS, { headers })).toMatchObject({ status: 200 });
  });

  test('stands in no log line and in no answer', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    const answers = [
      await askWith(product, PROJECTS, token),
      await askWith(product, '/api/v1alpha/nothing', token),
      await askWith(product, PROJECTS, `${token}x`),
      await ask(product, PROJECTS, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{',
      }),
    ];
    const places = [
      product.logs(),
      ...answers.map(({ body, headers }) => JSON.stringify([body, [...headers]])),
    ];
    for (const place of places) expect(place).not.toContain(token.slice(4, 30));
    expect(product.logs()).toContain('/api/v1alpha/projects');
  });
});

describe('the organization', () => {
  test('is the one of the address, or the only one that the owner of the token belongs to', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    for (const path of [PROJECTS, inOrganization('deep-water')])
      expect(await askWith(product, path, token), path).toMatchObject({ status: 200, body: [] });
  });

  test('has to be named by who belongs to several, and the refusal names them', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'second', 'deep-water');
    expect(await askWith(product, PROJECTS, token)).toMatchObject({
      status: 400,
      body: {
        message:
          'Your token belongs to several organizations. Connect with HOST/organizations/NAME, NAME being one of: deep-water, second.',
      },
    });
    expect(await askWith(product, inOrganization('second'), token)).toMatchObject({ status: 200 });
  });

  test('of who belongs to none is to be made first', async () => {
    const product = await startProduct();
    const { token } = await greta(product);
    expect(await askWith(product, PROJECTS, token)).toMatchObject({
      status: 404,
      body: { message: `You belong to no organization yet. Create one at ${PUBLIC_URL}/organizations/new.` },
    });
  });

  test('of a stranger answers byte for byte like one that does not exist', async () => {
    const product = await startProduct();
    await greta(product, 'deep-water');
    const { token } = await kaspar(product, 'fjord');
    const visible = async (path: string, method: string) => {
      const { headers, ...rest } = await askWith(product, path, token, method);
      const seen = Object.fromEntries(headers);
      delete seen['x-request-id'];
      return { ...rest, headers: seen };
    };
    for (const [method, below] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/pilot'],
      ['DELETE', '/pilot'],
      ['PATCH', '/00000000-0000-4000-8000-000000000000'],
      ['GET', '/pilot/repository'],
    ] as const) {
      const theirs = await visible(inOrganization('deep-water') + below, method);
      expect(theirs).toMatchObject(NOT_FOUND);
      for (const nobodys of ['nobody-s', 'DEEP-WATER', 'a%00b', 'new'])
        expect(await visible(inOrganization(nobodys) + below, method), nobodys).toEqual(theirs);
    }
  });

  test('is lost with the membership, on every replica at once, by the same token', async () => {
    const product = await startProduct();
    const replica = await product.replica();
    const { token } = await greta(product, 'deep-water');
    for (const at of [product, replica])
      expect(await askWith(at, inOrganization('deep-water'), token)).toMatchObject({ status: 200 });
    await product.deps.db.deleteFrom('membership').execute();
    for (const at of [replica, product])
      expect(await askWith(at, inOrganization('deep-water'), token)).toMatchObject(NOT_FOUND);
  });
});

describe('what is asked too often', () => {
  /** The API alone with small limits, as one process has it. */
  async function limited(perMinute: { requests: number; failures: number }) {
    const product = await startProduct();
    const app = v1alphaRoutes(product.deps, createLimits(perMinute));
    const from = (address: string, token: string) =>
      app.fetch(new Request(PUBLIC_URL + PROJECTS, { headers: { authorization: `Token ${token}` } }), {
        incoming: { socket: { remoteAddress: address } },
      });
    return { product, from };
  }

  test('waits by itself: a token that asks too often holds back no other one', async () => {
    const { product, from } = await limited({ requests: 3, failures: 100 });
    const [one, other] = [await greta(product, 'deep-water'), await kaspar(product, 'fjord')];
    for (let time = 0; time < 3; time += 1) expect((await from('192.0.2.1', one.token)).status).toBe(200);
    const refused = await from('192.0.2.1', one.token);
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect(await refused.json()).toEqual({
      message: `Too many requests with this token. Try again in ${wait} s.`,
    });
    expect((await from('192.0.2.1', other.token)).status).toBe(200);
    // A new token of the same person starts afresh, so it is theirs to tell scripts apart.
    const made = await one.browser.api('POST', '/api/api-tokens', { name: 'Second' });
    const { text } = (await made.json()) as { text: string };
    expect((await from('192.0.2.1', text)).status).toBe(200);
  });

  test('without a token that works waits by its address, where one that works never does', async () => {
    const { product, from } = await limited({ requests: 100, failures: 2 });
    const { token } = await greta(product, 'deep-water');
    const wrong = `sem_${'x'.repeat(43)}`;
    for (const expected of [401, 401, 429, 429])
      expect((await from('192.0.2.1', wrong)).status).toBe(expected);
    const refused = await from('192.0.2.1', 'nonsense');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect((await from('192.0.2.1', token)).status).toBe(200);
    expect((await from('192.0.2.77', wrong)).status).toBe(401);
  });

  test('is counted in a bounded number of places, however many addresses there are', async () => {
    const limits = createLimits({ requests: 1, failures: 1 });
    let refused = 0;
    for (let address = 0; address < 4_096; address += 1)
      if ((await limits.countFailure(`2001:db8::${address.toString(16)}`)) !== null) refused += 1;
    // Each place lets one through.
    expect(4_096 - refused).toBeLessThanOrEqual(1_024);
  });
});

describe('odd requests', () => {
  const ODD = [
    '/api/v1alpha',
    '/api/v1alpha/',
    '/api/v1alpha/nothing',
    '/api/v1alpha/projects/',
    '/api/v1alpha/projects/%00',
    '/api/v1alpha/projects/a%00b/repository',
    '/api/v1alpha/projects/%ff',
    '/api/v1alpha/projects/%E0%A4%A',
    '/api/v1alpha/projects/%2e%2e%2fadmin',
    '/api/v1alpha/projects/..;/x',
    `/api/v1alpha/projects/${'x'.repeat(4_000)}`,
    '/api/v1alpha/projects/%F0%9F%9A%80',
    '/api/v1alpha/projects?page=%00',
    '/api/v1alpha/projects?page[]=1&page=2',
    '/organizations/%00/api/v1alpha/projects',
    '/organizations/%ff/api/v1alpha/projects',
    '/organizations/..%2f/api/v1alpha/projects',
    '/organizations/deep-water/api/v1alpha/projects/%00',
    '/organizations/deep-water/api/v1alpha/nothing',
  ];

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'REPORT'])(
    'by %s are refused in one line, and never by a fault of ours',
    async (method) => {
      const product = await startProduct();
      const { token } = await greta(product, 'deep-water');
      await askWith(product, PROJECTS, token);
      const before = await dump(product);
      for (const path of ODD) {
        const body = ['GET', 'HEAD'].includes(method) ? {} : { body: '{}' };
        for (const authorization of [`Token ${token}`, 'Token \u00ff\u0080', 'Token %00']) {
          const asked = { method, headers: { authorization, origin: 'https://evil.example' }, ...body };
          const response = await product.app.fetch(new Request(PUBLIC_URL + path, asked));
          expectSafeAnswer(response);
          expect(response.status, `${method} ${path}`).toBeLessThan(500);
          const text = await response.text();
          // The description is for everybody.
          if (response.status === 200) continue;
          expect(response.headers.get('content-type'), `${method} ${path}`).toBe('application/json');
          if (method !== 'HEAD') expect(JSON.parse(text)).toEqual({ message: expect.any(String) });
        }
      }
      expect(await dump(product)).toEqual(before);
      expect(product.logs()).not.toContain('request failed');
    },
  );

  test('with too much, or with what is no JSON, are told so', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
    const send = (body: string) => ask(product, PROJECTS, { method: 'POST', headers, body });
    expect(await send('x'.repeat(262_145))).toMatchObject({
      status: 413,
      body: { message: 'The body may have at most 262144 bytes.' },
    });
    for (const body of ['{', 'nonsense', '{"a":1}}']) {
      const { status, body: said } = await send(body);
      expect(status).toBe(400);
      expect(said).toEqual({ message: expect.stringMatching(/JSON/) });
    }
  });

  test('while the database is away are told to come back, in one line', async () => {
    const product = await startProduct();
    const { token } = await greta(product, 'deep-water');
    const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const db = new Proxy(product.deps.db, {
      get: (target, name) => {
        if (name === 'selectFrom') throw gone;
        return Reflect.get(target, name);
      },
    });
    const request = () =>
      new Request(PUBLIC_URL + PROJECTS, { headers: { authorization: `Token ${token}` } });
    const away = await v1alphaRoutes({ ...product.deps, db }).fetch(request());
    expect(away.status).toBe(503);
    expect(await away.json()).toEqual({
      message: 'The service cannot answer just now. Try again in a moment.',
    });
    const broken = new Proxy(product.deps.db, {
      get: (target, name) => {
        if (name === 'selectFrom') throw new Error('a fault of ours');
        return Reflect.get(target, name);
      },
    });
    const fault = await v1alphaRoutes({ ...product.deps, db: broken }).fetch(request());
    expect(fault.status).toBe(500);
    expect(await fault.json()).toEqual({ message: expect.not.stringContaining('fault of ours') });
  });
});
