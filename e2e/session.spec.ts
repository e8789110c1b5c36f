import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import { logInAgain, logInButton, openAccount, settle, signUp } from './fixtures/walk.ts';

test('logging out ends every session of the person, also where a page is still open', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  const other = await anotherBrowser();
  await logInAgain(other, person);
  await other.waitForURL('/organizations/new');
  await openAccount(other);

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('/login');
  await expect(page.getByRole('button', { name: 'Log out' })).toHaveCount(0);

  // The open page finds out with the next thing it does.
  await other.getByLabel('Screen name').fill('Somebody else');
  await other.getByRole('button', { name: 'Save changes' }).click();
  await other.waitForURL('/login?return-to=%2Faccount');
  await logInButton(other, 'bitbucket').click();
  await other.waitForURL('/account');
  await expect(other.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
});

test('after logging out the back button shows nothing of the person', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  await openAccount(page);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('/login');
  await page.goBack();
  await page.waitForURL(/\/login/);
  await expect(page.getByText(person.name)).toHaveCount(0);
});

test('a saved screen name stands everywhere and survives the next log-in', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  await openAccount(page);
  await page.getByLabel('Screen name').fill('  Ada of the Reeds ');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Ada of the Reeds' })).toBeVisible();
  await expect(page.getByRole('banner').getByText('Ada of the Reeds')).toBeVisible();
  await expect(page.getByLabel('Screen name')).toHaveValue('Ada of the Reeds');
  await expectAccessible(page);

  const later = await anotherBrowser();
  await logInAgain(later, person);
  await later.waitForURL('/organizations/new');
  await openAccount(later);
  await expect(later.getByRole('heading', { level: 1, name: 'Ada of the Reeds' })).toBeVisible();
});

test('a refused screen name says why at the field and keeps what was typed', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  await openAccount(page);
  const field = page.getByLabel('Screen name');
  const long = 'n'.repeat(81);
  for (const [typed, why] of [
    ['   ', 'Enter a name.'],
    [long, 'Use at most 80 characters.'],
  ] as const) {
    await field.fill(typed);
    await page.getByRole('button', { name: 'Save changes' }).click();
    await expect(field).toHaveAccessibleDescription(why);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveValue(typed);
    await expect(page.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
  }
  await expectAccessible(page);
});

test('what was typed outlasts an answer that nobody foresaw', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await openAccount(page);
  const field = page.getByLabel('Screen name');
  await page.route('**/api/account', (route) => route.fulfill({ status: 404, body: 'a proxy says no' }));
  await field.fill('Ada of the Reeds');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(field).toHaveValue('Ada of the Reeds');
  await page.unroute('**/api/account');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
});

test('no script on the page can read a cookie, and nothing is kept in the browser’s stores', async ({
  page,
  outside,
}) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await openAccount(page);
  await settle(page);
  const kept = await page.evaluate(async () => ({
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).length,
  }));
  expect(kept).toEqual({ cookie: '', local: {}, session: {}, databases: 0 });
});
