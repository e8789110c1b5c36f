/** Changes of projects from the command line: what they ask, what they move, who may, and what a refusal leaves alone. */
import { describe, expect, test } from 'vitest';
import { createRepository, renameRepository, revokeAccess, setPermission } from '../../sandbox/play.ts';
import { repositoryNamed, workspaceOf } from '../../sandbox/world.ts';
import { openTerminal, refusalIn, type Terminal } from '../../test/command-line.ts';
import { dump } from '../../test/dump.ts';
import { listen } from '../../test/event-stream.ts';
import { openHarbour } from '../../test/harbour.ts';
import { type Product, PUBLIC_URL } from '../../test/product.ts';
import {
  createOrganization,
  createReadyProject,
  type ReadyProject,
  readProject,
  readTab,
  signUp,
} from '../../test/projects.ts';
import type { RepositoryView } from '../app.ts';

const URL_OF = (fullName: string) => `git@bitbucket.org:${fullName}.git`;
const NO_ID = '00000000-0000-4000-8000-000000000000';
const MEMBERS_ONLY = 'Unauthorized. Only owners and admins of The harbour can do this.';

type Document = {
  metadata: Record<string, string>;
  spec: { repository: Record<string, unknown> } & Record<string, unknown>;
};

/** What `sem edit` does: gets the project, lets somebody change its file, and sends that. */
async function edit(sem: Terminal, name: string, change: (file: Document) => void) {
  const got = await sem.send('GET', `/projects/${name}`);
  expect(got.status, got.text).toBe(200);
  const file = JSON.parse(got.text) as Document;
  change(file);
  return sem.send('PATCH', `/projects/${file.metadata.id}`, file);
}

const editUrl = (sem: Terminal, url: string) =>
  edit(sem, 'pilot', (file) => {
    file.spec.repository.url = url;
    file.metadata.description = 'edited';
  });

const create = (sem: Terminal, name: string, url: string) =>
  sem.send('POST', '/projects', { metadata: { name }, spec: { repository: { url } } });

/** Everything but when tokens were used. */
async function dumpOf(product: Product) {
  const { api_token: _used, ...rest } = await dump(product);
  return rest;
}

function standing({ sandbox: { world } }: Product, repository: string) {
  return {
    keys: world.data.deployKeys.filter((each) => each.repository === repository),
    hooks: world.data.hooks.filter((each) => each.repository === repository),
  };
}

async function statesOf(product: Product, project: ReadyProject) {
  return (await readTab(product, project)).rows.map(({ subject, state, cause }) => [subject, state, cause]);
}

const ALL_WELL = [
  ['token-owner', 'healthy', null],
  ['deploy-key', 'healthy', null],
  ['webhook', 'healthy', null],
  ['pipeline-file', 'healthy', null],
];

