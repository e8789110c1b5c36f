import { controlOf } from '../bff/sandbox/control.ts';
import {
  changeClientScopes,
  createRepository,
  deleteRepository,
  renameRepository,
} from '../bff/sandbox/play.ts';
import { clientOf, workspaceOf } from '../bff/sandbox/world.ts';
import {
  createProject,
  expectState,
  expectStates,
  openOrganization,
  openTab,
  type Remote,
  repositoryOf,
  repositoryTab,
  row,
  settled,
} from './fixtures/projects.ts';
import { startService } from './fixtures/service.ts';
import { expect, test } from './fixtures/test.ts';

/** Each way in which what is below everything goes: what the rows then say, and the words of the root cause. */
const FOUNDATIONS = [
  {
    name: 'the repository was deleted',
    how: ({ sandbox }, { repository }) => deleteRepository(sandbox.world, repository),
    states: {
      'OAuth API token owner': 'Broken',
      'Deploy Key': 'Broken',
      Webhook: 'Broken',
      'Pipeline file': 'Broken',
    },
    words: /shows (you|.*) no repository .* any more/,
  },
  {
    name: 'the default branch is gone',
    how: ({ sandbox }, { fullName: repository }) =>
      controlOf(sandbox.origins.bitbucket)('deleteBranch', { repository, branch: 'main' }),
    states: { 'Pipeline file': 'Broken' },
    words: /default branch main does not exist/,
  },
  {
    name: 'its old name was taken by another repository',
    how: ({ sandbox: { world } }, { repository }) => {
      const { slug } = repository;
      renameRepository(world, repository, `${slug}-at-sea`);
      createRepository(world, workspaceOf(world, repository), slug);
    },
    states: { 'Deploy Key': 'Broken', 'Pipeline file': 'Broken' },
    words: /is now .*-at-sea/,
  },
] as const satisfies {
  name: string;
  how: (service: Parameters<typeof repositoryOf>[0], remote: Remote) => unknown;
  states: Parameters<typeof expectStates>[1];
  words: RegExp;
}[];

for (const { name, how, states, words } of FOUNDATIONS) {
  test(`${name}: every row says so, and the cause stands above them`, async ({ page, outside, service }) => {
    const owner = outside.someoneAt('bitbucket');
    const remote = await repositoryOf(service, owner);
    const org = await openOrganization(page, owner);
    await createProject(page, org, remote.fullName, 'keelson');
    await how(service, remote);
    await openTab(page, org, 'keelson');
    await expectStates(page, states);
    await expect(page.getByRole('main')).toContainText(words);
  });
}

test('a grant that covers too little names what it lacks, and a changed OAuth client takes the keys with it', async ({
  page,
  outside,
  service,
}) => {
  const { world } = service.sandbox;
  const owner = outside.someoneAt('bitbucket');
  const { fullName } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'capstan');
  const client = clientOf(world, 'bitbucket');
  const { scopes } = client;
  const grants = world.data.grants.filter(({ person }) => person === owner.id);
  for (const grant of grants) grant.scopes = scopes.filter((scope) => scope !== 'webhook');
  world.changed();
  await openTab(page, org, 'capstan');
  await expectState(page, 'OAuth API token owner', 'Broken');
  await expect(row(page, 'OAuth API token owner')).toContainText('webhook');
  await expectState(page, 'Webhook', 'Not checked');
  for (const grant of grants) grant.scopes = scopes;
  world.changed();
  await openTab(page, org, 'capstan');
  await expectStates(page);

  // Whoever runs the service changes the OAuth client: Bitbucket then drops the keys that were made through it.
  changeClientScopes(world, client.id, [...scopes]);
  await openTab(page, org, 'capstan');
  await expectStates(page, { 'Deploy Key': 'Broken' });
});

test('a repair goes on while the page is loaded again, and ends by itself', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'davit');
  outside.fault('bitbucket:* /2.0/repositories/*/hooks*', 'slow', { delay: 2_500 });
  await row(page, 'Webhook').getByRole('button', { name: 'Regenerate', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Regenerate', exact: true }).click();
  await expect(row(page, 'Webhook')).toHaveAttribute('aria-busy', 'true');
  await page.goto(repositoryTab(org, 'davit'));
  await settled(page);
  await expectStates(page);
  await expect(page.getByRole('status').filter({ hasText: /a new webhook was made/ })).toBeVisible();
  expect(service.sandbox.world.data.hooks.filter((hook) => hook.repository === repository.uuid)).toHaveLength(
    1,
  );
});

test('a server that shows another host key gets no login, and the page says what it showed', async ({
  page,
  outside,
}) => {
  // A world of its own: its host key changes for everybody in it.
  const service = await startService();
  try {
    const owner = outside.someoneAt('bitbucket');
    service.sandbox.world.data.people.push(owner);
    const { fullName } = await repositoryOf(service, owner);
    await page.goto(`${service.url}/login`);
    const away = new URL(service.url).origin;
    await page.goto(away);
    await page.goto(`${away}/signup`);
    await page.getByRole('button', { name: 'Log in with Bitbucket', exact: true }).click();
    await page.getByRole('button', { name: `Log in as ${owner.name}`, exact: true }).click();
    await page.getByRole('button', { name: 'Grant access' }).click();
    await page.waitForURL(`${away}/organizations/new`);
    await page.getByLabel('Name', { exact: true }).fill('Crew');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.waitForURL(`${away}/organizations/crew`);
    await page.goto(`${away}/organizations/crew/projects/new`);
    await page.getByRole('radio', { name: fullName }).check();
    await page.getByLabel('Project name').fill('beacon');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(away + repositoryTab('crew', 'beacon'));
    await settled(page);
    await expectStates(page);
    await service.sandbox.changeHostKey();
    await page.waitForTimeout(5_000);
    await page.goto(away + repositoryTab('crew', 'beacon'));
    await settled(page);
    await expectStates(page, { 'Deploy Key': 'Broken' });
    await expect(row(page, 'Deploy Key')).toContainText(/It presented SHA256:/);
    await expect(row(page, 'Deploy Key').getByRole('button', { name: 'Repair' })).toHaveCount(0);
    // Before its tab would ask a service that is no more.
    await page.goto('about:blank');
  } finally {
    await service.stop();
  }
});
