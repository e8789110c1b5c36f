import { expectAccessible } from './fixtures/accessible.ts';
import { expect, type Page, type Person, test } from './fixtures/test.ts';
import { choosePerson, consent, logInButton, signUp } from './fixtures/walk.ts';

/** Signs somebody up who creates an organization, and opens its people. Returns its URL name. */
async function openOwnPeople(page: Page, owner: Person): Promise<string> {
  const slug = `crew-of-${owner.nickname}`;
  await signUp(page, owner);
  await page.getByLabel('Name', { exact: true }).fill('Crew');
  await page.getByLabel('URL name').fill(slug);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(`/organizations/${slug}`);
  await page.getByRole('main').getByRole('link', { name: 'People' }).click();
  await page.waitForURL(`/organizations/${slug}/people`);
  await expect(page.getByRole('heading', { level: 1, name: 'People of Crew' })).toBeVisible();
  return slug;
}

/** Makes a link that lets somebody join, and returns it. */
async function makeLink(page: Page, role: 'Owner' | 'Admin' | 'Member'): Promise<string> {
  await page.getByLabel('Role', { exact: true }).selectOption(role);
  await page.getByRole('button', { name: 'Create link' }).click();
  return page.getByLabel('Invitation link').inputValue();
}

/** Opens the link as somebody who is new here, and joins. */
async function joinAsNew(page: Page, link: string, person: Person): Promise<void> {
  await page.goto(link);
  await page.getByRole('link', { name: 'sign up' }).click();
  await logInButton(page, person.service).click();
  await choosePerson(page, person);
  await consent(page);
  await page.waitForURL(link);
  await page.getByRole('button', { name: 'Join Crew' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Crew' })).toBeVisible();
}

const rowOf = (page: Page, person: Person) =>
  page.getByRole('list', { name: 'People' }).getByRole('listitem', { name: person.name, exact: true });

test('somebody is invited, joins, gets another role, and is removed', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const [owner, guest] = [outside.someoneAt('bitbucket'), outside.someoneAt('gitlab')];
  const slug = await openOwnPeople(page, owner);
  const link = await makeLink(page, 'Member');
  await expect(page.getByRole('button', { name: 'Copy link' })).toBeVisible();
  await expect(page.getByRole('listitem', { name: 'Member, for one person' })).toBeVisible();
  await expectAccessible(page);

  const theirs = await anotherBrowser();
  await theirs.goto(link);
  await expect(theirs.getByRole('main')).toContainText(`${owner.name} invites you to join Crew as a member.`);
  await expectAccessible(theirs);
  await joinAsNew(theirs, link, guest);
  await theirs.getByRole('main').getByRole('link', { name: 'People' }).click();
  await expect(rowOf(theirs, guest)).toContainText('Member since');
  await expect(rowOf(theirs, owner)).toContainText('Owner since');
  await expect(theirs.getByRole('main').getByRole('button')).toHaveText(['Leave organization']);
  await expectAccessible(theirs);

  await page.reload();
  await expect(page.getByText('No link is open.')).toBeVisible();
  await rowOf(page, guest).getByRole('button', { name: 'Change role…' }).click();
  const change = page.getByRole('dialog', { name: `Change the role of ${guest.name}?` });
  await change.getByLabel('Role').selectOption('Admin');
  await expectAccessible(page);
  await change.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByText(`${guest.name} is now an admin.`)).toBeVisible();
  await expect(rowOf(page, guest)).toContainText('Admin since');

  await theirs.reload();
  await expect(theirs.getByRole('heading', { name: 'Invite people' })).toBeVisible();
  await expect(rowOf(theirs, owner).getByRole('button')).toHaveCount(0);

  await rowOf(page, guest).getByRole('button', { name: 'Remove' }).click();
  const remove = page.getByRole('dialog', { name: `Remove ${guest.name} from Crew?` });
  await expect(remove).toContainText('No project depends on this person.');
  await expect(remove.getByRole('button').last()).toHaveAccessibleName('Remove');
  await expectAccessible(page);
  await remove.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText(`${guest.name} is removed from Crew.`)).toBeVisible();
  await expect(rowOf(page, guest)).toHaveCount(0);

  const answer = await theirs.goto(`/organizations/${slug}/people`);
  expect(answer?.status()).toBe(404);
  await expect(theirs.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
  await theirs.goto(link);
  await expect(theirs.getByRole('heading', { level: 1, name: 'This invitation was used' })).toBeVisible();
  await expectAccessible(theirs);
});

test('the last owner stays, and may go once there is another', async ({ page, anotherBrowser, outside }) => {
  const [owner, guest] = [outside.someoneAt('github'), outside.someoneAt('bitbucket')];
  await openOwnPeople(page, owner);
  await rowOf(page, owner).getByRole('button', { name: 'Leave organization' }).click();
  const stays = page.getByRole('dialog', { name: 'The last owner stays' });
  await expect(stays).toContainText('Make somebody else an owner first.');
  await expectAccessible(page);
  await stays.getByRole('button', { name: 'Close' }).click();

  await joinAsNew(await anotherBrowser(), await makeLink(page, 'Owner'), guest);
  await rowOf(page, owner).getByRole('button', { name: 'Leave organization' }).click();
  const leave = page.getByRole('dialog', { name: 'Leave Crew?' });
  await leave.getByRole('button', { name: 'Leave organization' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'You have left Crew' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Organizations' })).toHaveCount(0);
  await expectAccessible(page);
});

test('a link that was revoked says so, and one that was cut short as well', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  await openOwnPeople(page, outside.someoneAt('bitbucket'));
  const link = await makeLink(page, 'Admin');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('The invitation is revoked.')).toBeVisible();
  await expect(page.getByText('No link is open.')).toBeVisible();

  const theirs = await anotherBrowser();
  await theirs.goto(link);
  await expect(theirs.getByRole('heading', { level: 1, name: 'This invitation was revoked' })).toBeVisible();
  const answer = await theirs.goto(link.slice(0, -5));
  expect(answer?.status()).toBe(404);
  await expect(theirs.getByRole('heading', { level: 1, name: 'There is no such invitation' })).toBeVisible();
  await expectAccessible(theirs);
});
