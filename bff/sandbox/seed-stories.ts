/** The workspace "Quayside": one repository for each ready-made story, so that no story disturbs another. */
import { samplePipeline } from './sample-pipeline.ts';
import type { Repository, Workspace } from './state.ts';

/** One commit of a seeded repository: the whole content of the named files; null deletes a file. */
export interface SeedCommit {
  branch: string;
  /** Start of a new branch; without it the commit follows the branch's last one. */
  from?: string;
  author: string;
  at: string;
  message: string;
  files: Record<string, string | null>;
  tag?: string;
}

const QUAYSIDE = '{e83b61d7-4c0f-4a92-b5d8-2f7a9c1e6004}';

/** By slug, as seeded. */
export const storyRepositories = {
  'crane-control': '{3e9d04b7-61fa-4c28-9b53-a7c2e8d1f201}',
  'dock-schedule': '{90c7f25e-b3d4-4186-8e0a-5d1f6b9c3202}',
  'signal-flags': '{6a18d3c9-07e5-4fb2-a4d6-c3908e7b5203}',
  'harbour-bell': '{d5f7b820-9c3e-4a61-87d4-1e2b6a0c9204}',
  'customs-desk': '{1b64e9a3-d8f0-4527-9ca1-7f5e3d2b8205}',
  gatehouse: '{f8032c6d-5ae1-4b97-b06f-94d7c1e8a206}',
  'fog-horn': '{472ea5f1-8b9d-4c03-a6e7-b1d0f3c95207}',
  'ferry-tickets': '{bc91d470-2e6f-4835-91fa-6a8c5e7d0208}',
  'rope-walk': '{05a3e8c7-f14b-4d69-8270-d9e6b3f1c209}',
  'net-mending': '{e1d6c052-7398-4fa4-b8cb-2c4d0f9a7210}',
  'lamp-room': '{8c4fb1e6-a05d-4279-93d8-5e7f1a6c0211}',
  'tide-gauge': '{27e0d9b4-c6f8-4513-ae72-f8b3c5d9e212}',
  breakwater: '{5d8a7c13-e92f-4064-8bd5-0a1e6f4b3213}',
  'new-slipway': '{a9b2f6e8-1d47-4c5a-97e0-83d6c2f0b214}',
  shipyard: '{c6e51a09-f3b8-47d2-a0c4-e7f95d8b6215}',
} as const;

export type StorySlug = keyof typeof storyRepositories;

const author = 'Nora Lindqvist <nora@harbour.example>';
const titleOf = (slug: string) => `${slug.charAt(0).toUpperCase()}${slug.slice(1)}`.replaceAll('-', ' ');

const first = (slug: StorySlug): SeedCommit => ({
  branch: 'main',
  author,
  at: '2026-07-01T08:00:00Z',
  message: 'Begin',
  files: { 'README.md': `# ${titleOf(slug)}\n`, Makefile: 'test:\n\techo ok\n' },
});
const build = (slug: StorySlug, branch = 'main'): SeedCommit => ({
  branch,
  ...(branch === 'main' ? {} : { from: 'main' }),
  author,
  at: '2026-07-02T09:30:00Z',
  message: 'Build every push',
  files: { '.semaphore/semaphore.yml': samplePipeline(titleOf(slug)) },
});

const history = (slug: StorySlug): SeedCommit[] => {
  switch (slug) {
    case 'new-slipway':
      return [];
    case 'net-mending':
      return [first(slug)];
    case 'tide-gauge':
      return [first(slug), build(slug, 'feature/pipeline')];
    case 'breakwater':
      // A second branch, so that one is left when the first goes.
      return [
        first(slug),
        build(slug),
        { ...build(slug, 'trunk'), files: { 'NOTES.md': 'Soon the main one.\n' } },
      ];
    default:
      return [first(slug), build(slug)];
  }
};

const slugs = Object.keys(storyRepositories) as StorySlug[];

/** What the repositories hold, by UUID; one without an entry is empty. */
export const storyCommits: Record<string, SeedCommit[]> = Object.fromEntries(
  slugs
    .map((slug) => [storyRepositories[slug], history(slug)] as const)
    .filter(([, commits]) => commits.length > 0),
);

type Ids = Record<'nora' | 'tomas' | 'ines' | 'pim', string>;

export const storyWorkspace = (people: Ids): Workspace => ({
  uuid: QUAYSIDE,
  slug: 'quayside',
  name: 'Quayside',
  members: [
    { person: people.nora, owner: true },
    { person: people.tomas, owner: false },
    { person: people.ines, owner: false },
    { person: people.pim, owner: false },
  ],
});

/** Nora owns the workspace; two stories need somebody whose right and grant can go without hers. */
export const listStoryRepositories = (people: Ids): Repository[] =>
  slugs.map((slug) => ({
    uuid: storyRepositories[slug],
    workspace: QUAYSIDE,
    slug,
    name: titleOf(slug),
    description: '',
    isPrivate: true,
    mainbranch: slug === 'new-slipway' ? null : 'main',
    createdOn: '2026-07-01T07:55:00.000000+00:00',
    updatedOn: '2026-07-02T09:30:00.000000+00:00',
    formerNames: [],
    permissions: [
      ...(slug === 'rope-walk' ? [{ person: people.tomas, permission: 'admin' as const }] : []),
      ...(slug === 'ferry-tickets' ? [{ person: people.ines, permission: 'admin' as const }] : []),
      { person: people.pim, permission: 'read' },
    ],
  }));
