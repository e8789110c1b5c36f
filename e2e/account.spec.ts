import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import { consent, grantAccess, openAccount, rowOf, settle, signUp } from './fixtures/walk.ts';

test('never connected: says so, offers access, and is connected after granting it', async ({
  page,
  outside,
}) => {
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  await expect(row).toContainText('No account at Bitbucket is connected.');
  await expect(row).toContainText('You can revoke it at any time in Bitbucket’s list of authorized apps');
  await expect(row.getByRole('button', { name: 'Disconnect' })).toHaveCount(0);
  await expectAccessible(page);

  const person = outside.someoneAt('bitbucket');
  await grantAccess(page, person);
  await settle(page);
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(row.getByRole('link', { name: `@${person.nickname}` })).toBeVisible();
});

test('connected: tells the account, since when, when it was last proved, and what was granted', async ({
  page,
  outside,
  service,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  const link = row.getByRole('link', { name: `@${person.nickname}` });
  expect(await link.getAttribute('href')).toContain(service.sandbox.origins.bitbucket);
  await expect(row).toContainText('Granted: private and public repositories can be connected.');
  await expect(row).toContainText(/Since \d+ \w+ \d{4}/);
  await expect(row).toContainText(/Last confirmed (just now|less than)/);
  await expectAccessible(page);
});

test('a revocation at Bitbucket shows at the next look, and granting access again connects again', async ({
  page,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  outside.revoke(person);
  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  await expect(row).toContainText('Access was revoked at Bitbucket.');
  await expect(row).toContainText(/Seen \d+ \w+ \d{4}.* UTC/);
  await expect(row).toContainText('Access has to be granted again at the next log-in');
  await expect(row).toContainText(`was @${person.nickname}`);
  await expectAccessible(page);

  await row.getByRole('button', { name: 'Grant access' }).click();
  await consent(page);
  await page.waitForURL('/account');
  await settle(page);
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(row).not.toContainText('revoked at Bitbucket.');
});

test('whatever way Bitbucket words the end of a grant, the page says that it was revoked', async ({
  page,
  outside,
  service,
}) => {
  const { quirks } = service.sandbox.world.data;
  const usual = quirks.revokedRefresh;
  quirks.revokedRefresh = 'invalid_grant';
  try {
    const person = outside.someoneAt('bitbucket');
    await signUp(page, person);
    outside.revoke(person);
    await openAccount(page);
    await expect(rowOf(page, 'bitbucket')).toContainText('Access was revoked at Bitbucket.');
  } finally {
    quirks.revokedRefresh = usual;
  }
});

const faults = [
  { mode: '500', says: 'Bitbucket has a fault of its own just now.' },
  { mode: '429', says: 'Bitbucket is limiting our requests just now.' },
  { mode: 'hang', says: 'Bitbucket did not answer in time.' },
  { mode: 'reset', says: 'Bitbucket could not be reached.' },
  { mode: 'wrong-type', says: 'Bitbucket gave an answer that cannot be used.' },
] as const;

for (const { mode, says } of faults) {
  test(`a provider that cannot be asked (${mode}) never reads as revoked, and is asked again on request`, async ({
    page,
    outside,
  }) => {
    await signUp(page, outside.someoneAt('bitbucket'));
    outside.fault('bitbucket:api', mode);
    await openAccount(page);
    const row = rowOf(page, 'bitbucket');
    await expect(row.getByText('Connected, not confirmed just now', { exact: true })).toBeVisible();
    await expect(row).toContainText(says);
    await expect(row).toContainText('The last known state stays.');
    await expect(row).toContainText('Last confirmed');
    await expect(row).not.toContainText('revoked');
    await expect(row.getByRole('button', { name: 'Grant access' })).toHaveCount(0);
    await expectAccessible(page);

    outside.clear();
    await row.getByRole('button', { name: 'Check again' }).click();
    await expect(row.getByText('Connected', { exact: true })).toBeVisible();
    await expect(row.getByRole('button', { name: 'Check again' })).toHaveCount(0);
  });
}

test('a provider that names the time of its next answer is left alone until then, and the page says when', async ({
  page,
  outside,
  service,
}) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  outside.fault('bitbucket:api', '429-retry-after', { retryAfter: 600 });
  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await expect(row).toContainText(/We ask again after \d+ \w+ \d{4}/);
  outside.clear();
  service.sandbox.requests.clear();
  await row.getByRole('button', { name: 'Check again' }).click();
  await settle(page);
  await expect(row.getByText('Connected, not confirmed just now', { exact: true })).toBeVisible();
  expect(service.sandbox.requests({ service: 'bitbucket', part: 'api' })).toEqual([]);
  await expectAccessible(page);
});

test('the stored state is on the page before any call returns', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  const looking = Promise.withResolvers<void>();
  await page.route('**/api/connections/bitbucket/check', async (route) => {
    await looking.promise;
    await route.continue();
  });
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(pathname);
  });
  await page.goto('/account');
  const row = rowOf(page, 'bitbucket');
  await expect(row).toHaveAttribute('aria-busy', 'true');
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  expect(asked).toEqual(['/api/connections/bitbucket/check']);
  await expectAccessible(page);

  looking.resolve();
  await settle(page);
  await expect(row).toContainText(/Last confirmed (just now|less than)/);
});

test('the first data stands in the HTML', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  const html = await (await page.request.get('/account')).text();
  const block = /<script type="application\/json" id="first-data">(.*?)<\/script>/s.exec(html);
  const data = JSON.parse(block?.[1] ?? '{}');
  expect(data['/api/session'].profile.screenName).toBe(person.name);
  expect(data['/api/account'].connections).toContainEqual(
    expect.objectContaining({ provider: 'bitbucket', state: 'connected' }),
  );
});

test('one provider’s trouble stays in its own row', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await grantAccess(page, outside.someoneAt('bitbucket'));
  await settle(page);
  outside.fault('bitbucket:all', '502');
  await openAccount(page);
  await expect(rowOf(page, 'bitbucket').getByText('Connected, not confirmed just now')).toBeVisible();
  await expect(rowOf(page, 'github').getByText('Connected', { exact: true })).toBeVisible();
});

test('an access token that ran out is renewed without a word to the person', async ({
  page,
  outside,
  service,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  const { world } = service.sandbox;
  const theirs = new Set(world.data.grants.filter((each) => each.person === person.id).map(({ id }) => id));
  for (const token of world.data.accessTokens) if (theirs.has(token.grant)) token.expiresAt = world.now() - 1;
  await openAccount(page);
  await expect(rowOf(page, 'bitbucket').getByText('Connected', { exact: true })).toBeVisible();
});

test('the page of a person whose name and avatar come from outside shows them as text', async ({
  page,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  const name = `<img src=x onerror=alert(1)> ${person.nickname} </script>`;
  outside.edit(person, { name });
  await signUp(page, person);
  await openAccount(page);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
});
