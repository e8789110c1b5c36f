import { controlOf } from '../bff/sandbox/control.ts';
import { deleteHook } from '../bff/sandbox/play-keys-and-hooks.ts';
import { expectAccessible } from './fixtures/accessible.ts';
import {
  confirm,
  createProject,
  expectState,
  openOrganization,
  openTab,
  PIPELINE,
  repositoryOf,
  repositoryTab,
  row,
  settled,
} from './fixtures/projects.ts';
import { expect, type Page, test } from './fixtures/test.ts';

const PATH = '.semaphore/semaphore.yml';
/** A job is taken within seconds; a machine that is busy takes longer. */
const SOON = { timeout: 60_000 };

const activity = (org: string, project: string) => `/organizations/${org}/projects/${project}`;
const lines = (page: Page) => page.getByRole('list', { name: 'Activity' }).locator('> li');
const workflows = (page: Page, branch: string) =>
  lines(page).filter({ has: page.getByRole('button', { name: `Workflow for ${branch}`, exact: true }) });

/** Waits until the branches were noted once: what moves from then on is news. */
async function compared(page: Page): Promise<void> {
  await expect(page.getByText(/^Branches compared/)).toBeVisible(SOON);
}

test('a push appears with its workflow, without a reload, and what it said can be read', async ({
  page,
  outside,
  service,
}) => {
  const control = controlOf(service.sandbox.origins.bitbucket);
  const owner = outside.someoneAt('bitbucket');
  const { fullName: repository } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, repository, 'beacon');
  await page.getByRole('link', { name: 'Activity' }).click();
  await expect(lines(page)).toHaveCount(1);
  await page.evaluate(() => Object.assign(window, { stayed: true }));

  await control('pushFile', { repository, branch: 'main', path: 'a.txt', content: 'a' });
  const workflow = workflows(page, 'main').filter({ hasText: 'Handed over' }).first();
  await expect(workflow).toContainText('after a push', SOON);
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
  await expect(lines(page).filter({ hasText: `Push by ${owner.name}` })).toContainText('main to');
  await expect.poll(() => service.runner.taken().map(({ ref }) => ref)).toContain('branch main');

  await page.getByRole('button', { name: `Push by ${owner.name}` }).click();
  const delivery = page.getByRole('dialog', { name: 'Delivery: Push' });
  await expect(delivery).toContainText(repository);
  await expectAccessible(page);
  await delivery.getByRole('button', { name: 'Workflow for main: handed over' }).click();
  await expect(page.getByRole('dialog', { name: 'Workflow for main' })).toContainText(PATH);
  await page.getByRole('button', { name: 'Close' }).click();

  await page.getByLabel('Show').selectOption('Deliveries');
  await expect(lines(page)).toHaveCount(1);
  await page.reload();
  await expect(lines(page)).toHaveCount(1);
  await expectAccessible(page);

  await page.goto(repositoryTab(org, 'beacon'));
  await expect(row(page, 'Webhook')).toContainText('Last delivery');
});

test('without the pipeline file the workflow fails, leads to the finding, and runs once that is mended', async ({
  page,
  outside,
  service,
}) => {
  const control = controlOf(service.sandbox.origins.bitbucket);
  const owner = outside.someoneAt('bitbucket');
  const { fullName: repository } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, repository, 'capstan');
  await page.getByRole('link', { name: 'Activity' }).click();

  await control('pushFile', { repository, branch: 'main', path: PATH, content: null });
  const failed = workflows(page, 'main').filter({ hasText: 'Failed' });
  await expect(failed).toContainText(`Error: {"File '${PATH}' is not available", "Not Found"}`, SOON);
  await failed.getByRole('link', { name: 'What explains it: Pipeline file' }).click();
  await expect(row(page, 'Pipeline file')).toBeFocused();
  await expectState(page, 'Pipeline file', 'Broken');

  // Mended, which is a push of its own; the head is run by hand beside it.
  await control('pushFile', { repository, branch: 'main', path: PATH, content: PIPELINE });
  await page.getByRole('link', { name: 'Activity' }).click();
  await expect(workflows(page, 'main').filter({ hasText: 'after a push' })).toHaveCount(2, SOON);
  await page.getByRole('button', { name: 'Run main again…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('A workflow for main is requested.')).toBeVisible();
  const byHand = workflows(page, 'main').filter({ hasText: `run by ${owner.name}` });
  await expect(byHand).toContainText('Handed over', SOON);
  await openTab(page, org, 'capstan');
  await expectState(page, 'Pipeline file', 'Healthy');
});

test('pushes that a deleted webhook did not announce are shown, run by hand, and run by themselves after Repair', async ({
  page,
  outside,
  service,
}) => {
  const { world, origins } = service.sandbox;
  const control = controlOf(origins.bitbucket);
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner, {
    branches: { next: { [PATH]: PIPELINE } },
  });
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'davit');
  await page.goto(activity(org, 'davit'));
  await compared(page);

  for (const hook of world.data.hooks.filter((each) => each.repository === repository.uuid)) {
    deleteHook(world, hook.uuid);
  }
  for (const branch of ['main', 'next']) {
    await control('pushFile', { repository: fullName, branch, path: 'missed.txt', content: branch });
  }
  await openTab(page, org, 'davit');
  await expectState(page, 'Webhook', 'Broken');
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByRole('button', { name: 'Check for missed pushes' }).click();
  const missed = page.getByRole('region', { name: 'Missed pushes' });
  await expect(missed.getByRole('listitem')).toHaveCount(2, SOON);
  await expect(missed).toContainText(/Pushes to next were not announced to us between .+ and .+\./);
  await expectAccessible(page);

  await missed.getByRole('button', { name: 'Run next' }).click();
  await expect(workflows(page, 'next')).toContainText(`for a missed push, run by ${owner.name}`, SOON);
  await expect(missed.getByRole('listitem')).toHaveCount(1);

  await page.goto(repositoryTab(org, 'davit'));
  await settled(page);
  await confirm(page, 'Webhook', 'Repair');
  await expectState(page, 'Webhook', 'Healthy');
  await page.getByRole('link', { name: 'Activity' }).click();
  await expect(workflows(page, 'main')).toContainText('for a missed push, run by itself', SOON);
  await expect(workflows(page, 'main')).toContainText('Handed over', SOON);
  await expect(missed).toBeHidden();
  await expect(workflows(page, 'next')).toHaveCount(1);
});
