import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { FaultMode } from '../../sandbox/faults.ts';
import { editPerson } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { expectSafeAnswer } from '../../test/answer-rules.ts';
import { type Browser, createBrowser, type Provider } from '../../test/browser.ts';
import { dump, dumpWithoutWalks } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import { accountOf, connectionOf, isLoggedIn, problemOf } from '../../test/walks.ts';

const PEOPLE = [
  ['bitbucket', 'nora'],
  ['github', 'gretav'],
  ['gitlab', 'kaspar'],
] as const;

/** A browser that came back from the provider and has not called the callback yet. */
async function walked(
  product: Product,
  provider: Provider,
  nickname: string,
  body?: Record<string, unknown>,
) {
  const browser = createBrowser(product);
  await browser.beAt(provider, nickname);
  return { browser, callback: await browser.consent(await browser.start(provider, body)) };
}

function tokenRequests({ sandbox }: Product): number {
  return sandbox.requests({ part: 'token' }).length;
}

async function sessions({ deps }: Product) {
  return deps.db.selectFrom('session').select(['profileId', 'tokenHash']).execute();
}

describe.each(PEOPLE)('OA-01 the state of a walk to %s is bound to the browser', (provider, nickname) => {
  test.each([
    ['has never been here', async () => undefined],
    [
      'is on a walk of its own',
      async (other: Browser) => {
        await other.start(provider);
      },
    ],
    [
      'is logged in',
      async (other: Browser) => {
        await other.signIn('gitlab', 'tribeiro');
      },
    ],
  ])('so that in another one, which %s, the callback does nothing', async (_words, prepare) => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, provider, nickname);
    const other = createBrowser(product);
    await prepare(other);
    const before = await dump(product);
    const exchanged = tokenRequests(product);
    const landing = await other.land(callback);
    expect(landing.path).toMatch(/^\/(login|account)\?attempt=unknown$/);
    expect(await dump(product)).toEqual(before);
    expect(tokenRequests(product)).toBe(exchanged);
    // Nothing is used up either: the browser that started gets in.
    expect((await browser.land(callback)).path).toBe('/organizations/new');
  });
});

test('OA-01 the state has 256 bits, differs each time, and the database knows only its hash', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  const states = [];
  for (let walk = 0; walk < 5; walk += 1) {
    states.push(new URL(await browser.start('bitbucket')).searchParams.get('state') ?? '');
  }
  expect(new Set(states).size).toBe(5);
  const stored = JSON.stringify(await dump(product));
  for (const state of states) {
    expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(stored).not.toContain(state);
    expect(product.logs()).not.toContain(state);
  }
  expect(stored).not.toContain(browser.cookies().get('__Host-browser'));
});

