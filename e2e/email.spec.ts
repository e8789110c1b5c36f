import { expectAccessible } from './fixtures/accessible.ts';
import { expect, test } from './fixtures/test.ts';
import {
  choosePerson,
  consent,
  logInAgain,
  logInButton,
  openAccount,
  rowOf,
  signUp,
} from './fixtures/walk.ts';

test('an address that belongs to a profile already creates and links nothing, and both ways on are offered', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const first = outside.someoneAt('github');
  const address = `${first.nickname}@reed.example`;
  await signUp(await anotherBrowser(), first);
  // The same mailbox, written as another provider happens to write it.
  const second = outside.someoneAt('bitbucket', {
    emails: [{ email: address.toUpperCase(), primary: true, confirmed: true }],
  });

  await page.goto('/signup');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, second);
  await consent(page);

  await page.waitForURL(/\/signup\?attempt=/);
  const notice = page.getByRole('alert');
  await expect(notice).toContainText('that logs in with GitHub');
  await expect(notice).toContainText('Nothing was created and nothing was linked.');
  await expect(notice).toContainText('log in with GitHub');
  await expect(notice).toContainText('use another Bitbucket account');
  await expect(notice.getByRole('link', { name: /authorized apps/ })).toBeVisible();
  await expect(notice.getByRole('link', { name: 'Contact support' })).toBeVisible();
  await expect(logInButton(page, 'github')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Log out' })).toHaveCount(0);
  await expectAccessible(page);
});

test('after logging in to the existing profile the waiting connection is offered and confirmed once', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const first = outside.someoneAt('github');
  const emails = [{ email: `${first.nickname}@reed.example`, primary: true, confirmed: true }];
  await signUp(await anotherBrowser(), first);
  const second = outside.someoneAt('bitbucket', { emails });
  await page.goto('/signup');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, second);
  await consent(page);
  await page.waitForURL(/\/signup\?attempt=/);

  await logInButton(page, 'github').click();
  await choosePerson(page, first);
  await page.waitForURL('/account');
  const offer = page.getByRole('region', { name: `Connect @${second.nickname} at Bitbucket?` });
  await expect(offer).toBeVisible();
  const row = rowOf(page, 'bitbucket');
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  await expectAccessible(page);

  await offer.getByRole('button', { name: `Connect @${second.nickname}` }).click();
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(row.getByRole('link', { name: `@${second.nickname}` })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'is connected to your profile' })).toBeVisible();
  await expect(offer).toHaveCount(0);

  await openAccount(page);
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();
  await expect(offer).toHaveCount(0);
  // From now on either account leads to the one profile.
  const elsewhere = await anotherBrowser();
  await logInAgain(elsewhere, second);
  await elsewhere.waitForURL('/organizations/new');
  await openAccount(elsewhere);
  await expect(rowOf(elsewhere, 'github').getByText('Connected', { exact: true })).toBeVisible();
});

test('a waiting connection that is discarded does not come back', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const first = outside.someoneAt('github');
  const emails = [{ email: `${first.nickname}@reed.example`, primary: true, confirmed: true }];
  await signUp(await anotherBrowser(), first);
  const second = outside.someoneAt('bitbucket', { emails });
  await page.goto('/login');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, second);
  await consent(page);
  await page.waitForURL(/\/login\?attempt=/);
  await logInButton(page, 'github').click();
  await choosePerson(page, first);
  await page.waitForURL('/account');

  const offer = page.getByRole('region', { name: `Connect @${second.nickname} at Bitbucket?` });
  await offer.getByRole('button', { name: 'Discard' }).click();
  await expect(offer).toHaveCount(0);
  await openAccount(page);
  await expect(offer).toHaveCount(0);
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
});

test('a waiting connection is not offered in a browser that never was at the other provider', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const victim = outside.someoneAt('github');
  await signUp(page, victim);
  const stranger = outside.someoneAt('bitbucket', {
    emails: [{ email: `${victim.nickname}@reed.example`, primary: true, confirmed: true }],
  });
  const theirs = await anotherBrowser();
  await theirs.goto('/signup');
  await logInButton(theirs, 'bitbucket').click();
  await choosePerson(theirs, stranger);
  await consent(theirs);
  await theirs.waitForURL(/\/signup\?attempt=/);

  await openAccount(page);
  await expect(page.getByText(`@${stranger.nickname}`)).toHaveCount(0);
});

test('an unconfirmed address never creates a profile', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket', {
    emails: [{ email: 'not-yet@reed.example', primary: true, confirmed: false }],
  });
  await page.goto('/signup');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await consent(page);
  await page.waitForURL(/\/signup\?attempt=/);
  const notice = page.getByRole('alert');
  await expect(notice).toContainText(
    `The address not-yet@reed.example of @${person.nickname} is not confirmed at Bitbucket.`,
  );
  await expect(notice).toContainText('Nothing was created.');
  await expect(page.getByRole('button', { name: 'Log out' })).toHaveCount(0);
  await expectAccessible(page);

  outside.edit(person, {
    emails: [{ email: `${person.nickname}@reed.example`, primary: true, confirmed: true }],
  });
  await logInButton(page, 'bitbucket').click();
  await page.waitForURL('/organizations/new');
});

test('an unconfirmed address never finds the profile that has it', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const owner = outside.someoneAt('github');
  await signUp(await anotherBrowser(), owner);
  const person = outside.someoneAt('bitbucket', {
    emails: [{ email: `${owner.nickname}@reed.example`, primary: true, confirmed: false }],
  });
  await page.goto('/login');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await consent(page);
  await page.waitForURL(/\/login\?attempt=/);
  await expect(page.getByRole('alert')).toContainText('is not confirmed at Bitbucket');
  // Whether somebody has that address is not for a stranger to learn.
  await expect(page.getByRole('alert')).not.toContainText('GitHub');
});

test('an account without an address creates nothing and says what is missing', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket', { emails: [] });
  await page.goto('/signup');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await consent(page);
  await page.waitForURL(/\/signup\?attempt=/);
  await expect(page.getByRole('alert')).toContainText(
    `@${person.nickname} has no e-mail address at Bitbucket`,
  );
  await expectAccessible(page);
});
