import { controlOf } from '../bff/sandbox/control.ts';
import {
  createProject,
  expectStates,
  openOrganization,
  openTab,
  PIPELINE,
  repositoryOf,
  row,
} from './fixtures/projects.ts';
import { expect, test } from './fixtures/test.ts';

const PATH = '.semaphore/semaphore.yml';

test('every cause of a pipeline file that is not available is told apart', async ({
  page,
  outside,
  service,
}) => {
  const control = controlOf(service.sandbox.origins.bitbucket);
  const owner = outside.someoneAt('bitbucket');
  const { fullName: repository } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, repository, 'sextant');
  const file = row(page, 'Pipeline file');
  await expect(file).toContainText(PATH);
  await expect(file).toContainText('main');

  await control('pushFile', { repository, branch: 'feature', path: PATH, content: PIPELINE });
  await control('pushFile', { repository, branch: 'main', path: PATH, content: null });
  await openTab(page, org, 'sextant');
  await expectStates(page, { 'Pipeline file': 'Broken' });
  // What people search the page for when they come from a job's log.
  await expect(file).toContainText(`Error: {"File '${PATH}' is not available", "Not Found"}`);
  await expect(file).toContainText('feature');

  await control('pushFile', { repository, branch: 'main', path: '.semaphore/build.yml', content: PIPELINE });
  await control('deleteBranch', { repository, branch: 'feature' });
  await openTab(page, org, 'sextant');
  await expect(file).toContainText('.semaphore/build.yml');

  await page.getByRole('link', { name: 'General' }).click();
  await page.getByLabel('Pipeline file').fill('.semaphore/build.yml');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: /saved/i })).toBeVisible();
  await openTab(page, org, 'sextant');
  await expectStates(page);

  await control('emptyRepository', { repository });
  await openTab(page, org, 'sextant');
  await expectStates(page, { 'Pipeline file': 'Broken' });
  await expect(file).toContainText(/empty/);
});
