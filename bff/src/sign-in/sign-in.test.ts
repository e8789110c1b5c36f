import { describe, expect, test } from 'vitest';
import { editPerson, revokeAccess } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { type Browser, createBrowser, type Provider } from '../../test/browser.ts';
import { dump, dumpWithoutWalks } from '../../test/dump.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { accountOf, attemptOf, connectionOf, isLoggedIn, problemOf } from '../../test/walks.ts';

const MINUTE = 60_000;

const PEOPLE = [
  {
    provider: 'bitbucket',
    nickname: 'nora',
    name: 'Nora Lindqvist',
    email: 'nora@harbour.example',
    granted: 'private-and-public-repositories',
  },
  {
    provider: 'github',
    nickname: 'gretav',
    name: 'Greta Vogel',
    email: 'greta.vogel@harbour.example',
    granted: 'profile-only',
  },
  {
    provider: 'gitlab',
    nickname: 'kaspar',
    name: 'Kaspar Holm',
    email: 'kaspar@fjord.example',
    granted: 'profile-only',
  },
] as const;

describe.each(PEOPLE)('with $provider', ({ provider, nickname, name, email, granted }) => {
  test.each(['sign-up', 'log-in'] as const)(
    'a new identity on the %s page becomes a profile that is connected at once, and makes an organization next',
    async (page) => {
      const product = await startProduct();
      const browser = createBrowser(product);
      const landing = await browser.signIn(provider, nickname, page);
      expect(landing).toMatchObject({ status: 200, path: '/organizations/new' });
      const account = await accountOf(browser);
      expect(account).toMatchObject({ screenName: name, email, waiting: null });
      expect(account.avatarUrl).toMatch(/^https:\/\/(api\.)?(bitbucket|github|gitlab)\.test\//);
      expect(await connectionOf(browser, provider)).toMatchObject({
        state: 'connected',
        granted,
        account: { nickname },
        reason: null,
        fault: null,
        lastWayIn: true,
      });
      expect(await count(product, 'profile')).toBe(1);
    },
  );

  test('the same identity comes back to the same profile, whatever its nickname, name and address are by then', async () => {
    const product = await startProduct();
    await createBrowser(product).signIn(provider, nickname, 'sign-up');
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, provider, nickname), {
      nickname: 'renamed',
      name: 'Quite Another',
      emails: [{ email: 'moved@elsewhere.example', primary: true, confirmed: true }],
    });
    const later = createBrowser(product);
    expect((await later.signIn(provider, 'renamed')).path).toBe('/organizations/new');
    // The profile keeps what identified it; the connection shows who one is at the provider now.
    expect(await accountOf(later)).toMatchObject({ screenName: name, email });
    expect((await connectionOf(later, provider)).account?.nickname).toBe('renamed');
    expect(await count(product, 'profile')).toBe(1);
  });

  test.each([
    ['has lost its address', []],
    [
      'has an address that is not confirmed',
      [{ email: 'new@where.example', primary: true, confirmed: false }],
    ],
  ])('the same identity comes back when it %s', async (_words, emails) => {
    const product = await startProduct();
    await createBrowser(product).signIn(provider, nickname, 'sign-up');
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, provider, nickname), { emails });
    const later = createBrowser(product);
    expect((await later.signIn(provider, nickname)).path).toBe('/organizations/new');
    expect(await accountOf(later)).toMatchObject({ email });
  });

  test('a person who revoked the app is asked for consent again and is then Connected', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn(provider, nickname, 'sign-up');
    const { world } = product.sandbox;
    revokeAccess(world, provider, personNamed(world, provider, nickname).id);
    await browser.api('POST', `/api/connections/${provider}/check`);
    expect((await connectionOf(browser, provider)).state).toBe('not-connected');

    const later = createBrowser(product);
    await later.beAt(provider, nickname);
    const asked = await later.open(await later.start(provider));
    expect(await asked.response.text()).toContain('name="decision"');
    expect((await later.land(await later.consent(asked.url.href))).status).toBe(200);
    expect(await connectionOf(later, provider)).toMatchObject({ state: 'connected', reason: null });
  });

  test('denied consent leads back to the page one started from, with the reason, and changes nothing', async () => {
    const product = await startProduct();
    const before = await dumpWithoutWalks(product);
    for (const [page, address] of [
      ['sign-up', '/signup'],
      ['log-in', '/login'],
    ] as const) {
      const browser = createBrowser(product);
      await browser.beAt(provider, nickname);
      const landing = await browser.land(
        await browser.consent(await browser.start(provider, { page }), 'deny'),
      );
      expect(landing.path).toMatch(new RegExp(`^${address}\\?attempt=`));
      expect(await attemptOf(browser, landing)).toMatchObject({
        provider,
        page,
        problem: { code: 'consent-denied' },
      });
      expect(await isLoggedIn(browser)).toBe(false);
    }
    expect(await dumpWithoutWalks(product)).toEqual(before);
    expect(product.sandbox.requests({ part: 'token' })).toEqual([]);
  });

  test('an unconfirmed primary address creates no profile, even beside a confirmed one', async () => {
    const product = await startProduct();
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, provider, nickname), {
      emails: [
        { email: 'second@post.example', primary: false, confirmed: true },
        { email: 'first@post.example', primary: true, confirmed: false },
      ],
    });
    const before = await profiles(product);
    const browser = createBrowser(product);
    const landing = await browser.signIn(provider, nickname, 'sign-up');
    expect(await problemOf(browser, landing)).toEqual({
      code: 'email-unconfirmed',
      nickname,
      email: 'first@post.example',
    });
    expect(await isLoggedIn(browser)).toBe(false);
    expect(await profiles(product)).toEqual(before);
  });

  test('an account without an address creates no profile, and the page can say who came', async () => {
    const product = await startProduct();
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, provider, nickname), { emails: [] });
    const browser = createBrowser(product);
    const landing = await browser.signIn(provider, nickname, 'sign-up');
    expect(landing.path).toMatch(/^\/signup\?attempt=/);
    expect(await problemOf(browser, landing)).toEqual({ code: 'no-email', nickname });
    expect(await count(product, 'profile')).toBe(0);
  });
});