describe('the URL', () => {
  test('of a repository that was renamed is edited, and all is well: the story of the command line', async () => {
    const { product, tomas, project } = await openHarbour();
    renameRepository(product.sandbox.world, project.repository, 'pilot-two');
    const before = await tomas.sem.send('GET', '/projects/pilot/repository');
    expect(JSON.parse(before.text)).toMatchObject({
      repository: { moved_to: 'harbour-works/pilot-two' },
      summary: { cause: 'repository-moved', mend: 'update-url', you: true },
    });
    const edited = await editUrl(tomas.sem, URL_OF('harbour-works/pilot-two'));
    expect(edited.status, edited.text).toBe(200);
    expect(JSON.parse(edited.text)).toMatchObject({
      metadata: { name: 'pilot', description: 'edited' },
      spec: {
        repository: {
          url: 'git@ssh.bitbucket.org:harbour-works/pilot-two.git',
          owner: 'harbour-works',
          name: 'pilot-two',
        },
      },
    });
    // At once, and not what the look before it saw.
    const after = JSON.parse((await tomas.sem.send('GET', '/projects/pilot/repository')).text);
    expect(after).toMatchObject({ repository: { moved_to: null }, summary: null });
    await product.deps.background.settled();
    expect(await statesOf(product, project)).toEqual(ALL_WELL);
    expect(standing(product, project.repository.uuid)).toEqual({
      keys: [expect.objectContaining({ key: project.key?.key })],
      hooks: [project.hook],
    });
  });

  test('of a different repository moves key and webhook there: exactly one of each, and none is left', async () => {
    const { product, nora, project } = await openHarbour();
    const charts = repositoryNamed(product.sandbox.world, 'harbour-works/charts').uuid;
    const edited = await editUrl(nora.sem, 'https://bitbucket.org/harbour-works/charts');
    expect(edited.status, edited.text).toBe(200);
    expect(JSON.parse(edited.text)).toMatchObject({
      metadata: { description: 'edited' },
      spec: { repository: { url: 'git@ssh.bitbucket.org:harbour-works/charts.git' } },
    });
    expect(standing(product, project.repository.uuid)).toEqual({ keys: [], hooks: [] });
    const { keys, hooks } = standing(product, charts);
    expect([keys.length, hooks.length]).toEqual([1, 1]);
    const { db } = product.deps;
    const active = await db.selectFrom('credential').selectAll().where('state', '=', 'active').execute();
    expect(active.map(({ match }) => match).sort()).toEqual([keys[0]?.key, hooks[0]?.url].sort());
    expect(await readProject(product, project.id)).toMatchObject({
      repositoryUuid: charts,
      repositoryName: 'harbour-works/charts',
    });
  });

  test.each([URL_OF('harbour-works/pilot-api'), 'https://bitbucket.org/Harbour-Works/pilot-api/', ''])(
    '%j is the one that the project has: nobody is asked about it, and it stays',
    async (url) => {
      const { product, tomas, project } = await openHarbour();
      const { world } = product.sandbox;
      // By now somebody else's repository has the name.
      renameRepository(world, project.repository, 'pilot-two');
      createRepository(world, workspaceOf(world, project.repository), 'pilot-api');
      const edited = await editUrl(tomas.sem, url);
      expect(edited.status, edited.text).toBe(200);
      await product.deps.background.settled();
      expect(await readProject(product, project.id)).toMatchObject({
        description: 'edited',
        repositoryUuid: project.repository.uuid,
        repositoryName: 'harbour-works/pilot-api',
      });
      expect(standing(product, project.repository.uuid).hooks).toEqual([project.hook]);
    },
  );

  test.each([
    [
      'acme',
      "Unrecognized Git remote format 'acme'. This is not the URL of a repository, which looks like this: git@bitbucket.org:workspace/repository.git.",
    ],
    [
      'git@github.com:harbour-works/pilot-api.git',
      "Unrecognized Git remote format 'git@github.com:harbour-works/pilot-api.git'. The URL leads to another host than bitbucket.test.",
    ],
    [
      'https://nora:s3cret@bitbucket.org/harbour-works/charts',
      'Unrecognized Git remote format. The URL holds a password. Enter it without: access is given by the connected account.',
    ],
    [
      'https://ATBBexampleexampleexample1234@github.com/a/b?token=s3cret',
      'Unrecognized Git remote format. The URL leads to another host than bitbucket.test.',
    ],
    [URL_OF('harbour-works/nothing'), 'Repository not found.'],
    [
      URL_OF('harbour-works/buoy-ui'),
      'Admin permissions are required on the repository to add the project to Semaphore',
    ],
  ])(
    '%j is refused with the sentence that people know, and nothing at all is changed',
    async (url, message) => {
      const { product, tomas } = await openHarbour();
      const before = await dumpOf(product);
      const refused = await editUrl(tomas.sem, url);
      expect(refusalIn(refused)).toEqual([422, message]);
      expect(refused.text).not.toContain('s3cret');
      await product.deps.background.settled();
      expect(await dumpOf(product)).toEqual(before);
    },
  );

  test('cannot be changed while Bitbucket is away, or without a grant; the rest of the file is not saved either', async () => {
    const { product, tomas } = await openHarbour();
    const before = await dumpOf(product);
    product.sandbox.faults.set('bitbucket:api', '503');
    expect(refusalIn(await editUrl(tomas.sem, URL_OF('harbour-works/charts')))).toEqual([
      503,
      'Bitbucket could not be asked. Nothing was changed. Try again in a moment.',
    ]);
    await product.deps.background.settled();
    expect(await dumpOf(product)).toEqual(before);
    // Everything else is ours to change.
    const edited = await editUrl(tomas.sem, URL_OF('harbour-works/pilot-api'));
    expect(edited.status, edited.text).toBe(200);
    await product.deps.background.settled();
  });

  test('of a different repository is refused without a connection, with the way to one', async () => {
    const { product, tomas } = await openHarbour();
    await product.deps.db
      .updateTable('connection')
      .set({ state: 'not-connected', reason: 'revoked' })
      .where('profileId', '=', tomas.profileId)
      .execute();
    expect(refusalIn(await editUrl(tomas.sem, URL_OF('harbour-works/charts')))).toEqual([
      422,
      `Access has to be granted at Bitbucket first: see ${PUBLIC_URL}/account`,
    ]);
  });

  test('stays when the move fails, and the answer says what was saved and what was not', async () => {
    const { product, nora, project } = await openHarbour();
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '403-scopes');
    const [status, message] = refusalIn(await editUrl(nora.sem, URL_OF('harbour-works/charts')));
    expect(status).toBe(422);
    expect(message).toMatch(
      /^The settings are saved, but the project did not move to harbour-works\/charts\. What was granted/,
    );
    expect(await readProject(product, project.id)).toMatchObject({
      description: 'edited',
      repositoryName: 'harbour-works/pilot-api',
    });
    expect(standing(product, project.repository.uuid)).toEqual({
      keys: [project.key],
      hooks: [project.hook],
    });
    const charts = repositoryNamed(product.sandbox.world, 'harbour-works/charts').uuid;
    expect(standing(product, charts)).toEqual({ keys: [], hooks: [] });
  });

  test('of a move that waits for Bitbucket is answered with where to see it', async () => {
    const { product, nora, project } = await openHarbour();
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/deploy-keys', '429-retry-after', {
      retryAfter: 600,
    });
    const moving = await editUrl(nora.sem, URL_OF('harbour-works/charts'));
    expect(refusalIn(moving)).toEqual([
      503,
      `The settings are saved. The project is still moving to harbour-works/charts: see ${PUBLIC_URL}/organizations/harbour/projects/pilot/settings/repository`,
    ]);
    expect(await readProject(product, project.id)).toMatchObject({ description: 'edited' });
  });
});

