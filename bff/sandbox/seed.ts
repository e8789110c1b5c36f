import { samplePipeline } from './sample-pipeline.ts';
import { secretOf } from './secrets.ts';
import type { SeedCommit } from './seed-stories.ts';
import { listStoryRepositories, storyCommits, storyWorkspace } from './seed-stories.ts';
import type { Email, OAuthClient, Person, Repository, Service, Workspace, WorldData } from './state.ts';
import { usualQuirks } from './state.ts';

const people = {
  nora: '{5b0f2f0e-7c1d-4a36-9d0c-61a3b6c7e201}',
  tomas: '{0d8a4c52-93f7-4f5e-8a5b-2f6de1c4b302}',
  yuki: '{c3a1e7d4-58b2-4c09-b7f3-9e04d5a6f403}',
  samir: '{7e94b1a6-2d60-4be8-a1c5-83f7c0d9e504}',
  greta: '{a86d3f19-e4c7-4d12-95b0-17c2e8f3a605}',
  seun: '{f217c5e0-6b3a-4895-8e4d-40b9a7d1c706}',
  pim: '{2c59e8b7-10d4-4f63-bc28-d5e6f7a8b807}',
  ines: '{94d0a3c6-8f5e-4b71-a69d-0e1f2c3b4908}',
} as const;

const workspaces = {
  harbour: '{1a7d9c40-5e2b-4f86-93a1-b0c4d8e6f001}',
  tidemark: '{6f3b8e21-c4d7-4a59-8b60-e2f1a9d7c002}',
  nora: '{d45c2a97-0b6e-4183-af3d-79e8c5b1a003}',
} as const;

/** Repositories whose content `seedCommits` describes, by a short name. */
const repositories = {
  pilot: '{e0b7f4a1-39c2-4d68-95e7-5a6b1c2d3101}',
  buoy: '{48c6d9e3-a7f0-4b15-8c2e-f3d4e5a6b102}',
  empty: '{b91e5c07-d286-4f3a-a4b9-08c7d6e5f103}',
  charts: '{73f2a8d5-1e4b-4c90-b6d7-9a8b7c6d5104}',
  moon: '{0c4e6b92-f85d-4a37-81f6-e7d8c9b0a105}',
  handbook: '{d6a9173e-4c0b-4e52-9f8a-1b2c3d4e5106}',
  scratch: '{25f8c0d1-b7e3-4694-ad5c-6f7e8d9c0107}',
} as const;

/** The repository that everything is well with. */
export const pilotRepository: string = repositories.pilot;

const nora = 'Nora Lindqvist <nora@harbour.example>';
const tomas = 'Tomás Ribeiro <tomas@harbour.example>';
const seun = 'Oluwaseun Adeyemi <seun@tidemark.example>';

/** What the seeded repositories hold, by UUID. A repository without an entry is empty. */
export const seedCommits: Record<string, SeedCommit[]> = {
  ...storyCommits,
  [repositories.pilot]: [
    {
      branch: 'main',
      author: nora,
      at: '2026-03-02T08:15:00Z',
      message: 'Begin the pilot service',
      files: {
        'README.md': '# Pilot API\n\nTells ships where to berth.\n',
        'src/berths.js': 'export const berths = 12;\n',
      },
    },
    {
      branch: 'main',
      author: tomas,
      at: '2026-03-04T10:40:00Z',
      message: 'Build every push',
      files: { '.semaphore/semaphore.yml': samplePipeline('Pilot API'), Makefile: 'test:\n\techo ok\n' },
      tag: 'v1.0.0',
    },
    {
      branch: 'feature/tide-tables',
      from: 'main',
      author: tomas,
      at: '2026-03-09T14:05:00Z',
      message: 'Read the tide tables',
      files: { 'src/tides.js': "export const source = 'almanac';\n" },
    },
  ],
  [repositories.buoy]: [
    {
      branch: 'main',
      author: tomas,
      at: '2026-04-11T09:00:00Z',
      message: 'Draw a buoy',
      files: { 'index.html': '<!doctype html><title>Buoy</title>\n' },
    },
    {
      branch: 'develop',
      from: 'main',
      author: nora,
      at: '2026-04-15T16:20:00Z',
      message: 'Build on develop',
      files: { '.semaphore/semaphore.yml': samplePipeline('Buoy UI') },
    },
  ],
  [repositories.charts]: [
    {
      branch: 'main',
      author: nora,
      at: '2026-01-20T12:00:00Z',
      message: 'Add the first sea chart',
      files: { 'charts/bay.txt': 'depth 14 m\n', 'README.md': '# Charts\n' },
    },
  ],
  [repositories.moon]: [
    {
      branch: 'main',
      author: seun,
      at: '2025-11-03T07:30:00Z',
      message: 'Compute the phase of the moon',
      files: { 'moon.py': 'PHASES = 8\n', '.semaphore/semaphore.yml': samplePipeline('Moon phase') },
    },
  ],
  [repositories.handbook]: [
    {
      branch: 'main',
      author: seun,
      at: '2026-02-14T11:11:00Z',
      message: 'Start the handbook',
      files: { 'handbook.md': '# How we work\n' },
    },
    {
      branch: 'feature/pipeline',
      from: 'main',
      author: seun,
      at: '2026-02-16T13:45:00Z',
      message: 'Try a pipeline',
      files: { '.semaphore/semaphore.yml': samplePipeline('Handbook') },
    },
  ],
  [repositories.scratch]: [
    {
      branch: 'main',
      author: nora,
      at: '2026-05-30T19:00:00Z',
      message: 'Keep a note',
      files: { 'notes.txt': 'remember the anchor\n', 'ci/pipeline.yml': samplePipeline('Scratch') },
    },
  ],
};

