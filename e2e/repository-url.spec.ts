import { renameRepository } from '../bff/sandbox/play.ts';
import {
  createProject,
  expectStates,
  openOrganization,
  openTab,
  repositoryOf,
  settled,
} from './fixtures/projects.ts';
import { expect, type Page, test } from './fixtures/test.ts';

async function typeUrl(page: Page, url: string): Promise<void> {
  await page.getByRole('button', { name: 'Change…' }).click();
  await page.getByRole('dialog').getByLabel('Repository URL').fill(url);
}

test('a renamed repository is recognised, and one button updates the URL', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const [workspace] = fullName.split('/');
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'keel');
  renameRepository(service.sandbox.world, repository, 'new-keel');
  await openTab(page, org, 'keel');
  const main = page.getByRole('main');
  await expect(main).toContainText(`This repository is now ${workspace}/new-keel`);
  await page.getByRole('button', { name: 'Update the URL' }).click();
  const dialog = page.getByRole('dialog');
  if (await dialog.isVisible()) await dialog.getByRole('button').last().click();
  await expect(main).not.toContainText('This repository is now');
  await settled(page);
  await expectStates(page);
  await expect(page.getByLabel('Repository URL')).toHaveValue(new RegExp(`${workspace}/new-keel\\.git$`));
});

test('a URL is refused at the field with the reason, and another repository is said before anything changes', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const first = await repositoryOf(service, owner);
  const second = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, first.fullName, 'hull');
  const { data } = service.sandbox.world;
  const at = (uuid: string) =>
    [...data.deployKeys, ...data.hooks].filter((each) => each.repository === uuid).length;

  for (const url of ['https://github.com/a/b', '/srv/git/repo.git', 'nonsense', 'file:///etc/passwd']) {
    await typeUrl(page, url);
    await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
    const field = page.getByRole('dialog').getByLabel('Repository URL');
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(/\S/);
    await page.keyboard.press('Escape');
  }
  expect(at(first.repository.uuid)).toBe(2);

  await typeUrl(page, `git@bitbucket.org:${second.fullName}.git`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button').last().click();
  await expect(dialog).toContainText(/another repository|different repository/i);
  expect(at(first.repository.uuid)).toBe(2);
  expect(at(second.repository.uuid)).toBe(0);
  await expect(dialog.getByRole('button').last()).toHaveAccessibleName('Change');
  await dialog.getByRole('button').last().click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => at(second.repository.uuid), { timeout: 60_000 }).toBe(2);
  await expect.poll(() => at(first.repository.uuid), { timeout: 60_000 }).toBe(0);
  await settled(page);
  await expectStates(page);
});
