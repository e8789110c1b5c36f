import { randomUUID } from 'node:crypto';
import { controlOf } from '../bff/sandbox/control.ts';
import { expectAccessible } from './fixtures/accessible.ts';
import { createProject, openOrganization, PIPELINE, repositoryOf } from './fixtures/projects.ts';
import { expect, type Page, test } from './fixtures/test.ts';

/** A job is taken within seconds; a machine that is busy takes longer. */
const SOON = { timeout: 60_000 };

const lines = (page: Page) => page.getByRole('list', { name: 'Activity' }).locator('> li');

test('a whitelist decides which pushes start workflows, and a push that it leaves out says so', async ({
  page,
  outside,
  service,
}) => {
  const control = controlOf(service.sandbox.origins.bitbucket);
  const owner = outside.someoneAt('bitbucket');
  const files = { '.semaphore/semaphore.yml': PIPELINE };
  const { fullName: repository } = await repositoryOf(service, owner, {
    branches: { topic: files, 'release-7': files },
  });
  const org = await openOrganization(page, owner);
  await createProject(page, org, repository, 'fairlead');
  const push = (branch: string) =>
    control('pushFile', { repository, branch, path: 'a.txt', content: randomUUID() });

  await page.getByRole('link', { name: 'General' }).click();
  await page.getByLabel('Only these branches').fill('main\n/^release-(/');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('“/^release-(/”');
  await expect(page.getByLabel('Only these branches')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
  await page.getByLabel('Only these branches').fill('main\n/^release-\\d+$/');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: /saved/i })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Only these branches')).toHaveValue('main\n/^release-\\d+$/');

  await page.getByRole('link', { name: 'Activity' }).click();
  await push('topic');
  const ignored = lines(page).filter({ hasText: 'Ignored' });
  await expect(ignored).toContainText(
    'Left out: the project runs only on the branches that its settings list.',
    SOON,
  );
  await expect(ignored).toContainText('topic');
  await expectAccessible(page);
  await push('release-7');
  await expect(lines(page).filter({ hasText: 'Workflow for release-7' }).first()).toContainText(
    'Handed over',
    SOON,
  );
  expect(service.runner.taken().map(({ ref }) => ref)).not.toContain('branch topic');

  // The way from the line to what decided it; with nothing switched on, that is plain.
  await ignored.getByRole('link', { name: 'General settings' }).click();
  await page.getByRole('checkbox', { name: 'Branches' }).uncheck();
  await page.getByRole('checkbox', { name: 'Tags' }).uncheck();
  await expect(page.getByText('No push starts a workflow.')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: /saved/i })).toBeVisible();
  await page.getByRole('link', { name: 'Activity' }).click();
  await push('release-7');
  await expect(lines(page).first()).toContainText('Left out: the project does not run on branches.', SOON);
});