test('an unconfirmed address finds no profile either: nobody is told that it is taken', async () => {
  const product = await startProduct();
  await createBrowser(product).signIn('github', 'gretav', 'sign-up');
  const { world } = product.sandbox;
  editPerson(world, personNamed(world, 'bitbucket', 'greta-v'), {
    emails: [{ email: 'greta.vogel@harbour.example', primary: true, confirmed: false }],
  });
  const before = await dumpWithoutWalks(product);
  const browser = createBrowser(product);
  const landing = await browser.signIn('bitbucket', 'greta-v');
  expect(await problemOf(browser, landing)).toMatchObject({ code: 'email-unconfirmed' });
  expect(await dumpWithoutWalks(product)).toEqual({ ...before, oauth_client: expect.anything() });
});

describe('when the address is another profile’s', () => {
  /** Greta has a profile through GitHub; now she comes with Bitbucket, where her address is written in other case. */
  async function collide() {
    const product = await startProduct();
    const first = createBrowser(product);
    await first.signIn('github', 'gretav', 'sign-up');
    const before = await dumpWithoutWalks(product);
    const browser = createBrowser(product);
    const landing = await browser.signIn('bitbucket', 'greta-v', 'sign-up');
    return { product, first, before, browser, landing };
  }

  test('nothing is created or linked, and nobody is logged in', async () => {
    const { product, before, browser, first } = await collide();
    expect(await isLoggedIn(browser)).toBe(false);
    expect(await dumpWithoutWalks(product)).toEqual({ ...before, oauth_client: expect.anything() });
    expect(await connectionOf(first, 'bitbucket')).toMatchObject({
      state: 'not-connected',
      reason: { code: 'never-connected' },
    });
    expect((await accountOf(first)).waiting, 'it waits in the browser that brought it, and in no other').toBe(
      null,
    );
  });

  test('the page knows the provider that the profile logs in with, and who came', async () => {
    const { browser, landing } = await collide();
    expect(landing.path).toMatch(/^\/signup\?attempt=/);
    const attempt = await attemptOf(browser, landing);
    expect(attempt).toMatchObject({ provider: 'bitbucket', page: 'sign-up' });
    expect(attempt.problem).toEqual({
      code: 'email-taken',
      nickname: 'greta-v',
      email: 'Greta.Vogel@Harbour.example',
      existingProviders: [{ id: 'github', name: 'GitHub' }],
      waitingId: attempt.id,
    });
  });

  test('logging in there offers the waiting connection, which one confirmation connects, once', async () => {
    const { product, browser } = await collide();
    await browser.signIn('github', 'gretav');
    const { waiting } = await accountOf(browser);
    expect(waiting).toMatchObject({
      kind: 'email-taken',
      provider: 'bitbucket',
      name: 'Bitbucket',
      nickname: 'greta-v',
      previousNickname: null,
      email: 'Greta.Vogel@Harbour.example',
    });
    expect((await connectionOf(browser, 'bitbucket')).state).toBe('not-connected');

    const confirmed = await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`);
    expect(confirmed.status).toBe(200);
    expect(await confirmed.json()).toMatchObject({ waiting: null });
    expect(await connectionOf(browser, 'bitbucket')).toMatchObject({
      state: 'connected',
      account: { nickname: 'greta-v' },
    });
    expect((await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`)).status).toBe(404);

    // From now on both identities lead to the one profile, and the token that waited works.
    const later = createBrowser(product);
    expect((await later.signIn('bitbucket', 'greta-v')).status).toBe(200);
    expect(await accountOf(later)).toMatchObject({ email: 'greta.vogel@harbour.example' });
    const check = await browser.api('POST', '/api/connections/bitbucket/check');
    expect(await check.json()).toMatchObject({ state: 'connected', fault: null });
    expect(await count(product, 'profile')).toBe(1);
  });

  test('two confirmations at once connect once', async () => {
    const { product, browser } = await collide();
    await browser.signIn('github', 'gretav');
    const id = (await accountOf(browser)).waiting?.id;
    const session = browser.cookies().get('__Host-session') ?? '';
    const statuses = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const tab = createBrowser(product);
        tab.cookies().set('__Host-session', session);
        tab.cookies().set('__Host-browser', browser.cookies().get('__Host-browser') ?? '');
        return (await tab.api('POST', `/api/waiting-connections/${id}/confirm`)).status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    // The others find nothing waiting, or their session renewed by the first.
    expect(statuses.filter((status) => ![200, 404, 401].includes(status))).toEqual([]);
    expect(await count(product, 'connection')).toBe(2);
  });

  test('discarding forgets it, and then there is nothing to confirm', async () => {
    const { product, before, browser } = await collide();
    await browser.signIn('github', 'gretav');
    const id = (await accountOf(browser)).waiting?.id;
    const discarded = await browser.api('DELETE', `/api/waiting-connections/${id}`);
    expect(discarded.status).toBe(200);
    expect(await discarded.json()).toMatchObject({ waiting: null });
    expect((await browser.api('POST', `/api/waiting-connections/${id}/confirm`)).status).toBe(404);
    expect((await browser.api('DELETE', `/api/waiting-connections/${id}`)).status).toBe(404);
    const { connection } = await dump(product);
    expect(connection).toHaveLength(before.connection?.length ?? -1);
    const kept = await product.deps.db.selectFrom('signInAttempt').select('waitingTokens').execute();
    expect(kept.filter(({ waitingTokens }) => waitingTokens !== null)).toEqual([]);
  });

  test('using another Bitbucket account instead is the other way on', async () => {
    const { product, browser } = await collide();
    expect((await browser.signIn('bitbucket', 'pim', 'sign-up')).path).toBe('/organizations/new');
    expect(await accountOf(browser)).toMatchObject({ email: 'pim@polder.example', waiting: null });
    expect(await count(product, 'profile')).toBe(2);
  });

  test('somebody else who logs in in the same browser is not offered it, and cannot take it', async () => {
    const { browser, landing, product } = await collide();
    const { id } = await attemptOf(browser, landing);
    await browser.signIn('gitlab', 'kaspar');
    expect((await accountOf(browser)).waiting).toBe(null);
    const before = await dumpWithoutWalks(product);
    expect((await browser.api('POST', `/api/waiting-connections/${id}/confirm`)).status).toBe(404);
    expect((await browser.api('DELETE', `/api/waiting-connections/${id}`)).status).toBe(404);
    expect(await dumpWithoutWalks(product)).toEqual(before);
  });

  test('the owner in another browser is not offered it, and cannot be made to take it', async () => {
    const { browser, landing, first } = await collide();
    const { id } = await attemptOf(browser, landing);
    expect((await first.api('POST', `/api/waiting-connections/${id}/confirm`)).status).toBe(404);
    expect((await connectionOf(first, 'bitbucket')).state).toBe('not-connected');
  });

  test('after an hour nothing waits any more', async () => {
    const { browser, landing, product } = await collide();
    const { id } = await attemptOf(browser, landing);
    product.travel(61 * MINUTE);
    await browser.signIn('github', 'gretav');
    expect((await accountOf(browser)).waiting).toBe(null);
    expect((await browser.api('POST', `/api/waiting-connections/${id}/confirm`)).status).toBe(404);
  });
});

