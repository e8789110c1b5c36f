import { expectAccessible } from './fixtures/accessible.ts';
import {
  createProject,
  expectStates,
  openOrganization,
  repositoryOf,
  repositoryTab,
} from './fixtures/projects.ts';
import { expect, test } from './fixtures/test.ts';

test('a project is created on a repository that one administers; others are shown with the reason', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const own = await repositoryOf(service, owner);
  const others = await repositoryOf(service, owner, {
    ownedByAnother: true,
    permissions: [{ person: owner.id, permission: 'write' }],
  });
  const org = await openOrganization(page, owner);
  await page
    .getByRole('main')
    .getByRole('link', { name: /project/i })
    .first()
    .click();
  await page.waitForURL(`/organizations/${org}/projects/new`);
  await expect(page.getByText(own.fullName)).toBeVisible();
  await expect(page.getByRole('radio', { name: others.fullName })).toBeDisabled();
  await expect(page.getByRole('main')).toContainText(/admin right/);
  await expectAccessible(page);
  await createProject(page, org, own.fullName, 'mast');
  await expectStates(page);
  await expectAccessible(page);
});

test('two projects on one repository have a key and a webhook each; deleting one takes its own away', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'port');
  await createProject(page, org, fullName, 'starboard');
  await expectStates(page);
  const { data } = service.sandbox.world;
  const count = () => [
    data.deployKeys.filter((key) => key.repository === repository.uuid).length,
    data.hooks.filter((hook) => hook.repository === repository.uuid).length,
  ];
  expect(count()).toEqual([2, 2]);

  await page.goto(`/organizations/${org}/projects/port/settings/general`);
  await page.getByRole('button', { name: /^Delete/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'port is deleted' })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('main')).toContainText('removed at Bitbucket');
  await expect.poll(count, { timeout: 60_000 }).toEqual([1, 1]);
  await page.goto(repositoryTab(org, 'starboard'));
  await expectStates(page);
  await page.goto(`/organizations/${org}`);
  await expect(page.getByRole('link', { name: 'starboard' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'port', exact: true })).toHaveCount(0);
});