describe('OA-02 a callback works once', () => {
  test('a replayed one is refused, says so, and leaves the session and the first result as they were', async () => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, 'bitbucket', 'nora');
    await browser.land(callback);
    const before = await dumpWithoutWalks(product);
    const replayed = await browser.land(callback);
    expect(replayed.path).toMatch(/^\/login\?attempt=/);
    expect(await problemOf(browser, replayed)).toEqual({ code: 'attempt-replayed' });
    expect(await isLoggedIn(browser)).toBe(true);
    expect(await dumpWithoutWalks(product)).toEqual(before);
    expect(tokenRequests(product)).toBe(1);
  });

  test('a replayed one in another browser reveals nothing, not even that it was replayed', async () => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, 'bitbucket', 'nora');
    await browser.land(callback);
    const other = createBrowser(product);
    await other.start('bitbucket');
    expect((await other.land(callback)).path).toBe('/login?attempt=unknown');
    expect(tokenRequests(product)).toBe(1);
  });

  test.each(PEOPLE)(
    'of twenty at once on two replicas one gets in at %s, with one exchange',
    async (provider, nickname) => {
      const product = await startProduct();
      const replica = await product.replica();
      const { browser, callback } = await walked(product, provider, nickname);
      const cookie = `__Host-browser=${browser.cookies().get('__Host-browser')}`;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, turn) =>
          (turn % 2 ? product : replica).app.fetch(new Request(callback, { headers: { cookie } })),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303));
      const locations = answers.map(({ headers }) => headers.get('location'));
      expect(locations.filter((location) => location === '/organizations/new')).toHaveLength(1);
      expect(locations.filter((location) => location?.startsWith('/login?attempt='))).toHaveLength(19);
      expect(await sessions(product)).toHaveLength(1);
      expect(answers.filter(({ headers }) => headers.getSetCookie().length > 0)).toHaveLength(1);
      expect(tokenRequests(product)).toBe(1);
    },
  );

  test('a code that was spent elsewhere leads back with the reason', async () => {
    const product = await startProduct();
    const one = await walked(product, 'bitbucket', 'nora');
    await one.browser.land(one.callback);
    const two = await walked(product, 'bitbucket', 'nora');
    two.callback.searchParams.set('code', one.callback.searchParams.get('code') ?? '');
    const landing = await two.browser.land(two.callback);
    expect(await problemOf(two.browser, landing)).toEqual({ code: 'attempt-broken' });
    expect(await isLoggedIn(two.browser)).toBe(false);
  });
});

