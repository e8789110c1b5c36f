import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editPerson } from '../sandbox/play.ts';
import { personNamed } from '../sandbox/world.ts';
import { type Browser, createBrowser } from '../test/browser.ts';
import { dump } from '../test/dump.ts';
import { type Product, startProduct } from '../test/product.ts';
import { createReadyProject } from '../test/projects.ts';
import { accountOf, attemptOf } from '../test/walks.ts';
import { findPage, isPage } from './pages.ts';
import { readShell } from './shell.ts';

/** The answers that came with a page's HTML, by their address. */
function firstDataOf(html: string): Record<string, unknown> {
  const blocks = [...html.matchAll(/<script type="application\/json" id="first-data">([^<]*)<\/script>/g)];
  expect(blocks).toHaveLength(1);
  return JSON.parse(blocks[0]?.[1] ?? '') as Record<string, unknown>;
}

async function page(browser: Browser, path: string) {
  const { url, response } = await browser.open(path);
  return {
    path: url.pathname + url.search,
    status: response.status,
    data: firstDataOf(await response.text()),
  };
}

describe('the first data', () => {
  test.each(['/signup', '/login'])('of %s is what this installation offers', async (path) => {
    const browser = createBrowser(await startProduct());
    expect(await page(browser, path)).toEqual({
      path,
      status: 200,
      data: { '/api/session': await browser.json('/api/session') },
    });
  });

  test.each(['/signup', '/login'])('of %s after a walk also says how that ended', async (path) => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('bitbucket', 'samir');
    const started = await browser.start('bitbucket', { page: path === '/login' ? 'log-in' : 'sign-up' });
    const landing = await browser.land(await browser.consent(started));
    const attempt = await attemptOf(browser, landing);
    const data = firstDataOf(await landing.response.text());
    expect(data[`/api/sign-in-attempts/${attempt.id}`]).toEqual(attempt);
    expect(attempt.problem).toEqual({ code: 'no-email', nickname: 'samir' });
  });

  test('of the account page is the stored state of every connection, before any call', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'gretav');
    const asked = product.sandbox.requests().length;
    const { data } = await page(browser, '/account');
    expect(data).toEqual({
      '/api/session': await browser.json('/api/session'),
      '/api/account': await browser.json('/api/account'),
      '/api/api-tokens': await browser.json('/api/api-tokens'),
    });
    expect(product.sandbox.requests()).toHaveLength(asked);
  });

  test('of an organization’s page is that organization', async () => {
    const browser = createBrowser(await startProduct());
    await browser.signIn('github', 'gretav');
    await browser.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' });
    const { status, data } = await page(browser, '/organizations/deep-water');
    expect(status).toBe(200);
    expect(data['/api/organizations/deep-water']).toMatchObject({ name: 'Deep Water', role: 'owner' });
  });

  test('of a project’s pages is what is stored of it, before anybody is asked', async () => {
    const product = await startProduct();
    const { owner, organization } = await createReadyProject(product, { name: 'Pilot.2' });
    const { browser } = owner;
    const [at, api] = [`/organizations/${organization.slug}`, `/api/organizations/${organization.slug}`];
    const asked = product.sandbox.requests().length;
    const addresses = async (path: string) => {
      const { status, data } = await page(browser, path);
      expect(status).toBe(200);
      const rest = Object.keys(data).filter((address) => address !== '/api/session');
      for (const address of rest) expect(data[address]).toEqual(await browser.json(address));
      return rest;
    };
    const project = `${api}/projects/Pilot.2`;
    expect(await addresses(at)).toEqual([api, `${api}/projects`]);
    expect(await addresses(`${at}/projects/new`)).toEqual([api]);
    expect(await addresses(`${at}/projects/Pilot.2`)).toEqual([project, `${project}/activity`]);
    // Its filters, as far as the API has them.
    expect(await addresses(`${at}/projects/Pilot.2?state=failed&kind=workflow&workflow=x`)).toEqual([
      project,
      `${project}/activity?kind=workflow&state=failed`,
    ]);
    expect(await addresses(`${at}/projects/Pilot.2?kind=operation&state=running`)).toEqual([
      project,
      `${project}/activity`,
    ]);
    expect(await addresses(`${at}/projects/Pilot.2/settings/general`)).toEqual([project]);
    expect(await addresses(`${at}/projects/Pilot.2/settings/repository`)).toEqual([
      project,
      `${project}/repository`,
    ]);
    expect(product.sandbox.requests()).toHaveLength(asked);
  });

  test.each([
    ['/projects/pilot/settings', '/projects/pilot/settings/general'],
    ['/projects', ''],
  ])('%s of an organization leads on', async (from, to) => {
    const product = await startProduct();
    const { owner, organization } = await createReadyProject(product, { name: 'pilot' });
    const at = `/organizations/${organization.slug}`;
    expect(await page(owner.browser, at + from)).toMatchObject({ path: at + to, status: 200 });
  });

  test('of a project by its name alone is that of the only organization that has it', async () => {
    const product = await startProduct();
    const { owner, organization } = await createReadyProject(product, { name: 'Pilot.2' });
    const at = `/organizations/${organization.slug}/projects/Pilot.2`;
    expect(await page(owner.browser, '/projects/Pilot.2')).toMatchObject({ path: at, status: 200 });
    expect(await page(owner.browser, '/projects/pilot.2')).toMatchObject({ path: at, status: 200 });
    expect(await page(createBrowser(product), '/projects/Pilot.2')).toMatchObject({
      path: '/login?return-to=%2Fprojects%2FPilot.2',
      status: 200,
    });
    for (const nothing of ['/projects/nobody', '/projects/%00', '/projects/a%2fb', '/projects/'])
      expect(await page(owner.browser, nothing), nothing).toMatchObject({ path: nothing, status: 404 });
    const stranger = createBrowser(product);
    await stranger.signIn('gitlab', 'kaspar', 'sign-up');
    expect(await page(stranger, '/projects/Pilot.2')).toMatchObject({
      path: '/projects/Pilot.2',
      status: 404,
    });
    // In a second organization there is another one: which of them is meant, nobody can say.
    const { db, now } = product.deps;
    await owner.browser.api('POST', '/api/organizations', { name: 'Second', slug: 'second' });
    const second = await db
      .selectFrom('organization')
      .select('id')
      .where('slug', '=', 'second')
      .executeTakeFirstOrThrow();
    const project = await db
      .selectFrom('project')
      .select(['name', 'nameKey', 'provider', 'repositoryUuid', 'repositoryName', 'seenName'])
      .executeTakeFirstOrThrow();
    const times = { createdAt: now(), lookDueAt: now() };
    const twin = { ...project, ...times, id: crypto.randomUUID(), organizationId: second.id };
    await db
      .insertInto('project')
      .values({ ...twin, state: 'ready' })
      .execute();
    expect(await page(owner.browser, '/projects/Pilot.2')).toMatchObject({ status: 404 });
  });

  test.each(['nobody', 'Pilot.2/settings/other', 'Pilot.2/other', '.git', 'new/settings/general'])(
    'of a project’s page that is not there (%s) is 404',
    async (below) => {
      const product = await startProduct();
      const { owner, organization } = await createReadyProject(product, { name: 'Pilot.2' });
      const found = await page(owner.browser, `/organizations/${organization.slug}/projects/${below}`);
      expect(found.status).toBe(404);
    },
  );

  test('of a new organization’s page is who is looking', async () => {
    const browser = createBrowser(await startProduct());
    await browser.signIn('github', 'gretav');
    const { data } = await page(browser, '/organizations/new');
    expect(Object.keys(data)).toEqual(['/api/session']);
    expect(data['/api/session']).toMatchObject({ profile: { screenName: 'Greta Vogel' } });
  });

  test('holds only what succeeded: another browser’s walk is left out', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.beAt('bitbucket', 'nora');
    const landing = await browser.land(await browser.consent(await browser.start('bitbucket'), 'deny'));
    const { data, status } = await page(createBrowser(product), landing.path);
    expect(Object.keys(data)).toEqual(['/api/session']);
    expect(status).toBe(200);
  });

  test.each([
    'unknown',
    '..',
    '../account',
    '00000000-0000-4000-8000-00000000000/',
    '%2e%2e%2faccount',
    'a?b=c',
    '------------------------------------',
  ])('asks nothing for the walk "%s"', async (attempt) => {
    const browser = createBrowser(await startProduct());
    const { data, status } = await page(browser, `/login?attempt=${attempt}`);
    expect(Object.keys(data)).toEqual(['/api/session']);
    expect(status).toBe(200);
  });

  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '<!--<script>',
    ']]>',
    "$& $` $' $1 $$",
    '\u2028\u2029',
    '"\\"',
    '&lt;b&gt;',
    '<img src=x onerror=alert(1)>',
  ];

  test.each(HOSTILE)('is inert and unchanged when a person is called %j', async (name) => {
    const product = await startProduct();
    const { world } = product.sandbox;
    editPerson(world, personNamed(world, 'github', 'gretav'), { name, nickname: name });
    const browser = createBrowser(product);
    await browser.signIn('github', name);
    const { response } = await browser.open('/account');
    const html = await response.text();
    const data = firstDataOf(html);
    expect(data['/api/account']).toEqual(await browser.json('/api/account'));
    expect((await accountOf(browser)).connections[1]?.account?.nickname).toBe(name);
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.startsWith('<!doctype html><head>') && html.endsWith('</head>')).toBe(true);
  });
});

