import { expect, test } from 'vitest';
import { revokeAccess } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { type Product, startProduct } from '../../test/product.ts';
import type { AccountView } from './account.ts';

const account = (browser: Browser) => browser.json<AccountView>('/api/account');

async function connectionOf(browser: Browser, provider: string) {
  const { connections } = await account(browser);
  return connections.find((connection) => connection.provider === provider);
}

/** Someone who logs in with GitHub and has no connection to Bitbucket. */
async function ines(product: Product): Promise<Browser> {
  const browser = createBrowser(product);
  await browser.signIn('github', 'ines-moreau');
  return browser;
}

test('a profile made with GitHub connects Bitbucket by "Grant access"', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({
    state: 'not-connected',
    reason: { code: 'never-connected' },
  });
  const landing = await browser.grant('bitbucket', 'tomas');
  expect(landing.path).toBe('/account');
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({
    state: 'connected',
    account: { nickname: 'tomas' },
    granted: 'private-and-public-repositories',
  });
  expect(await connectionOf(browser, 'github')).toMatchObject({
    state: 'connected',
    granted: 'profile-only',
  });
});

test('a connection logs in to its profile whatever the address at the provider', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'samir');
  const elsewhere = createBrowser(product);
  await elsewhere.signIn('bitbucket', 'samir');
  expect((await account(elsewhere)).screenName).toBe((await account(browser)).screenName);
});

test('a denied "Grant access" comes back to the account page with the reason, and changes nothing', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  const before = await account(browser);
  const landing = await browser.grant('bitbucket', 'tomas', 'deny');
  expect(landing.path).toMatch(/^\/account\?attempt=/);
  const id = landing.path.split('=')[1];
  expect(await browser.json(`/api/sign-in-attempts/${id}`)).toMatchObject({
    page: 'account',
    problem: { code: 'consent-denied' },
  });
  expect(await account(browser)).toEqual(before);
});

test('coming back as another account is caught and said, and changes nothing by itself', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  const landing = await browser.grant('bitbucket', 'pim');
  const id = landing.path.split('=')[1];
  expect(await browser.json(`/api/sign-in-attempts/${id}`)).toMatchObject({
    problem: { code: 'different-account', previousNickname: 'tomas', nickname: 'pim' },
  });
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ account: { nickname: 'tomas' } });
  expect((await account(browser)).waiting).toMatchObject({
    kind: 'different-account',
    nickname: 'pim',
    previousNickname: 'tomas',
  });
});

test('… also after access of the first account was revoked', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  revokeAccess(
    product.sandbox.world,
    'bitbucket',
    personNamed(product.sandbox.world, 'bitbucket', 'tomas').id,
  );
  await browser.api('POST', '/api/connections/bitbucket/check');
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ state: 'not-connected' });
  await browser.grant('bitbucket', 'pim');
  expect((await account(browser)).waiting).toMatchObject({ previousNickname: 'tomas', nickname: 'pim' });
});

test('"Switch" puts the other account in the place of the first, which then logs in to nothing', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  const { waiting } = await account(browser);
  const confirmed = await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`);
  expect(confirmed.status).toBe(200);
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({
    state: 'connected',
    account: { nickname: 'pim' },
  });
  expect((await account(browser)).waiting).toBeNull();
  const again = await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`);
  expect(again.status).toBe(404);

  const tomas = createBrowser(product);
  await tomas.signIn('bitbucket', 'tomas');
  expect((await account(tomas)).email).toBe('tomas@harbour.example');
});

test('"Stay" forgets the other account and its tokens', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  const { waiting } = await account(browser);
  expect((await browser.api('DELETE', `/api/waiting-connections/${waiting?.id}`)).status).toBe(200);
  expect((await account(browser)).waiting).toBeNull();
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ account: { nickname: 'tomas' } });
  const kept = await product.deps.db.selectFrom('signInAttempt').select('waitingTokens').execute();
  expect(kept.every((attempt) => attempt.waitingTokens === null)).toBe(true);
});

test('a waiting connection is offered for an hour', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  product.travel(61 * 60_000);
  expect((await account(browser)).waiting).toBeNull();
});

test('nobody confirms what waits for another person, or in another browser', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  const { waiting } = await account(browser);
  const stranger = createBrowser(product);
  await stranger.signIn('bitbucket', 'nora');
  expect((await stranger.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`)).status).toBe(404);
  const otherBrowser = await ines(product);
  expect((await account(otherBrowser)).waiting).toBeNull();
  expect((await otherBrowser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`)).status).toBe(
    404,
  );
});

test('an account that another profile has is refused, and stays where it is', async () => {
  const product = await startProduct();
  await createBrowser(product).signIn('bitbucket', 'tomas');
  const browser = await ines(product);
  const landing = await browser.grant('bitbucket', 'tomas');
  const id = landing.path.split('=')[1];
  expect(await browser.json(`/api/sign-in-attempts/${id}`)).toMatchObject({
    problem: { code: 'account-owned-by-another', nickname: 'tomas' },
  });
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ state: 'not-connected' });
});

