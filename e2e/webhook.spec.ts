import { deleteHook, editHook } from '../bff/sandbox/play-keys-and-hooks.ts';
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
import { expect, test } from './fixtures/test.ts';

test('every cause of a webhook that does not work is named, and Repair mends it', async ({
  page,
  outside,
  service,
}) => {
  const { world } = service.sandbox;
  const owner = outside.someoneAt('bitbucket');
  const { repository, fullName } = await repositoryOf(service, owner);
  const org = await openOrganization(page, owner);
  await createProject(page, org, fullName, 'lantern');
  const hooks = () => world.data.hooks.filter((hook) => hook.repository === repository.uuid);
  // Somebody else's, with our title: it has to be there untouched in the end.
  const [ours] = hooks();
  if (!ours) throw new Error('There is no webhook.');
  const foreign = {
    ...ours,
    uuid: '{0a7c9f14-58d2-4f0b-8a11-3f5e7c9b2d64}',
    url: 'https://other.example/hook',
  };
  world.data.hooks.push(foreign);
  const untouched = structuredClone(foreign);
  const own = () => {
    const [hook] = hooks().filter(({ uuid }) => uuid !== foreign.uuid);
    if (!hook) throw new Error('There is no webhook of ours.');
    return hook;
  };

  const breaks = [
    { how: () => deleteHook(world, own().uuid), words: /deleted at Bitbucket/ },
    { how: () => editHook(world, own(), { active: false }), words: /switched off at Bitbucket/ },
    { how: () => editHook(world, own(), { url: 'https://elsewhere.example/' }), words: /elsewhere\.example/ },
    { how: () => editHook(world, own(), { events: ['repo:updated'] }), words: /repo:push/ },
    { how: () => editHook(world, own(), { secret: null }), words: /has no secret/ },
  ];
  for (const { how, words } of breaks) {
    how();
    await openTab(page, org, 'lantern');
    await expectStates(page, { Webhook: 'Broken' });
    await expect(row(page, 'Webhook')).toContainText(words);
    await confirm(page, 'Webhook', 'Repair');
    await expectState(page, 'Webhook', 'Healthy');
    await settled(page);
    await expectStates(page);
  }
  expect(world.data.hooks.find(({ uuid }) => uuid === foreign.uuid)).toEqual(untouched);
});
