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

test('the same identity comes back to the same profile although its nickname and address changed', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  const { nickname, name } = person;
  await signUp(page, person);
  outside.edit(person, {
    nickname: `${nickname}-renamed`,
    emails: [{ email: `${nickname}@elsewhere.example`, primary: true, confirmed: true }],
  });

  const later = await anotherBrowser();
  await logInAgain(later, person);
  await later.waitForURL('/organizations/new');
  await openAccount(later);
  await expect(later.getByRole('heading', { level: 1, name })).toBeVisible();
  // The profile keeps the address it was made with.
  await expect(later.getByText(`${nickname}@reed.example`)).toBeVisible();
  await expect(rowOf(later, 'bitbucket').getByRole('link', { name: `@${nickname}-renamed` })).toBeVisible();
});

test('who takes over a nickname does not take over the profile', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('github');
  const { nickname } = person;
  await signUp(page, person);
  outside.edit(person, { nickname: `${nickname}-gone` });
  const heir = outside.someoneAt('github');
  outside.edit(heir, { nickname });

  const theirs = await anotherBrowser();
  await signUp(theirs, heir);
  await openAccount(theirs);
  await expect(theirs.getByRole('heading', { level: 1, name: heir.name })).toBeVisible();
});

test('who revoked the app is asked for consent again and is then connected', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(page, person);
  outside.revoke(person);

  const later = await anotherBrowser();
  await logInAgain(later, person);
  await consent(later);
  await later.waitForURL('/organizations/new');
  await openAccount(later);
  await expect(rowOf(later, 'bitbucket').getByText('Connected', { exact: true })).toBeVisible();
});

test('a page that needs a log-in leads back to itself afterwards', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(await anotherBrowser(), person);
  await page.goto('/account?from=a-letter');
  await page.waitForURL('/login?return-to=%2Faccount%3Ffrom%3Da-letter');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await page.waitForURL('/account?from=a-letter');
  await expect(page.getByRole('heading', { level: 1, name: person.name })).toBeVisible();
});

test('a way back that leads to another site is not followed', async ({ page, anotherBrowser, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await signUp(await anotherBrowser(), person);
  await page.goto(`/login?return-to=${encodeURIComponent('//evil.example/account')}`);
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, person);
  await page.waitForURL('/organizations/new');
});

test('who has an organization lands on its page', async ({ page, anotherBrowser, outside }) => {
  const person = outside.someoneAt('gitlab');
  await signUp(page, person);
  await page.getByLabel('Name', { exact: true }).fill('Harbour');
  await page.getByLabel('URL name').fill(`harbour-of-${person.nickname}`);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(`/organizations/harbour-of-${person.nickname}`);

  const later = await anotherBrowser();
  await logInAgain(later, person);
  await later.waitForURL(`/organizations/harbour-of-${person.nickname}`);
  await expect(later.getByRole('heading', { level: 1, name: 'Harbour' })).toBeVisible();
});
