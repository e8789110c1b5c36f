import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import { choosePerson, consent, logInButton, openAccount, rowOf, settle, signUp } from './fixtures/walk.ts';

test('the sandbox’s own pages on the way are as accessible as ours', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await page.goto('/signup');
  await logInButton(page, 'bitbucket').click();
  await expect(page.getByRole('heading', { name: 'Log in to Bitbucket' })).toBeVisible();
  await expectAccessible(page);
  await choosePerson(page, person);
  await expect(page.getByRole('button', { name: 'Grant access' })).toBeVisible();
  await expectAccessible(page);
  await consent(page);
  await page.waitForURL('/organizations/new');
});

test('the page leads to Bitbucket’s list of authorized apps, and what is revoked there shows here', async ({
  page,
  outside,
}) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await openAccount(page);
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Bitbucket’s list of authorized apps' }).first().click();
  const list = await opened;
  await list.getByRole('button', { name: 'Revoke Semaphore' }).click();
  await expect(list.getByText('No application has access to this Bitbucket account.')).toBeVisible();
  await list.close();

  await page.reload();
  await settle(page);
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await expect(rowOf(page, 'bitbucket')).toContainText('Access was revoked at Bitbucket.');
});

test('a quiet mark leads to the sandbox while one is played with', async ({ page, service }) => {
  await page.goto('/login');
  const mark = page.getByRole('link', { name: 'Sandbox' });
  await expect(mark).toBeVisible();
  const opened = page.waitForEvent('popup');
  await mark.click();
  const desk = await opened;
  expect(new URL(desk.url()).origin).toBe(service.sandbox.origins.bitbucket);
  await expect(desk.getByRole('heading', { level: 1 })).toBeVisible();
});