describe('OA-03 a walk belongs to its provider', () => {
  const pairs = PEOPLE.flatMap(([from, nickname]) =>
    PEOPLE.filter(([to]) => to !== from).map(([to]) => [from, nickname, to] as const),
  );

  test.each(pairs)('the state of %s (%s) is refused on the callback of %s', async (from, nickname, to) => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, from, nickname);
    const before = await dump(product);
    const wrong = new URL(callback);
    wrong.pathname = `/auth/${to}/callback`;
    expect((await browser.land(wrong)).path).toBe('/login?attempt=unknown');
    expect(await dump(product)).toEqual(before);
    expect(tokenRequests(product)).toBe(0);
    expect((await browser.land(callback)).path).toBe('/organizations/new');
  });

  test.each([
    ...PEOPLE.map(([provider, nickname]) => [provider, nickname, 'https://evil.example'] as const),
    ['github', 'gretav', 'https://bitbucket.test'],
    ['bitbucket', 'nora', 'https://bitbucket.test.evil.example'],
  ] as const)(
    'an answer to %s (%s) that names the issuer "%s" is not exchanged',
    async (from, nickname, iss) => {
      const product = await startProduct();
      const { browser, callback } = await walked(product, from, nickname);
      callback.searchParams.set('iss', iss);
      await browser.land(callback);
      expect(await isLoggedIn(browser)).toBe(false);
      expect(tokenRequests(product)).toBe(0);
    },
  );

  test.each([
    ['bitbucket', 'nora', 'https://bitbucket.test'],
    ['github', 'gretav', 'https://github.test/login/oauth'],
    ['gitlab', 'kaspar', 'https://gitlab.test'],
  ] as const)('an answer to %s (%s) that names the right issuer is', async (provider, nickname, iss) => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, provider, nickname);
    callback.searchParams.set('iss', iss);
    expect((await browser.land(callback)).path).toBe('/organizations/new');
  });

  test('each provider has a redirect URI of its own', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    for (const [provider] of PEOPLE) {
      const { searchParams } = new URL(await browser.start(provider));
      expect(searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/auth/${provider}/callback`);
      expect(searchParams.get('response_type')).toBe('code');
    }
  });
});

describe('OA-04 PKCE', () => {
  test.each(['github', 'gitlab'] as const)(
    'goes with every walk to %s, fresh and unseen',
    async (provider) => {
      const product = await startProduct();
      const browser = createBrowser(product);
      const challenges = new Set<string | null>();
      for (let walk = 0; walk < 3; walk += 1) {
        const { searchParams } = new URL(await browser.start(provider));
        expect(searchParams.get('code_challenge_method')).toBe('S256');
        expect(searchParams.get('code_challenge')).toMatch(/^[A-Za-z0-9_-]{43}$/);
        challenges.add(searchParams.get('code_challenge'));
        expect(searchParams.has('code_verifier')).toBe(false);
      }
      expect(challenges.size).toBe(3);

      const { db, sealer } = product.deps;
      const walks = await db.selectFrom('signInAttempt').select(['id', 'verifier']).execute();
      const stored = JSON.stringify(await dump(product));
      const cookies = [...browser.cookies().values()].join();
      for (const { id, verifier } of walks) {
        const plain = sealer.open(verifier ?? '', `sign_in_attempt/${id}/verifier`);
        expect(plain).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
        for (const place of [stored, cookies, product.logs()]) expect(place).not.toContain(plain);
      }
    },
  );

  test.each([
    ['github', 'gretav'],
    ['gitlab', 'kaspar'],
  ] as const)(
    'a code of %s (%s) that was asked for with another challenge buys nothing',
    async (provider, nickname) => {
      const product = await startProduct();
      const browser = createBrowser(product);
      await browser.beAt(provider, nickname);
      const location = new URL(await browser.start(provider));
      // The attacker's own walk made this code; the product holds the verifier of another challenge.
      location.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
      const landing = await browser.land(await browser.consent(location.href));
      expect(landing.path).toMatch(/^\/login\?attempt=/);
      expect(['attempt-broken', 'provider-refused']).toContain((await problemOf(browser, landing))?.code);
      expect(await isLoggedIn(browser)).toBe(false);
    },
  );
});

describe('OA-05 addresses come from the configuration alone', () => {
  const EVIL: Record<string, string>[] = [
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '444' },
    { 'x-forwarded-host': 'evil.example, localhost:3000' },
    { forwarded: 'for=1.2.3.4;host=evil.example;proto=https' },
    { 'x-original-host': 'evil.example', 'x-host': 'evil.example', 'x-forwarded-server': 'evil.example' },
    { 'x-original-url': '/api/log-out', 'x-rewrite-url': '/api/log-out' },
    { 'x-forwarded-prefix': '//evil.example', 'x-script-name': '//evil.example' },
  ];

  test.each(EVIL)('%j changes neither the walk nor the cookies nor the next request', async (headers) => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('github', 'gretav');
    const response = await browser.api('POST', '/api/sign-in/github', { page: 'log-in' }, headers);
    const { location } = (await response.json()) as { location: string };
    const { origin, searchParams } = new URL(location);
    expect(origin).toBe('https://github.test');
    expect(searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/auth/github/callback`);
    expect(response.headers.getSetCookie().join()).not.toMatch(/domain|evil/i);

    const callback = await browser.consent(location);
    const answer = await browser.once(callback, { headers });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/organizations/new');
    expect(answer.headers.getSetCookie().join()).not.toMatch(/domain|evil/i);

    const next = new URL(await browser.start('github'));
    expect(next.searchParams.get('redirect_uri')).toBe(`${PUBLIC_URL}/auth/github/callback`);
    expect(await (await browser.open('/login')).response.text()).not.toContain('evil');
  });

  test('a request that names another host altogether gets the same addresses', async () => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, 'bitbucket', 'nora');
    const elsewhere = new URL(callback);
    elsewhere.host = 'evil.example';
    const cookie = `__Host-browser=${browser.cookies().get('__Host-browser')}`;
    const answer = await product.app.fetch(new Request(elsewhere, { headers: { cookie } }));
    expect(answer.headers.get('location')).toBe('/organizations/new');
    // The code was exchanged for the registered address, or the provider would have refused it.
    expect(tokenRequests(product)).toBe(1);
    const away = await product.app.fetch(new Request('https://evil.example/account'));
    expect(away.headers.get('location')).toBe('/login?return-to=%2Faccount');
  });
});

