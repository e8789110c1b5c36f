import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import { choosePerson, consent, logInButton, openAccount, rowOf, signUp } from './fixtures/walk.ts';

test('signing up with Bitbucket connects it at once, without a second consent', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await page.goto('/signup');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign up' })).toBeVisible();
  await expectAccessible(page);
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await consent(page);

  await page.waitForURL('/organizations/new');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expectAccessible(page);
  const slug = `reeds-of-${person.nickname}`;
  await page.getByLabel('Name', { exact: true }).fill(`Reeds of ${person.nickname}`);
  await page.getByRole('button', { name: 'Create organization' }).click();

  await page.waitForURL(`/organizations/${slug}`);
  await expect(page.getByRole('heading', { level: 1, name: `Reeds of ${person.nickname}` })).toBeVisible();
  await expect(page.getByRole('heading', { name: /Welcome/ })).toBeVisible();
  await expectAccessible(page);

  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(row.getByRole('link', { name: `@${person.nickname}` })).toBeVisible();
  await expect(row.getByRole('button', { name: 'Grant access' })).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
  await expect(page.getByText(`${person.nickname}@reed.example`)).toBeVisible();
  await expectAccessible(page);
});

for (const provider of ['github', 'gitlab'] as const) {
  test(`signing up with ${provider} makes a profile that Bitbucket can be connected to`, async ({
    page,
    outside,
  }) => {
    const person = outside.someoneAt(provider);
    await signUp(page, person);
    await openAccount(page);
    await expect(rowOf(page, provider).getByText('Connected', { exact: true })).toBeVisible();
    await expect(rowOf(page, provider).getByRole('link', { name: `@${person.nickname}` })).toBeVisible();
    const bitbucket = rowOf(page, 'bitbucket');
    await expect(bitbucket.getByText('Not Connected', { exact: true })).toBeVisible();
    await expect(bitbucket.getByRole('button', { name: 'Grant access' })).toBeVisible();
  });
}

test('every configured provider has its button, and Bitbucket says that it is beta', async ({ page }) => {
  for (const address of ['/signup', '/login']) {
    await page.goto(address);
    for (const provider of ['bitbucket', 'github', 'gitlab'] as const) {
      await expect(logInButton(page, provider)).toBeVisible();
    }
    const entry = page.getByRole('listitem').filter({ has: logInButton(page, 'bitbucket') });
    await expect(entry.getByText('Beta', { exact: true })).toBeVisible();
    await expect(entry.getByText(/in beta/)).toBeVisible();
    await expect(page.getByText('Beta', { exact: true })).toHaveCount(1);
    await expectAccessible(page);
  }
});

test('the first organization is asked for after signing up, and the log-in page sends on who is in', async ({
  page,
  outside,
}) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await page.goto('/login');
  await page.waitForURL('/account');
  await page.goto('/');
  await page.waitForURL('/account');
});