describe('the way in', () => {
  test('leads to the page that asked for the log-in', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav', 'sign-up');
    await browser.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' });
    await browser.api('POST', '/api/log-out');
    const body = { page: 'log-in', returnTo: '/organizations/deep-water?tab=1' };
    const landing = await browser.land(await browser.consent(await browser.start('github', body)));
    expect(landing).toMatchObject({ status: 200, path: '/organizations/deep-water?tab=1' });
  });

  test('leads a new profile to its first organization, whatever page was asked for', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('github', 'gretav');
    const body = { page: 'sign-up', returnTo: '/organizations/of-others' };
    const landing = await browser.land(await browser.consent(await browser.start('github', body)));
    expect(landing.path).toBe('/organizations/new');
  });

  test('leads a profile with an organization to that', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav', 'sign-up');
    expect(
      (await browser.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' })).status,
    ).toBe(201);
    const later = createBrowser(product);
    expect((await later.signIn('github', 'gretav')).path).toBe('/organizations/deep-water');
  });

  test('is offered for each configured provider, Bitbucket with its beta notice, and for no other', async () => {
    const product = await startProduct({ env: { GITLAB_CLIENT_ID: '', GITLAB_CLIENT_SECRET: '' } });
    const browser = createBrowser(product);
    expect(await browser.json('/api/session')).toMatchObject({
      profile: null,
      organizations: [],
      providers: [
        { id: 'bitbucket', name: 'Bitbucket', beta: true },
        { id: 'github', name: 'GitHub', beta: false },
      ],
    });
    for (const provider of ['gitlab', 'nowhere', '__proto__', 'constructor']) {
      expect((await browser.api('POST', `/api/sign-in/${provider}`, { page: 'log-in' })).status).toBe(404);
      expect((await browser.open(`/auth/${provider}/callback?code=c&state=s`)).url.href).toMatch(
        /\/login\?attempt=unknown$/,
      );
    }
    expect(await count(product, 'signInAttempt')).toBe(0);
  });

  test('ends after ten minutes at the provider, with the reason, and nothing is exchanged', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('bitbucket', 'nora');
    const callback = await browser.consent(await browser.start('bitbucket', { page: 'sign-up' }));
    product.travel(10 * MINUTE + 1_000);
    const landing = await browser.land(callback);
    expect(landing.path).toMatch(/^\/signup\?attempt=/);
    expect(await problemOf(browser, landing)).toEqual({ code: 'attempt-expired' });
    expect(await isLoggedIn(browser)).toBe(false);
    expect(product.sandbox.requests({ part: 'token' })).toEqual([]);
  });

  test('is open to two tabs of one browser at once', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('bitbucket', 'nora');
    const [one, two] = [await browser.start('bitbucket'), await browser.start('bitbucket')];
    const second = await browser.consent(two);
    const first = await browser.consent(one);
    expect((await browser.land(first)).path).toBe('/organizations/new');
    expect((await browser.land(second)).path).toBe('/organizations/new');
    expect(await count(product, 'profile')).toBe(1);
  });

  test('makes one profile when the same new identity comes in through two browsers at once', async () => {
    const product = await startProduct();
    const replica = await product.replica();
    const callbacks = [];
    for (const at of [product, replica]) {
      const browser = createBrowser(product);
      browser.at(at);
      await browser.beAt('bitbucket', 'nora');
      callbacks.push({ browser, callback: await browser.consent(await browser.start('bitbucket')) });
    }
    await Promise.all(callbacks.map(({ browser, callback }) => browser.land(callback)));
    for (const { browser } of callbacks) expect(await isLoggedIn(browser)).toBe(true);
    expect(await count(product, 'profile')).toBe(1);
    expect(await count(product, 'connection')).toBe(1);
  });

  test('lets one of two identities with one new address become the profile, and the other wait', async () => {
    const product = await startProduct();
    const walks: { browser: Browser; callback: URL }[] = [];
    for (const [provider, nickname] of [
      ['github', 'gretav'],
      ['bitbucket', 'greta-v'],
    ] as [Provider, string][]) {
      const browser = createBrowser(product);
      await browser.beAt(provider, nickname);
      walks.push({ browser, callback: await browser.consent(await browser.start(provider)) });
    }
    const landings = await Promise.all(walks.map(({ browser, callback }) => browser.land(callback)));
    expect(landings.map(({ path }) => path.split('?')[0]).sort()).toEqual(['/login', '/organizations/new']);
    expect(await count(product, 'profile')).toBe(1);
    expect(await count(product, 'connection')).toBe(1);
  });
});

function count({ deps }: Product, table: 'profile' | 'connection' | 'signInAttempt'): Promise<number> {
  return deps.db
    .selectFrom(table)
    .selectAll()
    .execute()
    .then((rows) => rows.length);
}

function profiles({ deps }: Product) {
  return deps.db.selectFrom('profile').selectAll().execute();
}