test('OA-06 a walk with a way back that leads away ends on a page of ours', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.signIn('github', 'gretav', 'sign-up');
  const corpus = [
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/%2f%2fevil.example',
    '/%252f%252fevil.example',
    '/account/..//evil.example',
    'https://evil.example/account',
    'javascript:alert(1)',
    '/api/log-out',
    `/account?${'a'.repeat(1_000)}`,
  ];
  for (const returnTo of corpus) {
    const location = await browser.start('github', { page: 'log-in', returnTo });
    const answer = await browser.once(await browser.consent(location));
    expect(answer.headers.get('location'), returnTo).toBe('/organizations/new');
  }
  for (const returnTo of [1, null, ['/account'], { a: 1 }]) {
    const refused = await browser.api('POST', '/api/sign-in/github', { page: 'log-in', returnTo });
    expect(refused.status).toBe(400);
  }
});

describe('OA-07 a person is the immutable id, not the name', () => {
  test.each([
    ['bitbucket', 'nora', 'pim'],
    ['github', 'gretav', 'ines-moreau'],
    ['gitlab', 'kaspar', 'tribeiro'],
  ] as const)(
    'who takes over a name at %s (%s, then %s) gets a profile of their own',
    async (provider, nickname, other) => {
      const product = await startProduct();
      const first = createBrowser(product);
      await first.signIn(provider, nickname, 'sign-up');
      const { world } = product.sandbox;
      const [old, late] = [personNamed(world, provider, nickname), personNamed(world, provider, other)];
      editPerson(world, old, { nickname: 'somebody-else-now' });
      editPerson(world, late, { nickname, name: old.name });
      const second = createBrowser(product);
      expect((await second.signIn(provider, nickname)).path).toBe('/organizations/new');
      expect(await accountOf(second)).toMatchObject({ email: late.emails[0]?.email });
      expect(await accountOf(first)).toMatchObject({ email: old.emails[0]?.email });
      expect(await product.deps.db.selectFrom('profile').selectAll().execute()).toHaveLength(2);
    },
  );
});

describe('OA-08 an address alone attaches nothing', () => {
  const victim = 'victim@harbour.example';
  const spellings = [
    ['the same address', victim, true, 'email-taken'],
    ['the same address, not confirmed', victim, false, 'email-unconfirmed'],
    ['the address in upper case', 'VICTIM@HARBOUR.EXAMPLE', true, 'email-taken'],
    ['the address in upper case, not confirmed', 'VICTIM@HARBOUR.EXAMPLE', false, 'email-unconfirmed'],
    ['no address', null, true, 'no-email'],
    ['a look-alike with a full-width @', 'victim\uff20harbour.example', true, null],
    ['a look-alike with a dotless i', 'v\u0131ctim@harbour.example', true, null],
    ['a look-alike with a Cyrillic i', 'v\u0456ctim@harbour.example', true, null],
    ['a look-alike with a zero-width space', 'victim\u200b@harbour.example', true, null],
    ['the address with a tag', 'victim+a@harbour.example', true, null],
  ] as const;
  const pairs = PEOPLE.flatMap(([first, owner]) =>
    (
      [
        ['bitbucket', 'pim'],
        ['github', 'ines-moreau'],
        ['gitlab', 'tribeiro'],
      ] as const
    ).map(([second, intruder]) => ({ first, owner, second, intruder })),
  );

  test.each(pairs)('of $first, for who comes with $second', async ({ first, owner, second, intruder }) => {
    const product = await startProduct();
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, first, owner), {
      emails: [{ email: victim, primary: true, confirmed: true }],
    });
    const own = createBrowser(product);
    await own.signIn(first, owner, 'sign-up');
    const { id } = await product.deps.db.selectFrom('profile').select('id').executeTakeFirstOrThrow();
    const belongings = () => belongingsOf(product, id);
    const before = await belongings();

    for (const [words, email, confirmed, code] of spellings) {
      editPerson(world, personNamed(world, second, intruder), {
        emails: email === null ? [] : [{ email, primary: true, confirmed }],
      });
      const browser = createBrowser(product);
      const landing = await browser.signIn(second, intruder, 'sign-up');
      if (code === null) {
        // Another address by any reading that we trust: a profile of its own, or its own one again.
        expect(await accountOf(browser), words).not.toMatchObject({ email: victim });
        await product.deps.db.deleteFrom('profile').where('id', '!=', id).execute();
      } else {
        expect((await problemOf(browser, landing))?.code, words).toBe(code);
        expect(await isLoggedIn(browser), words).toBe(false);
      }
      expect(await belongings(), words).toEqual(before);
    }
  });
});

