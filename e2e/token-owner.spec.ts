import { setPermission } from '../bff/sandbox/play.ts';
import { expectAccessible } from './fixtures/accessible.ts';
import {
  confirm,
  createProject,
  expectState,
  expectStates,
  openOrganization,
  openTab,
  repositoryOf,
  row,
  settled,
} from './fixtures/projects.ts';
import { expect, type Page, type Person, test } from './fixtures/test.ts';
import { choosePerson, consent, logInButton } from './fixtures/walk.ts';

/** Somebody joins the organization by a link that its owner makes. */
async function join(page: Page, theirs: Page, org: string, person: Person, role: 'Admin' | 'Member') {
  await page.goto(`/organizations/${org}/people`);
  await page.getByLabel('Role', { exact: true }).selectOption(role);
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  await theirs.goto(link);
  await theirs.getByRole('link', { name: 'sign up' }).click();
  await logInButton(theirs, person.service).click();
  await choosePerson(theirs, person);
  await consent(theirs);
  await theirs.getByRole('button', { name: 'Join Crew' }).click();
  await theirs.waitForURL(`/organizations/${org}`);
}

test('a revoked grant is the root cause: said once, with who can mend it, and taken over by another admin', async ({
  page,
  anotherBrowser,
  outside,
  service,
}) => {
  const [owner, admin, member] = [
    outside.someoneAt('bitbucket'),
    outside.someoneAt('bitbucket'),
    outside.someoneAt('bitbucket'),
  ];
  const { repository, fullName } = await repositoryOf(service, owner, {
    permissions: [{ person: admin.id, permission: 'admin' }],
  });
  const org = await openOrganization(page, owner);
  const [adminsPage, membersPage] = [await anotherBrowser(), await anotherBrowser()];
  await join(page, adminsPage, org, admin, 'Admin');
  await join(page, membersPage, org, member, 'Member');
  await createProject(page, org, fullName, 'compass');
  await expectStates(page);

  outside.revoke(owner);
  await openTab(membersPage, org, 'compass');
  await expectState(membersPage, 'OAuth API token owner', 'Broken');
  await expectState(membersPage, 'Deploy Key', 'Broken');
  await expectState(membersPage, 'Webhook', 'Not checked');
  await expectState(membersPage, 'Pipeline file', 'Broken');
  await expect(membersPage.getByRole('main')).toContainText(owner.name);
  await expect(membersPage.getByRole('main')).toContainText(/revoked at Bitbucket/);
  // A member sees everything, and no button that changes anything.
  for (const verb of ['Repair', 'Regenerate', 'Take over', 'Change…']) {
    await expect(membersPage.getByRole('button', { name: verb, exact: true })).toHaveCount(0);
  }
  await expectAccessible(membersPage);

  await openTab(adminsPage, org, 'compass');
  await confirm(adminsPage, 'OAuth API token owner', 'Take over');
  await expectState(adminsPage, 'OAuth API token owner', 'Healthy');
  await settled(adminsPage);
  await expect(row(adminsPage, 'OAuth API token owner')).toContainText(admin.name);
  await expectState(adminsPage, 'Webhook', 'Healthy');
  await expectState(adminsPage, 'Deploy Key', 'Broken');
  await confirm(adminsPage, 'Deploy Key', 'Repair');
  await expectState(adminsPage, 'Deploy Key', 'Healthy');
  await settled(adminsPage);
  await expectStates(adminsPage);
  // The member's tab heard of all that by itself.
  await expectStates(membersPage);
  expect(
    service.sandbox.world.data.deployKeys.filter((key) => key.repository === repository.uuid),
  ).toHaveLength(1);
});

test('a right that was taken away is asked about, not assumed', async ({ page, outside, service }) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner, {
    ownedByAnother: true,
    permissions: [{ person: owner.id, permission: 'admin' }],
  });
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'rudder');
  setPermission(service.sandbox.world, repository, owner.id, 'write');
  await openTab(page, org, 'rudder');
  await expectState(page, 'OAuth API token owner', 'Broken');
  await expect(row(page, 'OAuth API token owner')).toContainText(/no admin right/);
  await expectState(page, 'Deploy Key', 'Broken');
  await expectState(page, 'Webhook', 'Broken');
  await expectState(page, 'Pipeline file', 'Healthy');
});