test('an account that became another profile’s while it waited is refused, and can still be discarded', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  const { waiting } = await account(browser);
  await createBrowser(product).signIn('bitbucket', 'pim');
  expect((await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`)).status).toBe(409);
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ account: { nickname: 'tomas' } });
  expect((await browser.api('DELETE', `/api/waiting-connections/${waiting?.id}`)).status).toBe(200);
});

test('the last way to log in stays', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  expect(await browser.json('/api/connections/github/impact')).toEqual({ projects: [], lastWayIn: true });
  const refused = await browser.api('DELETE', '/api/connections/github');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: 'last-way-in' });
  expect(await connectionOf(browser, 'github')).toMatchObject({ state: 'connected', lastWayIn: true });
});

test('of two tabs that take away one way in each, one is refused', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  const cookies = [...browser.cookies()];
  const tabs = ['github', 'bitbucket'].map((provider) => {
    const tab = createBrowser(product);
    for (const [name, value] of cookies) tab.cookies().set(name, value);
    return tab.api('DELETE', `/api/connections/${provider}`);
  });
  const statuses = (await Promise.all(tabs)).map((response) => response.status);
  expect(statuses).toContain(200);
  // The other one is refused for what it is, or finds its session ended by the first.
  expect(statuses.filter((status) => status === 409 || status === 401)).toHaveLength(1);
  expect(await product.deps.db.selectFrom('connection').select('id').execute()).toHaveLength(1);
});

test('"Disconnect" takes tokens and identity away, withdraws them at the provider, and ends other sessions', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  const elsewhere = createBrowser(product);
  await elsewhere.signIn('github', 'ines-moreau');

  const done = await browser.api('DELETE', '/api/connections/github');
  expect(done.status).toBe(200);
  expect(await done.json()).toMatchObject({ state: 'not-connected', reason: { code: 'never-connected' } });
  await expect
    .poll(() => product.sandbox.requests({ service: 'github', method: 'DELETE', status: 204 }))
    .toHaveLength(1);
  expect((await elsewhere.api('GET', '/api/account')).status).toBe(401);
  expect((await browser.api('GET', '/api/account')).status).toBe(200);
  expect(await product.deps.db.selectFrom('grant').select('connectionId').execute()).toHaveLength(1);
  // The address still belongs to the profile, so the same identity does not silently become another one.
  const back = createBrowser(product);
  const landing = await back.signIn('github', 'ines-moreau');
  const id = landing.path.split('=')[1];
  expect(await back.json(`/api/sign-in-attempts/${id}`)).toMatchObject({ problem: { code: 'email-taken' } });
});

test('"Disconnect" works while the provider is down', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  product.sandbox.faults.set('github:all', '500');
  expect((await browser.api('DELETE', '/api/connections/github')).status).toBe(200);
  expect(await connectionOf(browser, 'github')).toMatchObject({ state: 'not-connected' });
});

test('disconnecting what is not connected says so', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  const response = await browser.api('DELETE', '/api/connections/bitbucket');
  expect(await response.json()).toMatchObject({ status: 409, code: 'not-connected' });
  expect((await browser.api('DELETE', '/api/connections/nowhere')).status).toBe(404);
});

test('the screen name changes, and a bad one is refused with the reason', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  const changed = await browser.api('PATCH', '/api/account', { screenName: ' Inès M. ' });
  expect(await changed.json()).toMatchObject({ screenName: 'Inès M.' });
  const refused = await browser.api('PATCH', '/api/account', { screenName: ' ' });
  expect(await refused.json()).toMatchObject({
    status: 422,
    code: 'invalid-screen-name',
    detail: 'Enter a name.',
  });
  expect((await account(browser)).screenName).toBe('Inès M.');
});

test('a nickname that changed at the provider is shown after the next look', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora');
  personNamed(product.sandbox.world, 'bitbucket', 'nora').nickname = 'nora-l';
  await browser.api('POST', '/api/connections/bitbucket/check');
  expect(await connectionOf(browser, 'bitbucket')).toMatchObject({ account: { nickname: 'nora-l' } });
});

test('"Switch" ends the sessions of whoever came in through the first account, and withdraws its grant', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora');
  await browser.grant('github', 'ines-moreau');
  const elsewhere = createBrowser(product);
  await elsewhere.signIn('github', 'ines-moreau');
  await browser.grant('github', 'gretav');
  const { waiting } = await account(browser);
  expect((await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`)).status).toBe(200);
  expect((await elsewhere.api('GET', '/api/account')).status).toBe(401);
  expect((await browser.api('GET', '/api/account')).status).toBe(200);
  await expect
    .poll(() => product.sandbox.requests({ service: 'github', method: 'DELETE', status: 204 }))
    .toHaveLength(1);
});

test('an account that was revoked while it waited is not called connected', async () => {
  const product = await startProduct();
  const browser = await ines(product);
  await browser.grant('bitbucket', 'tomas');
  await browser.grant('bitbucket', 'pim');
  const { waiting } = await account(browser);
  revokeAccess(product.sandbox.world, 'bitbucket', personNamed(product.sandbox.world, 'bitbucket', 'pim').id);
  const confirmed = await browser.api('POST', `/api/waiting-connections/${waiting?.id}/confirm`);
  const { connections } = (await confirmed.json()) as AccountView;
  expect(connections.find(({ provider }) => provider === 'bitbucket')).toMatchObject({
    state: 'not-connected',
  });
});
