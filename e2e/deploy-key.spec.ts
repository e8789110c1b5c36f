import { deleteKey, stopKey, swapKey } from '../bff/sandbox/play-keys-and-hooks.ts';
import { expectAccessible } from './fixtures/accessible.ts';
import {
  confirm,
  createProject,
  expectState,
  expectStates,
  openOrganization,
  openTab,
  type Remote,
  repositoryOf,
  row,
  settled,
} from './fixtures/projects.ts';
import { expect, type Service, test } from './fixtures/test.ts';

const keysOf = ({ sandbox }: Service, { repository }: Remote) =>
  sandbox.world.data.deployKeys.filter((key) => key.repository === repository.uuid);

test('every cause of a deploy key that does not work is named, and Repair mends it', async ({
  page,
  outside,
  service,
}) => {
  const { world } = service.sandbox;
  const owner = outside.someoneAt('bitbucket');
  const remote = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, remote.fullName, 'anchor');
  await expectStates(page);
  await expect(row(page, 'Deploy Key')).toContainText('SHA256:');

  /** Keys that somebody put in the place of ours: not ours any more, so they stay. */
  const foreign = new Set<number>();
  const ours = () => keysOf(service, remote).filter(({ id }) => !foreign.has(id));
  const only = () => {
    const [key, ...more] = ours();
    if (!key || more.length > 0) throw new Error('There is not exactly one deploy key.');
    return key;
  };
  const swap = () => {
    foreign.add(only().id);
    for (const key of keysOf(service, remote)) if (foreign.has(key.id)) swapKey(world, key);
  };
  const breaks = [
    { how: () => deleteKey(world, only().id), words: /removed at Bitbucket/ },
    { how: swap, words: /Another key stands where ours was/ },
    { how: () => stopKey(world, only(), true), words: /Permission denied \(publickey\)\./ },
  ];
  for (const { how, words } of breaks) {
    how();
    await openTab(page, org, 'anchor');
    await expectStates(page, { 'Deploy Key': 'Broken' });
    await expect(row(page, 'Deploy Key')).toContainText(words);
    await expect(row(page, 'Deploy Key')).toContainText('Permission denied (publickey)');
    await confirm(page, 'Deploy Key', 'Repair');
    await expectState(page, 'Deploy Key', 'Healthy');
    await settled(page);
    await expectStates(page);
    expect(ours()).toHaveLength(1);
    expect(keysOf(service, remote)).toHaveLength(1 + foreign.size);
  }
});

test('a healthy deploy key is regenerated: another one comes, the old one goes', async ({
  page,
  outside,
  service,
}) => {
  const owner = outside.someoneAt('bitbucket');
  const remote = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, remote.fullName, 'buoy');
  const [before] = keysOf(service, remote);
  await expectAccessible(page);
  await row(page, 'Deploy Key').getByRole('button', { name: 'Regenerate', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button').last()).toHaveAccessibleName('Regenerate');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Regenerate', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => keysOf(service, remote).map(({ key }) => key)).not.toContain(before?.key);
  await settled(page);
  await expectStates(page);
  expect(keysOf(service, remote)).toHaveLength(1);
});
