/** The ready-made stories, in the order in which they are shown. */
import type { Place } from '../place.ts';
import { renameRepository, revokeAccess, setPermission } from '../play.ts';
import { deleteHook, deleteKey, editHook, stopKey, swapKey } from '../play-keys-and-hooks.ts';
import { deleteBranch, emptyRepository, pushFile, setMainBranch } from '../play-source.ts';
import { samplePipeline } from '../sample-pipeline.ts';
import { pilotRepository } from '../seed.ts';
import type { StorySlug } from '../seed-stories.ts';
import { storyRepositories } from '../seed-stories.ts';
import type { Repository } from '../state.ts';
import { clientOf, personNamed } from '../world.ts';
import type { Deed, Story } from './story.ts';

const PIPELINE_FILE = '.semaphore/semaphore.yml';
const RELEASE_FILE = '.semaphore/release.yml';

const keysOf = ({ world }: Place, { uuid }: Repository) =>
  world.data.deployKeys.filter((each) => each.repository === uuid);
const hooksOf = ({ world }: Place, { uuid }: Repository) =>
  world.data.hooks.filter((each) => each.repository === uuid);

const pushes = (button: string, path = PIPELINE_FILE): Deed => ({
  button,
  run: (place, repository) =>
    pushFile(place, repository, {
      branch: repository.mainbranch ?? 'main',
      path,
      content: samplePipeline(repository.name),
    }),
});
const deletes = (button: string, path = PIPELINE_FILE): Deed => ({
  button,
  async run(place, repository) {
    const branch = repository.mainbranch;
    const head = branch && (await place.git.resolve(repository, branch));
    if (!head || !(await place.git.entry(repository, head, path))) return;
    await pushFile(place, repository, { branch, path, content: null });
  },
});

/** A story whose one project is called like its repository. */
const on = (slug: StorySlug, story: Pick<Story, 'title' | 'tells'> & Partial<Story>): Story => ({
  id: slug,
  owner: 'nora',
  repository: storyRepositories[slug],
  projects: [{ name: slug }],
  happens: null,
  mends: null,
  ...story,
});

