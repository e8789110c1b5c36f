import { expectAccessible } from './fixtures/accessible.ts';
import { expect, type Outside, type Page, type Person, type Service, test } from './fixtures/test.ts';
import {
  becomeAtProvider,
  consent,
  grantAccess,
  openAccount,
  rowOf,
  settle,
  signUp,
} from './fixtures/walk.ts';

/** Somebody whose Bitbucket account was revoked, and who comes back from "Grant access" as another one. */
async function comeBackAsAnother(
  page: Page,
  outside: Outside,
  service: Service,
): Promise<{ first: Person; second: Person }> {
  const first = outside.someoneAt('bitbucket');
  const second = outside.someoneAt('bitbucket');
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await grantAccess(page, first);
  outside.revoke(first);
  await openAccount(page);
  await becomeAtProvider(page, service.sandbox.origins.bitbucket, second);
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Grant access' }).click();
  await consent(page);
  await page.waitForURL(/\/account\?attempt=/);
  return { first, second };
}

test('coming back as a different account is caught and said, and staying changes nothing', async ({
  page,
  outside,
  service,
}) => {
  const { first, second } = await comeBackAsAnother(page, outside, service);
  await settle(page);
  await expect(page.getByRole('alert')).toContainText(
    `You were @${first.nickname}, you came back as @${second.nickname}.`,
  );
  const choice = page.getByRole('region', { name: 'Which account at Bitbucket?' });
  await expect(choice).toContainText(`you came back as @${second.nickname}`);
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  await expect(row).toContainText(`was @${first.nickname}`);
  await expectAccessible(page);

  await choice.getByRole('button', { name: `Stay with @${first.nickname}` }).click();
  await expect(choice).toHaveCount(0);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(row).toContainText(`was @${first.nickname}`);
  await openAccount(page);
  await expect(choice).toHaveCount(0);
  await expect(row).toContainText(`was @${first.nickname}`);
});

test('coming back as a different account and switching connects the new one alone', async ({
  page,
  outside,
  service,
}) => {
  const { first, second } = await comeBackAsAnother(page, outside, service);
  const choice = page.getByRole('region', { name: 'Which account at Bitbucket?' });
  await choice.getByRole('button', { name: `Switch to @${second.nickname}` }).click();
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(row.getByRole('link', { name: `@${second.nickname}` })).toBeVisible();
  await expect(choice).toHaveCount(0);
  // What was said of the walk is settled as well.
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page.getByText(`@${first.nickname}`)).toHaveCount(0);
  await openAccount(page);
  await expect(row.getByRole('link', { name: `@${second.nickname}` })).toBeVisible();
});

test('an account that belongs to another profile is refused with a plain sentence', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const owned = outside.someoneAt('bitbucket');
  const theirs = await anotherBrowser();
  await signUp(theirs, owned);
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await rowOf(page, 'bitbucket').getByRole('button', { name: 'Grant access' }).click();
  await page.getByRole('button', { name: `Log in as ${owned.name}`, exact: true }).click();
  await page.waitForURL(/\/account\?attempt=/);
  await expect(page.getByRole('alert')).toContainText(
    `@${owned.nickname} at Bitbucket is connected to another Semaphore profile.`,
  );
  await expect(page.getByRole('alert')).toContainText('Nothing was changed.');
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await expectAccessible(page);

  await openAccount(theirs);
  await expect(rowOf(theirs, 'bitbucket').getByText('Connected', { exact: true })).toBeVisible();
});