describe('OA-09 connecting is bound to the person, at the start and at the end', () => {
  async function granting(product: Product) {
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav', 'sign-up');
    await browser.beAt('bitbucket', 'nora');
    const response = await browser.api('POST', '/api/connections/bitbucket/grant');
    const { location } = (await response.json()) as { location: string };
    return { browser, callback: await browser.consent(location) };
  }

  test('what one person started, another finishes in vain', async () => {
    const product = await startProduct();
    const { browser, callback } = await granting(product);
    await browser.signIn('gitlab', 'kaspar');
    const before = await dumpWithoutWalks(product);
    const landing = await browser.land(callback);
    expect(landing.path).toMatch(/^\/account\?attempt=/);
    expect(await problemOf(browser, landing)).toEqual({ code: 'session-changed' });
    expect(await dumpWithoutWalks(product)).toEqual(before);
    expect(product.sandbox.requests({ part: 'token', service: 'bitbucket' })).toEqual([]);
  });

  test('after logging out it is in vain, and the log-in page says so', async () => {
    const product = await startProduct();
    const { browser, callback } = await granting(product);
    await browser.api('POST', '/api/log-out');
    const landing = await browser.land(callback);
    expect(landing.path).toMatch(/^\/login\?attempt=/);
    expect(await problemOf(browser, landing)).toEqual({ code: 'session-changed' });
    expect(await isLoggedIn(browser)).toBe(false);
    expect(product.sandbox.requests({ part: 'token', service: 'bitbucket' })).toEqual([]);
  });

  test('a grant that one person started cannot be finished in another browser, logged in as whomever', async () => {
    const product = await startProduct();
    const { callback } = await granting(product);
    const victim = createBrowser(product);
    await victim.signIn('gitlab', 'kaspar');
    const before = await dump(product);
    expect((await victim.land(callback)).path).toBe('/account?attempt=unknown');
    expect(await dump(product)).toEqual(before);
  });

  test('a link to a page of ours can start neither a log-in nor a grant', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav');
    const before = await dump(product);
    for (const address of ['/api/connections/bitbucket/grant', '/api/sign-in/bitbucket', '/api/log-out']) {
      expect((await browser.open(address)).response.status).toBe(404);
    }
    expect(await dump(product)).toEqual(before);
  });

  test('the person who started it finishes it, with a new session', async () => {
    const product = await startProduct();
    const { browser, callback } = await granting(product);
    const old = browser.cookies().get('__Host-session');
    expect((await browser.land(callback)).path).toBe('/account');
    expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ state: 'connected' });
    expect(browser.cookies().get('__Host-session')).not.toBe(old);
  });
});

