import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { dump, dumpWithoutWalks } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import { accountOf, isLoggedIn } from '../../test/walks.ts';
import { purgeSessions } from './session.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

async function loggedIn(product: Product): Promise<Browser> {
  const browser = createBrowser(product);
  await browser.signIn('github', 'gretav', 'sign-up');
  return browser;
}

function sessionOf(browser: Browser): string {
  return browser.cookies().get('__Host-session') ?? '';
}

/** The status that the account answers to exactly these cookies. */
async function statusWith(product: Product, cookie: string): Promise<number> {
  const response = await product.app.fetch(new Request(`${PUBLIC_URL}/api/account`, { headers: { cookie } }));
  return response.status;
}

describe('SE-01 the cookies', () => {
  test('are ours alone, hidden from scripts, and go over TLS to the whole host and no other', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    const started = await browser.api('POST', '/api/sign-in/github', { page: 'log-in' });
    expect(started.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-browser=[A-Za-z0-9_-]{43}; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    await browser.beAt('github', 'gretav');
    const { location } = (await started.json()) as { location: string };
    const finished = await browser.once(await browser.consent(location));
    expect(finished.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-session=[A-Za-z0-9_-]{43}; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
  });

  test('are taken away with the same attributes', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    const ended = await browser.api('POST', '/api/log-out');
    expect(ended.headers.getSetCookie()).toEqual([
      '__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  test('are not set by errors, or by asking for what exists', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    for (const path of [
      '/api/account',
      '/api/session',
      '/login',
      '/nowhere',
      '/api/nowhere',
      '/health/live',
    ]) {
      expect((await browser.api('GET', path)).headers.getSetCookie()).toEqual([]);
    }
    const refused = await browser.api('POST', '/api/sign-in/github', { page: 'nowhere' });
    expect(refused.headers.getSetCookie()).toEqual([]);
  });
});

test('SE-02 the value has 256 bits, differs each time, and stands neither in the database nor in a log', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  const values = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    await browser.signIn('github', 'gretav');
    values.add(sessionOf(browser));
  }
  expect(values.size).toBe(3);
  const places = [JSON.stringify(await dump(product)), product.logs()];
  for (const value of [...values, browser.cookies().get('__Host-browser') ?? '']) {
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const place of places) expect(place).not.toContain(value);
  }
});

