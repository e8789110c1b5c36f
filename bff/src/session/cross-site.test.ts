import { describe, expect, test } from 'vitest';
import { expectSafeAnswer } from '../../test/answer-rules.ts';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { dump, dumpWithoutWalks } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';

/** Who is logged in, with a Bitbucket connection beside the GitHub one: everything below can be done to them. */
async function person(product: Product): Promise<{ browser: Browser; cookie: string }> {
  const browser = createBrowser(product);
  await browser.signIn('github', 'gretav', 'sign-up');
  await browser.grant('bitbucket', 'greta-v');
  const cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
  return { browser, cookie };
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'REPORT'];
const TYPES = [
  undefined,
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'text/plain; application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'text/json',
];
const ORIGINS = [
  undefined,
  PUBLIC_URL,
  'https://evil.example',
  'null',
  '',
  'http://localhost',
  'http://localhost:30000',
  'https://localhost:3000',
  'http://localhost:3000.evil.example',
  'http://evil.example:3000',
  'http://evil-localhost:3000',
  'http://LOCALHOST:3000',
  'http://localhost:3000/',
  `${PUBLIC_URL}, https://evil.example`,
];
const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'SAME-ORIGIN', ''];
const OWN = [undefined, 'semaphore', 'XMLHttpRequest', 'Semaphore', ''];

/** The addresses that change something, each with a body that it would take. */
const CHANGES = [
  ['POST', '/api/sign-in/github', { page: 'log-in' }],
  ['POST', '/api/connections/gitlab/grant', {}],
  ['POST', '/api/connections/bitbucket/check', {}],
  ['DELETE', '/api/connections/bitbucket', undefined],
  ['PATCH', '/api/account', { screenName: 'Mallory' }],
  ['POST', '/api/organizations', { name: 'Mallory', slug: 'mallory' }],
  ['POST', '/api/waiting-connections/00000000-0000-4000-8000-000000000000/confirm', {}],
  ['DELETE', '/api/waiting-connections/00000000-0000-4000-8000-000000000000', undefined],
  ['POST', '/api/log-out', {}],
] as const;

