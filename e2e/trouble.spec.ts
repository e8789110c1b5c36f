import { expectAccessible } from './fixtures/accessible.ts';
import { expect, type Outside, type Page, type Provider, test } from './fixtures/test.ts';
import { choosePerson, consent, logInButton, openAccount, rowOf, signUp } from './fixtures/walk.ts';

const CALLBACK = /\/auth\/[a-z]+\/callback\?/;

/** The address by which the provider sends the browser back, heard on its way. */
function callbackOf(page: Page): Promise<string> {
  return page.waitForRequest((request) => CALLBACK.test(request.url())).then((request) => request.url());
}

async function expectNobodyIsLoggedIn(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Log out' })).toHaveCount(0);
  const session = await page.request.get('/api/session');
  expect(await session.json()).toMatchObject({ profile: null });
}

for (const provider of ['bitbucket', 'github', 'gitlab'] as const) {
  test(`consent denied at ${provider} leads back with a sentence and no session`, async ({
    page,
    outside,
  }) => {
    const person = outside.someoneAt(provider);
    await page.goto('/login');
    await logInButton(page, provider).click();
    await choosePerson(page, person);
    await consent(page, 'Deny');
    await page.waitForURL(/\/login\?attempt=/);
    await expect(page.getByRole('alert')).toContainText('You did not grant access at');
    await expect(page.getByRole('alert')).toContainText('Nothing was changed.');
    await expectNobodyIsLoggedIn(page);
    await expectAccessible(page);

    await logInButton(page, provider).click();
    await consent(page);
    await page.waitForURL('/organizations/new');
  });
}

test('consent denied on the account page leads back there and changes nothing', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  // Before the walk: the provider's page lists those who are there when it is opened.
  const person = outside.someoneAt('bitbucket');
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Grant access' }).click();
  await choosePerson(page, person);
  await consent(page, 'Deny');
  await page.waitForURL(/\/account\?attempt=/);
  await expect(page.getByRole('alert')).toContainText('You did not grant access at Bitbucket.');
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await expectAccessible(page);
});

test('a callback that is opened a second time says so and changes nothing', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  const callback = callbackOf(page);
  await signUp(page, person);
  await page.goto(await callback);
  await page.waitForURL(/\/signup\?attempt=/);
  await expect(page.getByRole('alert')).toContainText('This answer was used before.');
  // The first one counts: the person is still logged in.
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  await expectAccessible(page);
  await openAccount(page);
  await expect(rowOf(page, 'bitbucket').getByText('Connected', { exact: true })).toBeVisible();
});

test('a callback that is replayed after logging out lets nobody in', async ({ page, outside }) => {
  const callback = callbackOf(page);
  await signUp(page, outside.someoneAt('bitbucket'));
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('/login');
  await page.goto(await callback);
  await page.waitForURL(/\?attempt=/);
  await expect(page.getByRole('alert')).toBeVisible();
  await expectNobodyIsLoggedIn(page);
});

test('a callback that is carried to another browser logs nobody in there', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await page.goto('/login');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  // The person's own browser never comes back.
  await page.route(CALLBACK, (route) => route.abort());
  const callback = callbackOf(page);
  await consent(page);
  const stolen = await callback;

  const theirs = await anotherBrowser();
  await theirs.goto(stolen);
  await theirs.waitForURL('/login?attempt=unknown');
  await expect(theirs.getByRole('alert')).toContainText('without an answer that this browser can use');
  await expectNobodyIsLoggedIn(theirs);
  await expectAccessible(theirs);
});

test('a callback with a made-up state logs nobody in', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await page.goto('/login');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await page.goto('/auth/bitbucket/callback?code=made-up&state=made-up');
  await page.waitForURL('/login?attempt=unknown');
  await expect(page.getByRole('alert')).toBeVisible();
  await expectNobodyIsLoggedIn(page);
});

test('"Grant access" that comes back to somebody else’s session connects nothing', async ({
  page,
  outside,
}) => {
  const first = outside.someoneAt('github');
  await signUp(page, first);
  await openAccount(page);
  const bitbucket = outside.someoneAt('bitbucket');
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Grant access' }).click();
  await choosePerson(page, bitbucket);
  await expect(page.getByRole('button', { name: 'Grant access' })).toBeVisible();

  // Meanwhile, in another tab, somebody else logs in.
  const tab = await page.context().newPage();
  await tab.goto('/account');
  await tab.getByRole('button', { name: 'Log out' }).click();
  await tab.waitForURL('/login');
  const second = outside.someoneAt('gitlab');
  await logInButton(tab, 'gitlab').click();
  await choosePerson(tab, second);
  await consent(tab);
  await tab.waitForURL('/organizations/new');
  await tab.close();
  await page.bringToFront();

  await consent(page);
  await page.waitForURL(/\/account\?attempt=/);
  await expect(page.getByRole('alert')).toContainText('You are not logged in as the person who asked');
  await expect(page.getByRole('heading', { level: 1, name: second.name })).toBeVisible();
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
});

const faults: {
  title: string;
  provider: Provider;
  part: 'token' | 'api';
  mode: Parameters<Outside['fault']>[1];
  says: string;
}[] = [
  {
    title: 'the token endpoint answers with an error page',
    provider: 'bitbucket',
    part: 'token',
    mode: '500',
    says: 'Bitbucket has a fault of its own just now.',
  },
  {
    title: 'the token endpoint never answers',
    provider: 'bitbucket',
    part: 'token',
    mode: 'hang',
    says: 'Bitbucket did not answer in time.',
  },
  {
    title: 'the token endpoint resets the connection',
    provider: 'github',
    part: 'token',
    mode: 'reset',
    says: 'GitHub could not be reached.',
  },
  {
    title: 'the token endpoint refuses this service',
    provider: 'bitbucket',
    part: 'token',
    mode: 'unauthorized-client',
    says: 'Bitbucket refused this service.',
  },
  {
    title: 'the API is down for maintenance',
    provider: 'bitbucket',
    part: 'api',
    mode: '503',
    says: 'Bitbucket has a fault of its own just now.',
  },
  {
    title: 'the API limits requests',
    provider: 'bitbucket',
    part: 'api',
    mode: '429',
    says: 'Bitbucket is limiting our requests just now.',
  },
  {
    title: 'the API answers with nonsense',
    provider: 'gitlab',
    part: 'api',
    mode: 'malformed',
    says: 'GitLab gave an answer that cannot be used.',
  },
];

for (const { title, provider, part, mode, says } of faults) {
  test(`when ${title}, logging in says so, creates nothing, and works afterwards`, async ({
    page,
    outside,
  }) => {
    const person = outside.someoneAt(provider);
    outside.fault(`${provider}:${part}`, mode);
    await page.goto('/signup');
    await logInButton(page, provider).click();
    await choosePerson(page, person);
    await consent(page);
    await page.waitForURL(/\/signup\?attempt=/);
    await expect(page.getByRole('alert')).toContainText(says);
    await expect(page.getByRole('alert').getByRole('link', { name: 'Contact support' })).toBeVisible();
    await expectNobodyIsLoggedIn(page);
    await expectAccessible(page);

    outside.clear();
    await logInButton(page, provider).click();
    await page.waitForURL('/organizations/new');
  });
}