describe('SE-03 a session cannot be fixed beforehand', () => {
  test('logging in gives a new one and ends the one that was there', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    const before = sessionOf(browser);
    await browser.signIn('github', 'gretav');
    expect(sessionOf(browser)).not.toBe(before);
    expect(await statusWith(product, `__Host-session=${before}`)).toBe(401);
    expect(await isLoggedIn(browser)).toBe(true);
  });

  test("an intruder's session that was planted in a browser is not the one that the person gets", async () => {
    const product = await startProduct();
    const intruder = createBrowser(product);
    await intruder.signIn('gitlab', 'kaspar', 'sign-up');
    const planted = sessionOf(intruder);
    const person = createBrowser(product);
    person.cookies().set('__Host-session', planted);
    await person.signIn('github', 'gretav', 'sign-up');
    expect(sessionOf(person)).not.toBe(planted);
    expect(await accountOf(person)).toMatchObject({ email: 'greta.vogel@harbour.example' });
    expect(await statusWith(product, `__Host-session=${planted}`)).toBe(401);
  });

  test('a planted value that we never gave out becomes nobody’s session', async () => {
    const product = await startProduct();
    const person = createBrowser(product);
    const planted = 'A'.repeat(43);
    person.cookies().set('__Host-session', planted);
    await person.signIn('github', 'gretav', 'sign-up');
    expect(sessionOf(person)).not.toBe(planted);
    expect(await statusWith(product, `__Host-session=${planted}`)).toBe(401);
  });

  test('no other value of a walk is taken for a session: browser, state, hash, id', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    const state = new URL(await browser.start('github')).searchParams.get('state');
    const { db } = product.deps;
    const session = await db.selectFrom('session').selectAll().executeTakeFirstOrThrow();
    const walks = await db.selectFrom('signInAttempt').selectAll().execute();
    const values = [
      browser.cookies().get('__Host-browser'),
      state,
      session.tokenHash,
      session.id,
      session.profileId,
      ...walks.flatMap(({ id, stateHash, browserHash }) => [id, stateHash, browserHash]),
    ];
    for (const value of values) expect(await statusWith(product, `__Host-session=${value}`)).toBe(401);
    const token = sessionOf(browser);
    for (const name of [
      'session',
      '__Secure-session',
      '__host-session',
      '__Host-browser',
      ' __Host-session2',
    ]) {
      expect(await statusWith(product, `${name}=${token}`)).toBe(401);
    }
    const header = { authorization: `Bearer ${token}` };
    const response = await product.app.fetch(new Request(`${PUBLIC_URL}/api/account`, { headers: header }));
    expect(response.status).toBe(401);
  });

  test.each(['confirming a waiting connection', 'connecting a provider', 'disconnecting one'])(
    '%s changes the session, and the old value is dead',
    async (what) => {
      const product = await startProduct();
      const browser = createBrowser(product);
      await browser.signIn('github', 'gretav', 'sign-up');
      if (what === 'confirming a waiting connection') {
        await browser.signIn('bitbucket', 'greta-v');
        await browser.signIn('github', 'gretav');
      } else if (what === 'disconnecting one') await browser.grant('bitbucket', 'greta-v');
      const before = sessionOf(browser);
      if (what === 'confirming a waiting connection') {
        const { waiting } = await accountOf(browser);
        await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`);
      } else if (what === 'connecting a provider') await browser.grant('bitbucket', 'greta-v');
      else await browser.api('DELETE', '/api/connections/bitbucket');
      expect(sessionOf(browser)).not.toBe(before);
      expect(await isLoggedIn(browser)).toBe(true);
      expect(await statusWith(product, `__Host-session=${before}`)).toBe(401);
    },
  );
});

describe('SE-04 logging out', () => {
  test('ends every session of the person on every replica at once, and nobody else’s', async () => {
    const product = await startProduct();
    const replica = await product.replica();
    const devices = [];
    for (const at of [product, replica, product]) {
      const device = createBrowser(product);
      device.at(at);
      await device.signIn('github', 'gretav');
      expect(await isLoggedIn(device)).toBe(true);
      devices.push(device);
    }
    const other = createBrowser(product);
    await other.signIn('gitlab', 'kaspar');
    const values = devices.map(sessionOf);

    const ended = await devices[0]?.api('POST', '/api/log-out');
    expect(ended?.status).toBe(200);
    expect(ended?.headers.get('clear-site-data')).toBe('"storage"');
    for (const value of values) {
      for (const at of [product, replica]) {
        expect(await statusWith(at, `__Host-session=${value}`)).toBe(401);
      }
    }
    expect(await isLoggedIn(other)).toBe(true);
  });

  test('twice is 401 and harmless', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    const value = sessionOf(browser);
    expect((await browser.api('POST', '/api/log-out')).status).toBe(200);
    expect((await browser.api('POST', '/api/log-out')).status).toBe(401);
    browser.cookies().set('__Host-session', value);
    expect((await browser.api('POST', '/api/log-out')).status).toBe(401);
  });

  test('cannot be caused by a link, an image or a foreign form', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    const url = new URL('/api/log-out', PUBLIC_URL);
    for (const method of ['GET', 'HEAD', 'POST']) await browser.once(url, { method });
    expect(await isLoggedIn(browser)).toBe(true);
  });

  test('ends the pages too: they lead to the log-in page, and back afterwards', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    await browser.api('POST', '/api/log-out');
    expect((await browser.open('/account')).url.pathname).toBe('/login');
  });
});

describe('SE-05 a session ends by itself', () => {
  test('after 14 days without a request', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    product.travel(14 * DAY - MINUTE);
    expect(await isLoggedIn(browser)).toBe(true);
    product.travel(14 * DAY - 10 * MINUTE);
    expect(await isLoggedIn(browser)).toBe(true);
    product.travel(14 * DAY + MINUTE);
    expect(await isLoggedIn(browser)).toBe(false);
    expect((await browser.open('/account')).url.pathname).toBe('/login');
  });

  test('after 90 days, however busy', async () => {
    const product = await startProduct();
    const browser = await loggedIn(product);
    for (let week = 1; week <= 12; week += 1) {
      product.travel(7 * DAY);
      expect(await isLoggedIn(browser)).toBe(true);
    }
    product.travel(6 * DAY - 10 * MINUTE);
    expect(await isLoggedIn(browser)).toBe(true);
    product.travel(11 * MINUTE);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  test('and is deleted then, while living ones stay', async () => {
    const product = await startProduct();
    await loggedIn(product);
    product.travel(14 * DAY + MINUTE);
    const late = await loggedIn(product);
    await purgeSessions(product.deps.db, product.deps.now());
    expect(await product.deps.db.selectFrom('session').selectAll().execute()).toHaveLength(1);
    expect(await isLoggedIn(late)).toBe(true);
  });
});

test('SE-06 any replica serves any session', async () => {
  const product = await startProduct();
  const browser = await loggedIn(product);
  browser.at(await product.replica());
  expect(await isLoggedIn(browser)).toBe(true);
});

describe('SE-08 a malformed cookie', () => {
  const bytes = fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
      maxLength: 80,
    })
    .map((codes) => String.fromCharCode(...codes));
  const value = fc.oneof(
    bytes,
    fc.constantFrom(
      '%',
      '%%',
      '%00',
      '%ff',
      '"',
      '""',
      '{}',
      'null',
      'undefined',
      '=',
      ';',
      ',',
      'a'.repeat(8_000),
    ),
    fc.stringMatching(/^[A-Za-z0-9_-]{42,44}$/),
  );
  const cookie = fc
    .array(fc.tuple(fc.constantFrom('__Host-session', '__Host-browser', '__proto__', 'x', ''), value), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('; '));

  test('is no session, and never an error of ours', async () => {
    const product = await startProduct();
    await loggedIn(product);
    const before = await dumpWithoutWalks(product);
    await fc.assert(
      fc.asyncProperty(
        cookie,
        fc.constantFrom('/api/account', '/api/session', '/account', '/auth/github/callback?state=a&code=b'),
        async (header, path) => {
          const response = await product.app.fetch(
            new Request(PUBLIC_URL + path, { headers: { cookie: header, authorization: header } }),
          );
          const expected = path === '/api/account' ? 401 : path === '/api/session' ? 200 : 303;
          expect(response.status).toBe(expected);
          if (path === '/api/session') expect(await response.json()).toMatchObject({ profile: null });
        },
      ),
      { numRuns: 300 },
    );
    expect(await dumpWithoutWalks(product)).toEqual(before);
  });

  test('beside a good one decides nothing that the good one would not', async () => {
    const product = await startProduct();
    const token = sessionOf(await loggedIn(product));
    for (const junk of ['x', '%', '"', 'A'.repeat(43), '']) {
      for (const header of [
        `__Host-session=${junk}; __Host-session=${token}`,
        `__Host-session=${token}; __Host-session=${junk}`,
      ]) {
        expect([200, 401]).toContain(await statusWith(product, header));
      }
    }
    expect(await statusWith(product, `__Host-session=${token}`)).toBe(200);
  });

  test('in place of the browser’s leaves one without a walk, and a new walk begins cleanly', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    browser.cookies().set('__Host-browser', '%%%');
    await browser.signIn('github', 'gretav');
    expect(await isLoggedIn(browser)).toBe(true);
    expect(browser.cookies().get('__Host-browser')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