describe('a page', () => {
  test.each([
    ['/account', '/account'],
    ['/account?attempt=1', '/account?attempt=1'],
    ['/organizations/new', '/organizations/new'],
    ['/organizations/deep-water?a=b&c=//evil.example', '/organizations/deep-water?a=b&c=//evil.example'],
  ])('%s sends who has no session to log in and then back', async (path, back) => {
    const browser = createBrowser(await startProduct());
    const { url, response } = await browser.open(path);
    expect(url.pathname).toBe('/login');
    expect(url.searchParams.get('return-to')).toBe(back);
    expect(response.status).toBe(200);
  });

  test('at the root leads to the account, or to the log-in page', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    expect((await browser.open('/')).url.pathname).toBe('/login');
    await browser.signIn('github', 'gretav');
    expect((await browser.open('/')).url.pathname).toBe('/account');
  });

  test.each([
    '/nowhere',
    '/account/more',
    '/organizations',
    '/organizations/a/b',
    '/index.html',
    '/.env',
    '/LOGIN',
  ])('%s that does not exist is 404, still a page, and the same with a session as without', async (path) => {
    const product = await startProduct();
    const browser = createBrowser(product);
    expect(await page(browser, path)).toMatchObject({ path, status: 404 });
    await browser.signIn('github', 'gretav');
    const { status, data } = await page(browser, path);
    expect(status).toBe(404);
    expect(Object.keys(data)).toEqual(['/api/session']);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('takes no %s', async (method) => {
    const browser = createBrowser(await startProduct());
    for (const path of ['/', '/account', '/login', '/nowhere']) {
      expect((await browser.api(method, path)).status, path).toBe(404);
    }
  });

  test('is known by its whole path', () => {
    for (const path of ['/login', '/signup', '/account', '/organizations/new', '/organizations/deep-water']) {
      expect(isPage(path)).toBe(true);
      for (const near of [
        `/x${path}`,
        `${path}/`,
        `${path}/x`,
        `${path}\n`,
        `/${path}`,
        path.toUpperCase(),
      ]) {
        expect(isPage(near), near).toBe(false);
        expect(findPage(near, new URLSearchParams())).toBe(null);
      }
    }
  });
});

describe('the built app', () => {
  test('that is missing, or has no place for the data, is said to the operator', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shell-'));
    try {
      await expect(readShell(folder)).rejects.toThrow('npm run build');
      await writeFile(join(folder, 'index.html'), '<!doctype html>');
      await expect(readShell(folder)).rejects.toThrow('no place for the first data');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('SE-07 what a browser can see', () => {
  /** Everything secret that the product holds after a walk through all of it, by name. */
  async function secretsOf(product: Product, browsers: Browser[]): Promise<Map<string, string>> {
    const { db, sealer, config } = product.deps;
    const secrets = new Map<string, string>();
    const note = (name: string, value: string | null | undefined) => {
      if (value) secrets.set(name, value);
    };
    for (const grant of await db.selectFrom('grant').selectAll().execute()) {
      const { connectionId: id, accessToken, refreshToken } = grant;
      note(`access token of ${id}`, sealer.open(accessToken, `grant/${id}/access_token`));
      if (refreshToken)
        note(`refresh token of ${id}`, sealer.open(refreshToken, `grant/${id}/refresh_token`));
      note(`sealed access token of ${id}`, accessToken);
      note(`sealed refresh token of ${id}`, refreshToken);
    }
    for (const walk of await db.selectFrom('signInAttempt').selectAll().execute()) {
      const { id, verifier, waitingTokens, stateHash, browserHash } = walk;
      if (verifier) note(`verifier of ${id}`, sealer.open(verifier, `sign_in_attempt/${id}/verifier`));
      if (waitingTokens) {
        const opened = sealer.open(waitingTokens, `sign_in_attempt/${id}/waiting_tokens`);
        const { accessToken, refreshToken } = JSON.parse(opened) as Record<string, string>;
        note(`waiting access token of ${id}`, accessToken);
        note(`waiting refresh token of ${id}`, refreshToken);
      }
      note(`state hash of ${id}`, stateHash);
      note(`browser hash of ${id}`, browserHash);
    }
    for (const { id, tokenHash } of await db.selectFrom('session').selectAll().execute()) {
      note(`session hash of ${id}`, tokenHash);
    }
    for (const [provider, { clientSecret }] of Object.entries(config.providers)) {
      note(`client secret of ${provider}`, clientSecret);
    }
    for (const { id, bytes } of config.encryptionKeys ?? []) note(`key ${id}`, bytes.toString('base64'));
    for (const [index, browser] of browsers.entries()) {
      note(`session of browser ${index}`, browser.cookies().get('__Host-session'));
      note(`token of browser ${index}`, browser.cookies().get('__Host-browser'));
    }
    return secrets;
  }

  test('holds no token, key, secret, hash or sealed text; neither do the logs', async () => {
    const product = await startProduct();
    const owner = createBrowser(product);
    await owner.signIn('github', 'gretav', 'sign-up');
    await owner.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' });
    await owner.grant('gitlab', 'kaspar');
    const waiting = await attemptOf(owner, await owner.signIn('bitbucket', 'greta-v'));
    await owner.signIn('github', 'gretav');
    const other = createBrowser(product);
    await other.signIn('bitbucket', 'nora', 'sign-up');
    const secrets = await secretsOf(product, [owner, other]);
    for (const kind of [
      'access token',
      'refresh token',
      'verifier',
      'waiting access token',
      'client secret',
    ]) {
      expect(
        [...secrets.keys()].some((name) => name.startsWith(kind)),
        kind,
      ).toBe(true);
    }

    const seen: [string, string][] = [];
    for (const browser of [owner, other, createBrowser(product)]) {
      for (const path of [
        '/',
        '/login',
        '/signup',
        '/account',
        `/account?attempt=${waiting.id}`,
        `/login?attempt=${waiting.id}`,
        '/organizations/new',
        '/organizations/deep-water',
        '/nowhere',
        '/api/session',
        '/api/account',
        '/api/organizations/deep-water',
        `/api/sign-in-attempts/${waiting.id}`,
        '/api/connections/bitbucket/impact',
        '/health/live',
        '/health/ready',
        '/metrics',
        '/auth/bitbucket/callback?code=a&state=b',
      ]) {
        const response = await browser.api('GET', path);
        seen.push([path, JSON.stringify([...response.headers]) + (await response.text())]);
      }
      for (const provider of ['bitbucket', 'github', 'gitlab']) {
        const response = await browser.api('POST', `/api/connections/${provider}/check`);
        seen.push([`check of ${provider}`, await response.text()]);
      }
    }
    const confirmed = await owner.api('POST', `/api/waiting-connections/${waiting.id}/confirm`);
    expect(confirmed.status).toBe(200);
    seen.push(['confirm', await confirmed.text()], ['the logs', product.logs()]);

    for (const [place, text] of seen) {
      for (const [name, secret] of secrets) expect(text.includes(secret), `${name} in ${place}`).toBe(false);
      expect(text, place).not.toMatch(/\bv1\.[0-9a-f]{8}\./);
    }
    // Sanity: what is stored does hold the hashes and sealed texts, so they would be recognised.
    const stored = JSON.stringify(await dump(product));
    expect([...secrets.values()].some((secret) => stored.includes(secret))).toBe(true);
  });
});