describe('CS-01 a changing request', () => {
  test('passes from our own page alone: method × type × Origin × Sec-Fetch-Site × header', async () => {
    const product = await startProduct();
    const { cookie } = await person(product);
    let cells = 0;
    for (const method of METHODS) {
      for (const type of TYPES) {
        for (const origin of ORIGINS) {
          for (const site of SITES) {
            for (const own of OWN) {
              const headers = new Headers({ cookie });
              if (type !== undefined) headers.set('content-type', type);
              if (origin !== undefined) headers.set('origin', origin);
              if (site !== undefined) headers.set('sec-fetch-site', site);
              if (own !== undefined) headers.set('x-requested-with', own);
              // An address without a handler: what passes is 404, what does not never gets that far.
              const request = new Request(`${PUBLIC_URL}/api/nothing-here`, { method, headers });
              const { status } = await product.app.fetch(request);
              const fromUs =
                own === 'semaphore' &&
                (origin === PUBLIC_URL || (origin === undefined && site === 'same-origin')) &&
                (site === undefined || site === 'same-origin');
              const json = type === undefined || /^application\/json(;|$)/.test(type);
              const wanted = fromUs ? (json ? 404 : 415) : 403;
              if (status !== wanted) {
                expect.fail(`${method} ${type} ${origin} ${site} ${own}: ${status}, not ${wanted}`);
              }
              cells += 1;
            }
          }
        }
      }
    }
    expect(cells).toBe(METHODS.length * TYPES.length * ORIGINS.length * SITES.length * OWN.length);
  });

  const FOREIGN: [string, Record<string, string>][] = [
    ['a form of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a script of another site', { origin: 'https://evil.example', 'x-requested-with': 'semaphore' }],
    [
      'a sandboxed frame',
      { origin: 'null', 'sec-fetch-site': 'cross-site', 'x-requested-with': 'semaphore' },
    ],
    [
      'another port of this host',
      { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-site', 'x-requested-with': 'semaphore' },
    ],
    ['an old browser that says nothing', { 'x-requested-with': 'semaphore' }],
    ['our page without our header', { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' }],
    [
      'a browser that contradicts itself',
      { origin: PUBLIC_URL, 'sec-fetch-site': 'cross-site', 'x-requested-with': 'semaphore' },
    ],
  ];

  test.each(CHANGES)('%s %s changes nothing when it comes from elsewhere', async (method, path, body) => {
    const product = await startProduct();
    const { cookie } = await person(product);
    const before = await dump(product);
    const asked = product.sandbox.requests().length;
    for (const [words, headers] of FOREIGN) {
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
        const response = await product.app.fetch(
          new Request(PUBLIC_URL + path, {
            method,
            headers: { cookie, 'content-type': type, ...headers },
            body: JSON.stringify(body ?? {}),
          }),
        );
        expect(response.status, `${words}, ${type}`).toBe(403);
        expect(await response.json()).toMatchObject({ code: 'cross-site' });
        expectSafeAnswer(response);
        expect(response.headers.getSetCookie()).toEqual([]);
      }
    }
    expect(await dump(product)).toEqual(before);
    expect(product.sandbox.requests()).toHaveLength(asked);
  });

  test.each(CHANGES)('%s %s does not read what is not declared as JSON', async (method, path, body) => {
    const product = await startProduct();
    const { browser } = await person(product);
    const before = await dump(product);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const response = await browser.api(method, path, body ?? {}, { 'content-type': type });
      expect(response.status).toBe(415);
    }
    expect(await dump(product)).toEqual(before);
  });

  test('behind another public address passes from that one alone', async () => {
    const product = await startProduct({ env: { PUBLIC_URL: 'https://ci.example.com' } });
    const status = async (origin: string) => {
      const headers = { 'x-requested-with': 'semaphore', origin, 'content-type': 'application/json' };
      // TLS ends before us: the request itself is plain and names an inner host.
      const url = 'http://10.0.0.7:8080/api/sign-in/github';
      const body = JSON.stringify({ page: 'log-in' });
      return (await product.app.fetch(new Request(url, { method: 'POST', headers, body }))).status;
    };
    expect(await status('https://ci.example.com')).toBe(200);
    for (const origin of [
      'http://ci.example.com',
      'http://10.0.0.7:8080',
      'https://example.com',
      PUBLIC_URL,
    ]) {
      expect(await status(origin), origin).toBe(403);
    }
  });

  test('cannot dress up as a harmless one', async () => {
    const product = await startProduct();
    const { cookie, browser } = await person(product);
    const before = await dump(product);
    const disguises = [
      { 'x-http-method-override': 'DELETE' },
      { 'x-http-method': 'DELETE' },
      { 'x-method-override': 'DELETE' },
    ];
    for (const headers of disguises) {
      const url = `${PUBLIC_URL}/api/connections/bitbucket?_method=DELETE`;
      await product.app.fetch(new Request(url, { headers: { cookie, ...headers } }));
    }
    expect(await dump(product)).toEqual(before);
    expect((await browser.api('DELETE', '/api/connections/bitbucket')).status).toBe(200);
  });
});

describe('CS-02 reading', () => {
  const PATHS = [
    '/',
    '/signup',
    '/login',
    '/login?attempt=00000000-0000-4000-8000-000000000000',
    '/account',
    '/organizations/new',
    '/organizations/deep-water',
    '/nowhere',
    '/favicon.svg',
    '/assets/nothing.js',
    '/api/session',
    '/api/account',
    '/api/connections/bitbucket/impact',
    '/api/organizations/deep-water',
    '/api/sign-in-attempts/00000000-0000-4000-8000-000000000000',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/auth/bitbucket/callback?code=a&state=b',
    // What takes other methods only.
    ...CHANGES.map(([, path]) => path),
  ];

  test.each(['GET', 'HEAD', 'OPTIONS'])('by %s changes nothing, whoever causes it', async (method) => {
    const product = await startProduct();
    const { browser, cookie } = await person(product);
    await browser.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' });
    const before = await dump(product);
    const asked = product.sandbox.requests().length;
    for (const path of PATHS) {
      const headers = { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const response = await product.app.fetch(new Request(PUBLIC_URL + path, { method, headers }));
      expect(response.status, path).toBeLessThan(500);
      expectSafeAnswer(response);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(await dump(product)).toEqual(before);
    expect(product.sandbox.requests()).toHaveLength(asked);
  });
});

describe('CS-03 another origin', () => {
  test.each(['https://evil.example', 'null', 'http://localhost:3000.evil.example', PUBLIC_URL])(
    '%s is allowed nothing by a preflight or an answer',
    async (origin) => {
      const product = await startProduct();
      const { cookie } = await person(product);
      for (const [method, path] of [...CHANGES, ['GET', '/api/account'], ['GET', '/api/session']] as const) {
        const preflight = await product.app.fetch(
          new Request(PUBLIC_URL + path, {
            method: 'OPTIONS',
            headers: {
              origin,
              'access-control-request-method': method,
              'access-control-request-headers': 'x-requested-with, content-type',
            },
          }),
        );
        // No answer with `Access-Control-Allow-*` passes this, whatever its status.
        expectSafeAnswer(preflight);
        expect(preflight.ok, path).toBe(false);
      }
      for (const path of ['/api/account', '/api/session', '/login']) {
        const headers = { cookie, origin };
        expectSafeAnswer(await product.app.fetch(new Request(PUBLIC_URL + path, { headers })));
      }
    },
  );

  test('gets no answer that a browser would let it embed or read', async () => {
    const product = await startProduct();
    const { browser } = await person(product);
    const before = await dumpWithoutWalks(product);
    for (const path of ['/api/account', '/account']) {
      const { headers } = await browser.api('GET', path, undefined, { 'sec-fetch-site': 'cross-site' });
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
    expect(await dumpWithoutWalks(product)).toEqual(before);
  });
});