test('OA-10 of two people who connect one identity at once, one has it and the other is told', async () => {
  const product = await startProduct();
  const replica = await product.replica();
  const people = [];
  for (const [provider, nickname] of [
    ['github', 'gretav'],
    ['gitlab', 'kaspar'],
  ] as const) {
    const browser = createBrowser(product);
    await browser.signIn(provider, nickname, 'sign-up');
    await browser.beAt('bitbucket', 'nora');
    people.push(browser);
  }
  people[1]?.at(replica);
  for (let round = 0; round < 20; round += 1) {
    const walks = [];
    for (const browser of people) {
      const response = await browser.api('POST', '/api/connections/bitbucket/grant');
      const { location } = (await response.json()) as { location: string };
      walks.push({ browser, callback: await browser.consent(location) });
    }
    const landings = await Promise.all(
      walks.map(async ({ browser, callback }) => ({ browser, landing: await browser.land(callback) })),
    );
    const losers = landings.filter(({ landing }) => landing.path !== '/account');
    expect(losers).toHaveLength(1);
    for (const { browser, landing } of losers) {
      expect(await problemOf(browser, landing)).toEqual({
        code: 'account-owned-by-another',
        nickname: 'nora',
      });
    }
    const owned = product.deps.db.selectFrom('connection').where('provider', '=', 'bitbucket');
    expect(await owned.selectAll().execute()).toHaveLength(1);
    await product.deps.db.deleteFrom('connection').where('provider', '=', 'bitbucket').execute();
  }
});

describe('OA-12 a garbled callback', () => {
  const name = fc.constantFrom(
    'code',
    'state',
    'error',
    'error_description',
    'iss',
    'id_token',
    'response',
    '',
  );
  const junk = fc.oneof(
    fc.constantFrom('%', '%%', '%ff%fe', '%00', '%0d%0aX: y', '%c0%af', '[]', '{}', 'access_denied'),
    fc.constantFrom('<script>alert(1)</script>', "' or 1=1--", '../../etc/passwd', 'a'.repeat(10_000)),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.stringMatching(/^[!-~]{0,40}$/).map((text) => text.replace(/#/g, '')),
  );
  const pair = fc.tuple(name, junk).map(([key, value]) => `${key}=${value}`);
  const query = fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join('&'));

  /** An answer that leads to a page of ours and repeats nothing of what was sent. */
  function expectDull(answer: Response) {
    expectSafeAnswer(answer);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toMatch(/^\/login\?attempt=(unknown|[0-9a-f-]{36})$/);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }

  test('never fails, repeats nothing, and leaves the database as it was', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.start('bitbucket');
    const cookie = `__Host-browser=${browser.cookies().get('__Host-browser')}`;
    const before = await dump(product);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('bitbucket', 'github', 'gitlab', 'nowhere'),
        query,
        async (provider, text) => {
          const address = `${PUBLIC_URL}/auth/${provider}/callback?${text}`;
          expectDull(await product.app.fetch(new Request(address, { headers: { cookie } })));
        },
      ),
      { numRuns: 300 },
    );
    expect(await dump(product)).toEqual(before);
    expect(tokenRequests(product)).toBe(0);
  });

  test('that carries a good state leads back with a reason, and no session', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('bitbucket', 'github', 'gitlab'), query, async (provider, text) => {
        const state = new URL(await browser.start(provider as Provider)).searchParams.get('state');
        const cookie = `__Host-browser=${browser.cookies().get('__Host-browser')}`;
        const address = `${PUBLIC_URL}/auth/${provider}/callback?state=${state}&${text}`;
        expectDull(await product.app.fetch(new Request(address, { headers: { cookie } })));
      }),
      { numRuns: 100 },
    );
    expect(await sessions(product)).toEqual([]);
  });

  test.each([
    ['two codes', (query: URLSearchParams) => query.append('code', 'another')],
    ['two states', (query: URLSearchParams) => query.append('state', 'another')],
    ['the same state twice', (query: URLSearchParams) => query.append('state', query.get('state') ?? '')],
    ['no code', (query: URLSearchParams) => query.delete('code')],
    ['no state', (query: URLSearchParams) => query.delete('state')],
    ['an empty state', (query: URLSearchParams) => query.set('state', '')],
    ['an empty code', (query: URLSearchParams) => query.set('code', '')],
    ['a code and an error', (query: URLSearchParams) => query.set('error', 'access_denied')],
    ['an unknown error', (query: URLSearchParams) => query.set('error', '<script>')],
    ['an id token', (query: URLSearchParams) => query.set('id_token', 'a.b.c')],
  ] as const)('with %s is not exchanged', async (_words, spoil) => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, 'bitbucket', 'nora');
    spoil(callback.searchParams);
    const landing = await browser.land(callback);
    expect(landing.path).toMatch(/^\/login\?attempt=/);
    expect(await isLoggedIn(browser)).toBe(false);
    expect(tokenRequests(product)).toBe(0);
  });

  test('by POST is not taken at all', async () => {
    const product = await startProduct();
    const { browser, callback } = await walked(product, 'bitbucket', 'nora');
    const before = await dump(product);
    for (const headers of [{}, { origin: 'https://bitbucket.test', 'sec-fetch-site': 'cross-site' }]) {
      expect((await browser.once(callback, { method: 'POST', headers })).status).toBe(403);
    }
    expect(await dump(product)).toEqual(before);
  });
});