/** Grows when the seed gains something that a world saved earlier has to gain too. */
const SEEDED = 2;

/** Gives a world that an older sandbox saved what the seed gained since; what people deleted meanwhile stays deleted. */
export function growSeed(data: WorldData): void {
  if (data.seeded >= SEEDED) return;
  const workspace = storyWorkspace(people);
  if (!data.workspaces.some((each) => each.uuid === workspace.uuid)) {
    data.workspaces.push(workspace);
    data.repositories.push(...listStoryRepositories(people));
  }
  data.seeded = SEEDED;
}

const confirmed = (email: string): Email => ({ email, primary: true, confirmed: true });

function person(
  service: Service,
  id: string,
  nickname: string,
  name: string,
  createdOn: string,
  emails: Email[],
): Person {
  const accountId =
    service === 'bitbucket' ? `712020:${id.slice(1, -1).split('').reverse().join('').slice(0, 36)}` : '';
  return { service, id, accountId, nickname, name, emails, createdOn };
}

function client(service: Service, publicUrl: string): OAuthClient {
  const scopes = {
    bitbucket: ['account', 'email', 'repository', 'repository:admin', 'webhook', 'pullrequest'],
    github: ['read:user', 'user:email'],
    gitlab: ['read_user'],
  }[service];
  const shape = { bitbucket: [32, 76], github: [20, 40], gitlab: [64, 64] } as const;
  const [id, secret] = shape[service];
  return {
    service,
    id: secretOf(id),
    secret: secretOf(secret),
    name: 'Semaphore',
    callback: `${publicUrl}/auth/${service}/callback`,
    scopes,
  };
}

/**
 * The usual beginning: eight people at Bitbucket, three at GitHub, two at GitLab, four workspaces, seven repositories to play
 * with and one for each story.
 * `publicUrl` is the product's address, where the registered callbacks lead.
 */