describe('an edit', () => {
  test('of name, pipeline file and settings bumps the version, so that open tabs follow, and looks anew', async () => {
    const { product, tomas, project } = await openHarbour();
    const before = await readProject(product, project.id);
    const edited = await edit(tomas.sem, 'PILOT', (file) => {
      file.metadata.name = 'harbour-pilot';
      file.spec.repository.pipeline_file = 'missing.yml';
    });
    expect(edited.status, edited.text).toBe(200);
    const tab = JSON.parse((await tomas.sem.send('GET', '/projects/harbour-pilot/repository')).text);
    expect(tab.findings[3]).toMatchObject({ subject: 'pipeline-file', state: 'broken' });
    const after = await readProject(product, project.id);
    expect(after.version).toBeGreaterThan(before.version);
    expect(after).toMatchObject({ name: 'harbour-pilot', nameKey: 'harbour-pilot' });
    await product.deps.background.settled();
  });

  test('to a name that is taken changes nothing, not even the URL', async () => {
    const { product, tomas, organization } = await openHarbour();
    await createReadyProject(product, { owner: tomas, organization, name: 'Other', bare: true });
    const before = await dumpOf(product);
    const refused = await edit(tomas.sem, 'pilot', (file) => {
      file.metadata.name = 'OTHER';
      file.spec.repository.url = URL_OF('harbour-works/buoy-ui');
    });
    expect(refused.status).toBe(422);
    setPermission(
      product.sandbox.world,
      repositoryNamed(product.sandbox.world, 'harbour-works/buoy-ui'),
      tomas.person.id,
      'admin',
    );
    const again = await edit(tomas.sem, 'pilot', (file) => {
      file.metadata.name = 'OTHER';
      file.spec.repository.url = URL_OF('harbour-works/buoy-ui');
    });
    expect(refusalIn(again)).toEqual([422, "Project name 'OTHER' is already taken"]);
    await product.deps.background.settled();
    expect(await dumpOf(product)).toEqual(before);
  });

  test('whose file names another project is refused', async () => {
    const { tomas, project } = await openHarbour();
    const file = { metadata: { name: 'pilot', id: NO_ID }, spec: {} };
    expect(refusalIn(await tomas.sem.send('PATCH', `/projects/${project.id}`, file))).toEqual([
      422,
      'metadata.id: it names another project than the address does',
    ]);
  });

  test('of two at once leaves one of them as a whole', async () => {
    const { product, nora, tomas, project } = await openHarbour();
    const file = (word: string) => ({
      metadata: { name: `pilot-${word}`, description: word },
      spec: { repository: { whitelist: { branches: [word] } }, tasks: [task(word), task(`${word}2`)] },
    });
    const task = (name: string) => ({ name, scheduled: false, pipeline_file: 'ci.yml' });
    const other = await product.replica();
    const answers = await Promise.all(
      ['one', 'two', 'three', 'four'].map((word, index) =>
        (index % 2 ? nora.sem : tomas.sem.at({ product: other })).send(
          'PATCH',
          `/projects/${project.id}`,
          file(word),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const row = await readProject(product, project.id);
    expect(row).toMatchObject({
      name: `pilot-${row.description}`,
      whitelist: { branches: [row.description] },
      kept: { tasks: [{ name: row.description }, { name: `${row.description}2` }] },
    });
    await Promise.all([product.deps.background.settled(), other.deps.background.settled()]);
  });

  test('of two at once to two repositories moves once, and says to the other one why not', async () => {
    const { product, nora, project } = await openHarbour();
    const ask = (name: string) => editUrl(nora.sem, URL_OF(name));
    const answers = await Promise.all([ask('harbour-works/charts'), ask('nora-lindqvist/scratch')]);
    await product.deps.background.settled();
    const statuses = answers.map(({ status }) => status).sort();
    expect([
      [200, 422],
      [200, 200],
    ]).toContainEqual(statuses);
    const row = await readProject(product, project.id);
    const { keys, hooks } = standing(product, row.repositoryUuid);
    expect([keys.length, hooks.length]).toEqual([1, 1]);
    const { world } = product.sandbox;
    const elsewhere = ['harbour-works/charts', 'nora-lindqvist/scratch', 'harbour-works/pilot-api']
      .map((name) => repositoryNamed(world, name).uuid)
      .filter((uuid) => uuid !== row.repositoryUuid);
    for (const uuid of elsewhere) expect(standing(product, uuid)).toEqual({ keys: [], hooks: [] });
  });
});

describe('who may', () => {
  const attempts = (id: string): [string, string, unknown?][] => [
    ['POST', '/projects', { metadata: { name: 'x' }, spec: { repository: { url: URL_OF('a/b') } } }],
    ['POST', '/projects', '{'],
    ['PATCH', `/projects/${id}`, { metadata: { name: 'pilot' } }],
    ['PATCH', `/projects/${NO_ID}`, { metadata: { name: 'pilot' } }],
    ['DELETE', '/projects/pilot'],
    ['DELETE', '/projects/nothing'],
    ['POST', '/projects/pilot/repository/repair'],
  ];

  test('a member lists and looks, and changes nothing: said before anything else', async () => {
    const { product, pim, project } = await openHarbour();
    const shown = await pim.sem.send('GET', '/projects/pilot');
    expect(shown.status).toBe(200);
    expect((await pim.sem.send('GET', '/projects')).text).toBe(`[${shown.text}]`);
    expect((await pim.sem.send('GET', '/projects/pilot/repository')).status).toBe(200);
    const before = await dumpOf(product);
    const asked = product.sandbox.requests().length;
    for (const [method, path, body] of attempts(project.id)) {
      expect(refusalIn(await pim.sem.send(method, path, body))).toEqual([401, MEMBERS_ONLY]);
    }
    expect(product.sandbox.requests()).toHaveLength(asked);
    expect(await dumpOf(product)).toEqual(before);
  });

  test('what belongs to somebody else answers as if it were not there', async () => {
    const { product, project } = await openHarbour();
    const seun = await signUp(product, 'seun');
    await createOrganization(product, 'tidemark', [{ profileId: seun.profileId, role: 'owner' }]);
    const sem = await openTerminal(product, seun);
    const before = await dumpOf(product);
    const gone = [404, 'Not found'];
    for (const [method, path, body] of [
      ['GET', '/projects/pilot'],
      ['GET', `/projects/${project.id}`],
      ['GET', '/projects/pilot/repository'],
      ...attempts(project.id).slice(2),
    ] as [string, string, unknown?][]) {
      expect(refusalIn(await sem.send(method, path, body)), path).toEqual(gone);
    }
    const there = sem.at({ organization: 'harbour' });
    expect(refusalIn(await there.send('GET', '/projects/pilot'))).toEqual(gone);
    expect(refusalIn(await there.send('PATCH', `/projects/${project.id}`, {}))).toEqual(gone);
    expect(await dumpOf(product)).toEqual(before);
  });

  test('of somebody in two organizations, a project is found below its own address only', async () => {
    const { product, nora, project } = await openHarbour();
    await createOrganization(product, 'fleet', [{ profileId: nora.profileId, role: 'owner' }]);
    const file = { metadata: { name: 'pilot' } };
    const path = `/projects/${project.id}`;
    const [harbourAddress, fleet] = ['harbour', 'fleet'].map((organization) => nora.sem.at({ organization }));
    expect((await fleet?.send('PATCH', path, file))?.status).toBe(404);
    expect((await harbourAddress?.send('PATCH', path, file))?.status).toBe(200);
    expect((await nora.sem.send('GET', '/projects/pilot')).status).toBe(400);
    await product.deps.background.settled();
  });

  test.each(['pilot', 'x', `${NO_ID}x`, '%00', '%2e%2e', '..%2f..'])(
    'PATCH of %j, which is no id, finds nothing',
    async (id) => {
      const { tomas } = await openHarbour();
      const sent = await tomas.sem.send('PATCH', `/projects/${id}`, { metadata: { name: 'pilot' } });
      expect(sent.status).toBe(404);
    },
  );

  test.each(['%00', 'a%2fb', 'a%20b', 'x'.repeat(200), '{}'])('%j names nothing', async (name) => {
    const { tomas } = await openHarbour();
    expect((await tomas.sem.send('GET', `/projects/${name}`)).status).toBe(404);
    expect((await tomas.sem.send('DELETE', `/projects/${name}`)).status).toBe(404);
    expect((await tomas.sem.send('GET', `/projects/${name}/repository`)).status).toBe(404);
  });
});

describe('a body', () => {
  test.each(['', '{', 'null x', 'metadata:\n  name: pilot'])('%j is no JSON', async (text) => {
    const { tomas, project } = await openHarbour();
    const refused = [400, 'The body is not well-formed JSON.'];
    expect(refusalIn(await tomas.sem.send('POST', '/projects', text))).toEqual(refused);
    expect(refusalIn(await tomas.sem.send('PATCH', `/projects/${project.id}`, text))).toEqual(refused);
  });

  test('in another encoding than UTF-8 is refused, and no letter of it is lost', async () => {
    const { product, tomas, project } = await openHarbour();
    const before = await dumpOf(product);
    const text = JSON.stringify({ metadata: { name: 'pilot', description: 'größe' } });
    const { buffer } = Uint8Array.from(Buffer.from(text, 'latin1'));
    const refused = [400, 'The body is not well-formed JSON.'];
    for (const [method, path] of [
      ['POST', '/projects'],
      ['PATCH', `/projects/${project.id}`],
      ['POST', '/projects/pilot/repository/repair'],
    ] as const)
      expect(refusalIn(await tomas.sem.send(method, path, buffer))).toEqual(refused);
    expect(await dumpOf(product)).toEqual(before);
  });

  test('is read as JSON whatever its type is said to be', async () => {
    const { product, tomas, project } = await openHarbour();
    const text = JSON.stringify({ metadata: { name: 'pilot' } });
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await tomas.sem.send('PATCH', `/projects/${project.id}`, text, type)).status).toBe(200);
    await product.deps.background.settled();
  });

  test('that is too large is refused', async () => {
    const { tomas } = await openHarbour();
    const [status] = refusalIn(await tomas.sem.send('POST', '/projects', ' '.repeat(262_145)));
    expect(status).toBe(413);
  });
});

describe('creating', () => {
  test.each<[string, string, string]>([
    ['', 'harbour-works/charts', "metadata.name can't be blank"],
    ['new', 'harbour-works/charts', 'Project name can have only alphanumeric characters'],
    ['PILOT', 'harbour-works/charts', "Project name 'PILOT' is already taken"],
    ['maps', 'harbour-works/nothing', 'Repository not found.'],
    ['maps', 'harbour-works/buoy-ui', 'Admin permissions are required on the repository'],
  ])('%j on %s is refused, and nothing is left', async (name, repository, message) => {
    const { product, tomas } = await openHarbour();
    const before = await dumpOf(product);
    const [status, said] = refusalIn(await create(tomas.sem, name, URL_OF(repository)));
    expect([status, said.slice(0, message.length)]).toEqual([422, message]);
    expect(await dumpOf(product)).toEqual(before);
  });

  test('without a URL is refused', async () => {
    const { tomas } = await openHarbour();
    expect(refusalIn(await create(tomas.sem, 'maps', ''))).toEqual([
      422,
      "spec.repository.url can't be blank",
    ]);
  });

  test('while Bitbucket is away says so, and nothing is left', async () => {
    const { product, nora } = await openHarbour();
    const before = await dumpOf(product);
    product.sandbox.faults.set('bitbucket:api', '502');
    expect(refusalIn(await create(nora.sem, 'maps', URL_OF('harbour-works/charts')))).toEqual([
      503,
      'Bitbucket could not be asked. Nothing was changed. Try again in a moment.',
    ]);
    expect(await dumpOf(product)).toEqual(before);
  });

  test('that Bitbucket refuses halfway says why, and nothing is left: the name is free', async () => {
    const { product, nora } = await openHarbour();
    const charts = repositoryNamed(product.sandbox.world, 'harbour-works/charts').uuid;
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '403-scopes');
    expect(refusalIn(await create(nora.sem, 'maps', URL_OF('harbour-works/charts')))).toEqual([
      422,
      'The project was not created. What was granted at Bitbucket does not cover this. Grant access again.',
    ]);
    expect(standing(product, charts)).toEqual({ keys: [], hooks: [] });
    product.sandbox.faults.clear();
    const made = await create(nora.sem, 'maps', URL_OF('harbour-works/charts'));
    expect(made.status, made.text).toBe(200);
    const { keys, hooks } = standing(product, charts);
    expect([keys.length, hooks.length]).toEqual([1, 1]);
  });

  test('that waits for Bitbucket answers with the project as it is; it can be deleted meanwhile', async () => {
    const { product, nora } = await openHarbour();
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '429-retry-after', {
      retryAfter: 600,
    });
    const made = await create(nora.sem, 'maps', URL_OF('harbour-works/charts'));
    expect(made.status, made.text).toBe(200);
    const tab = JSON.parse((await nora.sem.send('GET', '/projects/maps/repository')).text);
    expect(tab).toMatchObject({ project: { state: 'creating' }, operation: { state: 'running' } });
    expect((JSON.parse((await nora.sem.send('GET', '/projects')).text) as unknown[]).length).toBe(2);
    product.sandbox.faults.clear();
    expect((await nora.sem.send('DELETE', '/projects/maps')).status).toBe(200);
    const charts = repositoryNamed(product.sandbox.world, 'harbour-works/charts').uuid;
    expect(standing(product, charts)).toEqual({ keys: [], hooks: [] });
  });

  test('without a grant is refused with the way to one', async () => {
    const { product, tomas } = await openHarbour();
    revokeAccess(product.sandbox.world, 'bitbucket', tomas.person.id);
    expect(refusalIn(await create(tomas.sem, 'maps', URL_OF('harbour-works/pilot-api')))).toEqual([
      422,
      `Access has to be granted at Bitbucket first: see ${PUBLIC_URL}/account`,
    ]);
  });
});

test('an open page hears of an edit', async () => {
  const { product, tomas, project } = await openHarbour();
  const tab = '/api/organizations/harbour/projects/pilot/repository/events';
  const events = await listen(tomas.browser, tab);
  const first = (await events.next())?.data as RepositoryView;
  const file = {
    metadata: { name: 'pilot', id: project.id },
    spec: { repository: { pipeline_file: 'x.yml' } },
  };
  expect((await tomas.sem.send('PATCH', `/projects/${project.id}`, file)).status).toBe(200);
  const heard = await events.until(({ data }) => (data as RepositoryView).pipelineFile === 'x.yml');
  expect((heard.data as RepositoryView).version).toBeGreaterThan(first.version);
  await events.close();
  await product.deps.background.settled();
});
