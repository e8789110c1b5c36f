import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import { grantAccess, logInAgain, openAccount, rowOf, settle, signUp } from './fixtures/walk.ts';

test('disconnecting says first what depends on it, and afterwards nothing is connected', async ({
  page,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await grantAccess(page, person);
  await settle(page);
  const row = rowOf(page, 'bitbucket');
  await row.getByRole('button', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog', { name: `Disconnect @${person.nickname} at Bitbucket?` });
  await expect(dialog).toContainText('No project depends on this connection.');
  await expect(dialog.getByRole('button').last()).toHaveAccessibleName('Disconnect');
  await expectAccessible(page);

  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();

  await row.getByRole('button', { name: 'Disconnect' }).click();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Bitbucket is disconnected.' })).toBeVisible();
  await expectAccessible(page);

  await openAccount(page);
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
});

test('an account that was disconnected does not log in to the profile any more', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const github = outside.someoneAt('github');
  const person = outside.someoneAt('bitbucket');
  await signUp(page, github);
  await openAccount(page);
  await grantAccess(page, person);
  await settle(page);
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();

  const later = await anotherBrowser();
  await logInAgain(later, person);
  await later.waitForURL('/organizations/new');
  await openAccount(later);
  await expect(later.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
  await expect(rowOf(later, 'github').getByText('Not Connected', { exact: true })).toBeVisible();
});

test('the last way to log in cannot be removed', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await openAccount(page);
  const row = rowOf(page, 'bitbucket');
  await row.getByRole('button', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bitbucket cannot be disconnected' });
  await expect(dialog).toContainText('It is your only way to log in');
  await expect(dialog.getByRole('button', { name: 'Disconnect' })).toHaveCount(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
});

test('disconnecting ends the sessions in other browsers and keeps this one', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const github = outside.someoneAt('github');
  await signUp(page, github);
  await openAccount(page);
  await grantAccess(page, outside.someoneAt('bitbucket'));
  const other = await anotherBrowser();
  await logInAgain(other, github);
  await openAccount(other);

  await settle(page);
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await openAccount(page);
  await other.goto('/account');
  await other.waitForURL('/login?return-to=%2Faccount');
});

test('with one way in left, that one becomes the last', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await grantAccess(page, outside.someoneAt('bitbucket'));
  await settle(page);
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await rowOf(page, 'github').getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('dialog', { name: 'GitHub cannot be disconnected' })).toBeVisible();
});