export function seedWorld(publicUrl = 'http://localhost:3000'): WorldData {
  const bitbucketPeople = [
    person('bitbucket', people.nora, 'nora', 'Nora Lindqvist', '2019-02-11T08:00:00.000000+00:00', [
      confirmed('nora@harbour.example'),
      { email: 'nora.lindqvist@post.example', primary: false, confirmed: true },
    ]),
    person('bitbucket', people.tomas, 'tomas', 'Tomás Ribeiro', '2020-06-01T10:30:00.000000+00:00', [
      confirmed('tomas@harbour.example'),
    ]),
    // The primary address was never confirmed.
    person('bitbucket', people.yuki, 'yuki', 'Yuki Arakawa', '2026-10-02T03:00:00.000000+00:00', [
      { email: 'yuki@tidemark.example', primary: true, confirmed: false },
    ]),
    person('bitbucket', people.samir, 'samir', 'Samir Haddad', '2024-08-19T15:45:00.000000+00:00', []),
    // The same address as a person at GitHub, written differently.
    person('bitbucket', people.greta, 'greta-v', 'Greta Vogel', '2021-12-24T12:00:00.000000+00:00', [
      confirmed('Greta.Vogel@Harbour.example'),
    ]),
    // Was called "oluwaseun" until lately.
    person('bitbucket', people.seun, 'seun', 'Oluwaseun Adeyemi', '2018-04-05T06:07:00.000000+00:00', [
      confirmed('seun@tidemark.example'),
      { email: 'seun.adeyemi@post.example', primary: false, confirmed: false },
    ]),
    person('bitbucket', people.pim, 'pim', 'Pim de Wit', '2025-01-08T09:09:00.000000+00:00', [
      confirmed('pim@polder.example'),
    ]),
    person('bitbucket', people.ines, 'ines', 'Inès Moreau', '2023-03-30T17:00:00.000000+00:00', [
      confirmed('ines@tidemark.example'),
    ]),
  ];
  const githubPeople = [
    person('github', '5810421', 'gretav', 'Greta Vogel', '2017-05-17T09:00:00Z', [
      confirmed('greta.vogel@harbour.example'),
    ]),
    person('github', '7743190', 'ines-moreau', 'Inès Moreau', '2018-09-01T09:00:00Z', [
      confirmed('ines.moreau@post.example'),
    ]),
    person('github', '9020417', 'bram', 'Bram Okafor', '2022-02-22T22:22:00Z', [
      { email: 'bram@polder.example', primary: true, confirmed: false },
    ]),
  ];
  const gitlabPeople = [
    person('gitlab', '310442', 'tribeiro', 'Tomás Ribeiro', '2020-06-02T10:30:00.000Z', [
      confirmed('tomas@harbour.example'),
    ]),
    person('gitlab', '598817', 'kaspar', 'Kaspar Holm', '2021-07-13T10:30:00.000Z', [
      confirmed('kaspar@fjord.example'),
    ]),
  ];
  const places: Workspace[] = [
    {
      uuid: workspaces.harbour,
      slug: 'harbour-works',
      name: 'Harbour Works',
      members: [
        { person: people.nora, owner: true },
        { person: people.tomas, owner: false },
        { person: people.greta, owner: false },
        { person: people.pim, owner: false },
      ],
    },
    {
      uuid: workspaces.tidemark,
      slug: 'tidemark',
      name: 'Tidemark Studio',
      members: [
        { person: people.seun, owner: true },
        { person: people.ines, owner: false },
        { person: people.nora, owner: false },
        { person: people.yuki, owner: false },
      ],
    },
    {
      uuid: workspaces.nora,
      slug: 'nora-lindqvist',
      name: 'Nora Lindqvist',
      members: [{ person: people.nora, owner: true }],
    },
    storyWorkspace(people),
  ];
  const repository = (
    uuid: string,
    workspace: string,
    slug: string,
    name: string,
    rest: Partial<Repository> = {},
  ): Repository => ({
    uuid,
    workspace,
    slug,
    name,
    description: '',
    isPrivate: true,
    mainbranch: 'main',
    createdOn: '2025-10-01T08:00:00.000000+00:00',
    updatedOn: '2026-06-01T08:00:00.000000+00:00',
    formerNames: [],
    permissions: [],
    ...rest,
  });
  return {
    version: 1,
    clockOffset: 0,
    quirks: { ...usualQuirks },
    clients: [client('bitbucket', publicUrl), client('github', publicUrl), client('gitlab', publicUrl)],
    people: [...bitbucketPeople, ...githubPeople, ...gitlabPeople],
    sessions: [],
    consents: [],
    codes: [],
    grants: [],
    accessTokens: [],
    refreshTokens: [],
    revokedRefreshTokens: [],
    lockouts: {},
    workspaces: places,
    repositories: [
      repository(repositories.pilot, workspaces.harbour, 'pilot-api', 'Pilot API', {
        description: 'Tells ships where to berth',
        permissions: [
          { person: people.tomas, permission: 'admin' },
          { person: people.greta, permission: 'write' },
          { person: people.pim, permission: 'read' },
        ],
      }),
      repository(repositories.buoy, workspaces.harbour, 'buoy-ui', 'Buoy UI', {
        mainbranch: 'develop',
        permissions: [
          { person: people.tomas, permission: 'write' },
          { person: people.greta, permission: 'admin' },
        ],
      }),
      repository(repositories.empty, workspaces.harbour, 'empty-berth', 'Empty berth', {
        mainbranch: null,
        permissions: [{ person: people.tomas, permission: 'admin' }],
      }),
      repository(repositories.charts, workspaces.harbour, 'charts', 'Charts', {
        permissions: [{ person: people.pim, permission: 'write' }],
      }),
      repository(repositories.moon, workspaces.tidemark, 'moon-phase', 'Moon phase', {
        formerNames: ['tidemark/lunar'],
        permissions: [
          { person: people.ines, permission: 'admin' },
          { person: people.nora, permission: 'read' },
        ],
      }),
      repository(repositories.handbook, workspaces.tidemark, 'handbook', 'Handbook', {
        isPrivate: false,
        permissions: [
          { person: people.ines, permission: 'write' },
          { person: people.yuki, permission: 'admin' },
        ],
      }),
      repository(repositories.scratch, workspaces.nora, 'scratch', 'Scratch'),
      ...listStoryRepositories(people),
    ],
    deployKeys: [],
    nextKeyId: 4200101,
    hooks: [],
    statuses: [],
    seeded: SEEDED,
    stories: { joined: [], told: {} },
  };
}