describe('OA-13 an answer that is no good', () => {
  /** Bodies and statuses that prove nothing, whichever endpoint they come from. */
  const BAD: FaultMode[] = [
    '429',
    '429-retry-after',
    '429-text',
    '500',
    '502',
    '503',
    '504',
    'hang',
    'drip',
    'reset',
    'cut',
    'malformed',
    'empty',
    'wrong-type',
    'huge',
    'gzip-bomb',
    'redirect-301',
    'redirect-302',
    'redirect-307',
    'redirect-308',
    '401',
    '401-text',
    '403-scopes',
    '404',
    'unauthorized-client',
    'invalid-grant',
    'invalid-request',
    'ok-error',
    'created-201',
  ];
  const BAD_TOKENS: FaultMode[] = [
    ...BAD,
    'answer-lost',
    'applied-late',
    'no-access-token',
    'token-type-mac',
    'expires-string',
    'expires-negative',
    'expires-huge',
  ];

  /** Nobody got in, nothing was made, no secret went along with a redirect, and the page can say why. */
  async function expectNobody(product: Product, provider: Provider, nickname: string, before: unknown) {
    const { browser, callback } = await walked(product, provider, nickname);
    const landing = await browser.land(callback);
    expect(landing.path).toMatch(/^\/login\?attempt=[0-9a-f-]{36}$/);
    const problem = await problemOf(browser, landing);
    expect(problem?.code).toMatch(/^(provider-\w+(-\w+)?|attempt-broken|scope-missing)$/);
    expect(await isLoggedIn(browser)).toBe(false);
    expect(await dumpWithoutWalks(product)).toEqual(before);
    expect(product.sandbox.requests({ path: '/redirected' })).toEqual([]);
  }

  test.each(BAD_TOKENS)('to the code (%s) lets nobody in and leaves nothing', async (mode) => {
    const product = await startProduct({ outboundDeadline: 1_000 });
    const before = await dumpWithoutWalks(product);
    for (const [provider, nickname] of PEOPLE) {
      const fault = product.sandbox.faults.set(`${provider}:token`, mode);
      await expectNobody(product, provider, nickname, before);
      product.sandbox.faults.clear(fault);
    }
  });

  test.each(BAD)('to the question who it is (%s) lets nobody in and leaves nothing', async (mode) => {
    const product = await startProduct({ outboundDeadline: 1_000 });
    const before = { ...(await dumpWithoutWalks(product)), oauth_client: expect.anything() };
    for (const [provider, nickname] of PEOPLE) {
      const api = product.sandbox.faults.set(`${provider}:api`, mode);
      await expectNobody(product, provider, nickname, before);
      product.sandbox.faults.clear(api);
    }
  });

  test.each(['no-refresh-token', 'fewer-scopes'] as const)(
    'a token answer that is short of something (%s) lets in, and is told on the account page',
    async (mode) => {
      const product = await startProduct();
      product.sandbox.faults.set('bitbucket:token', mode);
      const browser = createBrowser(product);
      await browser.signIn('bitbucket', 'nora');
      expect(await connectionOf(browser, 'bitbucket')).toMatchObject({
        state: 'connected',
        granted: mode === 'fewer-scopes' ? 'insufficient' : 'private-and-public-repositories',
      });
    },
  );

  const ODD_TEXTS = ['a\u0000b', '\ud800', '\udfff\u0000', '\u202egnitpecxe', '\u0007'];

  test.each(PEOPLE)(
    'that holds text which no database keeps still lets in (%s, %s)',
    async (provider, who) => {
      const product = await startProduct();
      const person = personNamed(product.sandbox.world, provider, who);
      for (const [index, text] of ODD_TEXTS.entries()) {
        const browser = createBrowser(product);
        await browser.beAt(provider, person.nickname);
        const address = `${text.toWellFormed()}@odd${index}.example`;
        const emails = [{ email: address, primary: true, confirmed: true }];
        editPerson(product.sandbox.world, person, { name: text, nickname: text, emails });
        await product.deps.db.deleteFrom('profile').execute();
        const landing = await browser.land(await browser.consent(await browser.start(provider)));
        expect(landing).toMatchObject({ status: 200, path: '/organizations/new' });
        // Never the address without the odd character: that one may be another person's.
        expect((await accountOf(browser)).email).toBe(address.replaceAll('\u0000', '\ufffd'));
      }
    },
  );

  test.each(PEOPLE)('that confirms an empty address is none (%s, %s)', async (provider, nickname) => {
    const product = await startProduct();
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, provider, nickname), {
      emails: [{ email: '', primary: true, confirmed: true }],
    });
    const browser = createBrowser(product);
    const landing = await browser.signIn(provider, nickname, 'sign-up');
    expect(await problemOf(browser, landing)).toEqual({ code: 'no-email', nickname });
  });

  test('would be seen if it led elsewhere', async () => {
    const { sandbox } = await startProduct();
    await fetch(`${sandbox.origins.github}/redirected`);
    expect(sandbox.requests({ path: '/redirected' })).toHaveLength(1);
  });

  test.each(PEOPLE)('is forgotten at the next try with %s', async (provider, nickname) => {
    const product = await startProduct();
    product.sandbox.faults.set(`${provider}:token`, '503', { times: 1 });
    const { browser, callback } = await walked(product, provider, nickname);
    expect(await problemOf(browser, await browser.land(callback))).toEqual({
      code: 'provider-error',
      retryAt: null,
    });
    expect((await browser.signIn(provider, nickname)).path).toBe('/organizations/new');
  });
});

