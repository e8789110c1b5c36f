import { renameRepository } from '../bff/sandbox/play.ts';
import {
  createProject,
  expectStates,
  openOrganization,
  openTab,
  repositoryOf,
  settled,
} from './fixtures/projects.ts';
import { openTerminal, type Terminal } from './fixtures/sem.ts';
import { test as base, expect, type Page } from './fixtures/test.ts';

const test = base.extend<{ terminal: Terminal }>({
  terminal: async ({ service }, use) => {
    const terminal = await openTerminal(service.url);
    await use(terminal);
    await terminal.close();
  },
});

/** Makes a token on the account page and types the line that stands there. */
async function connect(page: Page, terminal: Terminal, organization: string): Promise<void> {
  await page.goto('/account');
  await page.getByLabel('Token name').fill('my laptop');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByLabel('New token')).toHaveValue(/\S{20,}/);
  const token = await page.getByLabel('New token').inputValue();
  const line = page.getByLabel(`To ${organization}`);
  await expect(line).toHaveValue(new RegExp(`^sem connect \\S+ ${token}$`));
  const typed = await line.inputValue();
  expect(await terminal.run(typed)).toEqual({
    status: 0,
    stdout: '',
    stderr: `connected to ${typed.split(' ')[2]}\n`,
  });
}

test('renamed at Bitbucket: `sem edit` with the new URL, and all is green', async ({
  page,
  outside,
  service,
  terminal,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const [workspace] = fullName.split('/');
  const org = await openOrganization(page, owner, 'Crew');
  await createProject(page, org, fullName, 'keel');
  await connect(page, terminal, 'Crew');

  renameRepository(service.sandbox.world, repository, 'new-keel');
  await openTab(page, org, 'keel');
  const main = page.getByRole('main');
  await expect(main).toContainText(`This repository is now ${workspace}/new-keel`);

  const url = `git@bitbucket.org:${workspace}/new-keel.git`;
  expect(await terminal.edit('keel', url)).toEqual({
    status: 0,
    stdout: "Project 'keel' updated.\n",
    stderr: '',
  });
  // The page that is open hears of it.
  await expect(main).not.toContainText('This repository is now');
  await settled(page);
  await expectStates(page);
  const field = page.getByLabel('Repository URL');
  await expect(field).toHaveValue(new RegExp(`${workspace}/new-keel\\.git$`));
  const listed = await terminal.run('sem get projects');
  expect(listed.stdout).toBe(`NAME   REPOSITORY\nkeel   ${await field.inputValue()}\n`);

  await page.goto('/account');
  await expect(page.getByRole('listitem', { name: 'my laptop' })).toContainText('last used');
});

test('a bad URL: the reason stands in the terminal, and nothing has changed', async ({
  page,
  outside,
  service,
  terminal,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner, 'Crew');
  await createProject(page, org, fullName, 'hull');
  const url = await page.getByLabel('Repository URL').inputValue();
  await connect(page, terminal, 'Crew');

  const { data } = service.sandbox.world;
  const madeAtBitbucket = () =>
    [...data.deployKeys, ...data.hooks].filter((each) => each.repository === repository.uuid);
  const before = structuredClone(madeAtBitbucket());
  const refusals: [url: string, message: RegExp][] = [
    ['nonsense', /^Unrecognized Git remote format 'nonsense'\. \S/],
    ['https://github.com/a/b', /^Unrecognized Git remote format 'https:\/\/github\.com\/a\/b'\. \S/],
    ['git@bitbucket.org:nobody/nothing.git', /^Repository not found\./],
  ];
  for (const [bad, message] of refusals) {
    const { stdout, stderr, status } = await terminal.edit('hull', bad);
    expect([status, stdout]).toEqual([1, '']);
    const [, said = '{}'] =
      /^error: http status 422 with message "(\{.*\})" received from upstream\n$/.exec(stderr) ?? [];
    expect(JSON.parse(said), stderr).toEqual({ message: expect.stringMatching(message) });
  }
  expect(madeAtBitbucket()).toEqual(before);
  const listed = await terminal.run('sem get projects');
  expect(listed.stdout).toBe(`NAME   REPOSITORY\nhull   ${url}\n`);
  await openTab(page, org, 'hull');
  await expectStates(page);
  await expect(page.getByLabel('Repository URL')).toHaveValue(url);
});

test('a revoked token: the terminal says so at the next command', async ({ page, outside, terminal }) => {
  const owner = outside.someoneAt('bitbucket');
  await openOrganization(page, owner, 'Crew');
  await connect(page, terminal, 'Crew');
  expect((await terminal.run('sem get projects')).stdout).toBe('NAME   REPOSITORY\n');
  await page.getByRole('listitem', { name: 'my laptop' }).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'is revoked' })).toBeVisible();
  expect(await terminal.run('sem get projects')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'error: http status 401 with message "{"message":"Unauthorized"}" received from upstream\n',
  });
});