export const stories: Story[] = [
  {
    id: 'pilot-api',
    title: 'A healthy project',
    tells: 'Every check passes: this is what the others want to be.',
    owner: 'nora',
    repository: pilotRepository,
    projects: [{ name: 'pilot-api' }],
    happens: null,
    mends: null,
  },
  on('crane-control', {
    title: 'The webhook was deleted',
    tells: 'Pushes start nothing any more. Repair makes a new webhook.',
    happens: {
      button: 'Delete the webhook',
      run(place, repository) {
        for (const { uuid } of hooksOf(place, repository)) deleteHook(place.world, uuid);
      },
    },
  }),
  on('dock-schedule', {
    title: 'The deploy key was removed',
    tells: 'The repository cannot be read any more: “Permission denied (publickey)”. Repair makes a new key.',
    happens: {
      button: 'Remove the deploy key',
      run(place, repository) {
        for (const { id } of keysOf(place, repository)) deleteKey(place.world, id);
      },
    },
  }),
  on('fog-horn', {
    title: 'The repository was renamed',
    tells: 'Found by its UUID under its new name; one button updates the URL.',
    happens: {
      button: 'Rename it to foghorn',
      run(place, repository) {
        if (repository.slug !== 'foghorn') renameRepository(place.world, repository, 'foghorn');
      },
    },
    mends: {
      button: 'Rename it back to fog-horn',
      run(place, repository) {
        if (repository.slug !== 'fog-horn') renameRepository(place.world, repository, 'fog-horn');
      },
    },
  }),
  on('ferry-tickets', {
    title: 'The token owner revoked the app',
    tells:
      'The project uses the grant of Inès Moreau, who took it back at Bitbucket, and her key went with it. Somebody else takes over, or Inès logs in again.',
    owner: 'ines',
    happens: {
      button: 'Revoke what Inès granted',
      run({ world }) {
        const ines = personNamed(world, 'bitbucket', 'ines');
        revokeAccess(world, 'bitbucket', ines.id, clientOf(world, 'bitbucket').id);
      },
    },
  }),
  on('rope-walk', {
    title: 'The token owner is no admin any more',
    tells: 'Tomás Ribeiro created the project and has lost his admin right on the repository since.',
    owner: 'tomas',
    happens: {
      button: 'Take the admin right from Tomás',
      run: ({ world }, repository) =>
        setPermission(world, repository, personNamed(world, 'bitbucket', 'tomas').id, 'write'),
    },
    mends: {
      button: 'Give Tomás the admin right',
      run: ({ world }, repository) =>
        setPermission(world, repository, personNamed(world, 'bitbucket', 'tomas').id, 'admin'),
    },
  }),
  on('gatehouse', {
    title: 'SSH refuses a key that is listed',
    tells: 'The key stands in the list, and the login with it fails all the same.',
    happens: {
      button: 'Let SSH refuse the key',
      run(place, repository) {
        for (const key of keysOf(place, repository)) stopKey(place.world, key, true);
      },
    },
    mends: {
      button: 'Let SSH take the key',
      run(place, repository) {
        for (const key of keysOf(place, repository)) stopKey(place.world, key, false);
      },
    },
  }),
  on('customs-desk', {
    title: 'Another key under the remembered id',
    tells: 'The key of this id is not the one that the project made.',
    happens: {
      button: 'Put another key in its place',
      run(place, repository) {
        for (const key of keysOf(place, repository)) swapKey(place.world, key);
      },
    },
  }),
  on('signal-flags', {
    title: 'The webhook was deactivated',
    tells: 'It is there, and tells nothing.',
    happens: {
      button: 'Deactivate the webhook',
      run(place, repository) {
        for (const hook of hooksOf(place, repository)) editHook(place.world, hook, { active: false });
      },
    },
    mends: {
      button: 'Activate the webhook',
      run(place, repository) {
        for (const hook of hooksOf(place, repository)) editHook(place.world, hook, { active: true });
      },
    },
  }),
  on('harbour-bell', {
    title: 'The webhook leads elsewhere',
    tells: 'Somebody changed its address by hand.',
    happens: {
      button: 'Change its address',
      run(place, repository) {
        const url = 'https://old-ci.harbour.example/hooks/7';
        for (const hook of hooksOf(place, repository)) editHook(place.world, hook, { url });
      },
    },
  }),
  on('net-mending', {
    title: 'There is no pipeline file',
    tells: 'No branch of the repository has one.',
    happens: deletes('Delete the file'),
    mends: pushes('Push the file'),
  }),
  on('lamp-room', {
    title: 'The project names a wrong path',
    tells: `It wants ${RELEASE_FILE}; the repository has ${PIPELINE_FILE}. The path is changed in the General settings.`,
    projects: [{ name: 'lamp-room', pipelineFile: RELEASE_FILE }],
    happens: deletes(`Delete ${RELEASE_FILE}`, RELEASE_FILE),
    mends: pushes(`Push ${RELEASE_FILE}`, RELEASE_FILE),
  }),
  on('tide-gauge', {
    title: 'The pipeline file is on another branch only',
    tells: 'The branch feature/pipeline has it, and nobody merged it into main.',
    happens: deletes('Delete it from main'),
    mends: pushes('Push it to main'),
  }),
  on('breakwater', {
    title: 'The default branch is gone',
    tells: 'main was deleted, although the repository still names it as its default branch.',
    happens: {
      button: 'Delete the branch main',
      async run(place, repository) {
        if (!(await place.git.resolve(repository, 'main'))) {
          if (repository.mainbranch === 'main') return;
          await pushFile(place, repository, { branch: 'main', path: 'NOTES.md', content: 'Back again.\n' });
        }
        await setMainBranch(place, repository, 'main');
        await deleteBranch(place, repository, 'main');
      },
    },
    mends: {
      button: 'Make trunk the default branch',
      run: (place, repository) => setMainBranch(place, repository, 'trunk'),
    },
  }),
  on('new-slipway', {
    title: 'The repository is empty',
    tells: 'Nothing was ever pushed, so there is no branch to look at.',
    happens: { button: 'Empty it', run: emptyRepository },
    mends: pushes('Push a first commit'),
  }),
  on('shipyard', {
    title: 'Two projects on one repository',
    tells: 'Each has a deploy key and a webhook of its own; repairing one leaves the other alone.',
    projects: [{ name: 'shipyard' }, { name: 'shipyard-nightly' }],
  }),
];