/** Everything that hangs on one profile. */
async function belongingsOf({ deps: { db } }: Product, profileId: string) {
  return {
    profile: await db.selectFrom('profile').selectAll().where('id', '=', profileId).execute(),
    connections: await db.selectFrom('connection').selectAll().where('profileId', '=', profileId).execute(),
    sessions: await db.selectFrom('session').selectAll().where('profileId', '=', profileId).execute(),
  };
}

test('CS-02 a HEAD request for the callback does not spend it', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.beAt('bitbucket', 'nora');
  const callback = await browser.consent(await browser.start('bitbucket'));
  expect((await browser.once(callback, { method: 'HEAD' })).status).toBe(204);
  expect((await browser.land(callback)).path).toBe('/organizations/new');
});

test('a fault of our own leads back to the page with a sentence, and changes nothing', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.beAt('bitbucket', 'nora');
  const callback = await browser.consent(await browser.start('bitbucket', { page: 'sign-up' }));
  const { db } = product.deps;
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$`.execute(
    db,
  );
  await sql`create trigger refuse before insert on "grant" for each row execute function refuse()`.execute(
    db,
  );
  const landing = await browser.land(callback);
  await sql`drop function refuse cascade`.execute(db);
  expect(landing.path).toMatch(/^\/signup\?attempt=/);
  expect(await browser.json(`/api/sign-in-attempts/${landing.path.split('=')[1]}`)).toMatchObject({
    problem: { code: 'service-fault' },
  });
  expect(await db.selectFrom('profile').select('id').execute()).toEqual([]);
});
