import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { setPermission } from '../../sandbox/play.ts';
import { repositoryNamed } from '../../sandbox/world.ts';
import { createBrowser } from '../../test/browser.ts';
import { dump } from '../../test/dump.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { createOrganization, createReadyProject, rowsOf, type Someone, signUp } from '../../test/projects.ts';
import type { ChoiceLine, ProjectSummary, ProjectView, RepositoryView } from '../app.ts';
import { findDependentProjects } from '../dependent-projects.ts';
import { reconcileOperations } from '../repository/repair/reconcile.ts';

const ORG = '/api/organizations/harbour';

type Place = { product: Product; nora: Someone; tomas: Someone };

/** Nora, who administers the workspace "harbour-works", owns the organization "harbour"; Tomás is a member. */
async function harbour(): Promise<Place> {
  const product = await startProduct();
  const nora = await signUp(product, 'nora');
  const tomas = await signUp(product, 'tomas');
  await createOrganization(product, 'harbour', [
    { profileId: nora.profileId, role: 'owner' },
    { profileId: tomas.profileId, role: 'member' },
  ]);
  return { product, nora, tomas };
}

const uuidOf = (product: Product, fullName: string) => repositoryNamed(product.sandbox.world, fullName).uuid;

function create(
  { browser }: Someone,
  body: { repository: string; name: string },
  key: string = randomUUID(),
): Promise<Response> {
  return browser.api('POST', `${ORG}/projects`, body, { 'idempotency-key': key });
}

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { code: string }).code];
}

const show = ({ browser }: Someone, name: string) => browser.json<ProjectView>(`${ORG}/projects/${name}`);

const list = async ({ browser }: Someone) =>
  (await browser.json<{ projects: ProjectSummary[] }>(`${ORG}/projects`)).projects;

/** What stands at a repository in the sandbox. */
function standing({ sandbox: { world } }: Product, uuid: string) {
  return {
    keys: world.data.deployKeys.filter(({ repository }) => repository === uuid),
    hooks: world.data.hooks.filter(({ repository }) => repository === uuid),
  };
}

async function choices({ browser }: Someone): Promise<ChoiceLine[]> {
  const response = await browser.api('GET', `${ORG}/repositories`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  const text = await response.text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ChoiceLine);
}

describe('the repositories to choose from', () => {
  test('are those of all workspaces, addable with admin right only, and the rest says why', async () => {
    const { product, tomas, nora } = await harbour();
    await createReadyProject(product, { owner: tomas, repository: 'harbour-works/pilot-api' });
    const of = async (who: Someone) => {
      const lines = await choices(who);
      expect(lines.at(-1)).toEqual({ type: 'end' });
      return Object.fromEntries(
        lines.flatMap((line) => (line.type === 'repository' ? [[line.fullName, line]] : [])),
      );
    };
    const noras = await of(nora);
    // The owner of a workspace administers everything in it, though nothing was given by name.
    expect(noras['harbour-works/charts']).toMatchObject({ addable: true, reason: null, projects: [] });
    expect(noras['nora-lindqvist/scratch']).toMatchObject({ addable: true, isPrivate: true });
    expect(noras['tidemark/moon-phase']).toMatchObject({ addable: false, reason: 'no-admin-right' });
    await product.deps.db.updateTable('membership').set({ role: 'admin' }).execute();
    const his = await of(tomas);
    expect(his['harbour-works/pilot-api']).toMatchObject({ addable: true, reason: null });
    expect(his['harbour-works/buoy-ui']).toMatchObject({ addable: false, reason: 'no-admin-right' });
  });

  test('name the projects of this organization that use them, and no others', async () => {
    const { product, nora } = await harbour();
    expect(
      (await create(nora, { repository: uuidOf(product, 'harbour-works/charts'), name: 'maps' })).status,
    ).toBe(201);
    await createReadyProject(product, { owner: nora, repository: 'harbour-works/pilot-api' });
    const lines = await choices(nora);
    const projects = (name: string) =>
      lines.flatMap((line) => (line.type === 'repository' && line.fullName === name ? line.projects : []));
    expect(projects('harbour-works/charts')).toEqual(['maps']);
    expect(projects('harbour-works/pilot-api')).toEqual([]);
  });

  test('of a workspace that cannot be asked are missing, said in a line, and the others come', async () => {
    const { product, nora } = await harbour();
    product.sandbox.faults.set('bitbucket:GET /2.0/repositories/harbour-works', '500');
    const lines = await choices(nora);
    expect(lines).toContainEqual({ type: 'fault', workspace: 'harbour-works', code: 'provider-error' });
    const workspaces = lines.flatMap((line) =>
      line.type === 'repository' ? [line.fullName.split('/')[0]] : [],
    );
    expect(new Set(workspaces)).toEqual(new Set(['tidemark', 'nora-lindqvist', 'quayside']));
    expect(lines.at(-1)).toEqual({ type: 'end' });
  });

  test('are not asked for any further when nobody listens any more', async () => {
    const { product, nora } = await harbour();
    const response = await nora.browser.api('GET', `${ORG}/repositories`);
    await response.body?.cancel();
    await product.deps.background.settled();
    const listings = { path: '/2.0/repositories/*' };
    const asked = product.sandbox.requests(listings).length;
    await choices(nora);
    expect(asked).toBeLessThan(product.sandbox.requests(listings).length - asked);
  });

  test('cannot be listed without a grant, or when the provider is away: an answer says so at once', async () => {
    const { product, nora } = await harbour();
    product.sandbox.faults.set('bitbucket:api', '503');
    expect(await codeOf(await nora.browser.api('GET', `${ORG}/repositories`))).toEqual([
      503,
      'provider-fault',
    ]);
    product.sandbox.faults.clear();
    const greta = createBrowser(product);
    await greta.signIn('github', 'gretav', 'sign-up');
    await greta.api('POST', '/api/organizations', { name: 'Fjord', slug: 'fjord' });
    const refused = await greta.api('GET', '/api/organizations/fjord/repositories');
    expect(await codeOf(refused)).toEqual([409, 'grant-needed']);
  });
});

describe('creating a project', () => {
  test('makes one key and one webhook, shows each step, and leaves the creator as token owner', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    const made = await create(nora, { repository, name: 'Maps' });
    expect(await made.json()).toEqual({ name: 'Maps' });
    expect((await show(nora, 'maps')).project).toMatchObject({
      name: 'Maps',
      repository: 'harbour-works/charts',
    });
    await product.deps.background.settled();
    const view = await show(nora, 'maps');
    expect(view.project.state).toBe('ready');
    expect(view.operations).toMatchObject([{ kind: 'create', state: 'done', by: 'Nora Lindqvist' }]);
    expect(view.operations[0]?.steps.map(({ state }) => state)).toEqual(
      view.operations[0]?.steps.map(() => 'done'),
    );
    const { keys, hooks } = standing(product, repository);
    expect(keys).toMatchObject([{ label: 'Semaphore · harbour/Maps' }]);
    expect(hooks).toHaveLength(1);
    expect((await list(nora))[0]).toMatchObject({ name: 'Maps', state: 'ready' });
    const row = await product.deps.db.selectFrom('project').selectAll().executeTakeFirstOrThrow();
    expect(row.tokenOwnerId).toBe(nora.profileId);
  });

  test('two projects on one repository have each its own key and its own webhook', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    for (const name of ['one', 'two']) expect((await create(nora, { repository, name })).status).toBe(201);
    await product.deps.background.settled();
    const { keys, hooks } = standing(product, repository);
    expect(keys.map(({ label }) => label).sort()).toEqual([
      'Semaphore · harbour/one',
      'Semaphore · harbour/two',
    ]);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2);
    expect(new Set(hooks.map(({ url }) => url)).size).toBe(2);
  });

  test('sent three times with one key makes one project; with another name it is refused', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    const key = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => create(nora, { repository, name: 'maps' }, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await codeOf(await create(nora, { repository, name: 'other' }, key))).toEqual([
      409,
      'idempotency-mismatch',
    ]);
    await product.deps.background.settled();
    expect(await list(nora)).toHaveLength(1);
    expect(standing(product, repository).keys).toHaveLength(1);
  });

  test('needs a name that is free, in any case', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    await create(nora, { repository, name: 'maps' });
    expect(await codeOf(await create(nora, { repository, name: 'MAPS' }))).toEqual([
      409,
      'project-name-taken',
    ]);
    expect(await codeOf(await create(nora, { repository, name: 'new' }))).toEqual([
      422,
      'invalid-project-name',
    ]);
    const both = await Promise.all(['twin', 'Twin'].map((name) => create(nora, { repository, name })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('asks for the right anew: one that was lost since the list makes nothing', async () => {
    const { product, tomas } = await harbour();
    await product.deps.db.updateTable('membership').set({ role: 'admin' }).execute();
    const { world } = product.sandbox;
    const repository = repositoryNamed(world, 'harbour-works/pilot-api');
    expect(await choices(tomas)).toContainEqual(
      expect.objectContaining({ uuid: repository.uuid, addable: true }),
    );
    setPermission(world, repository, tomas.person.id, 'write');
    const before = await dump(product);
    const refused = await create(tomas, { repository: repository.uuid, name: 'pilot' });
    expect(await codeOf(refused)).toEqual([403, 'no-admin-right']);
    expect(await dump(product)).toEqual(before);
    expect(standing(product, repository.uuid)).toEqual({ keys: [], hooks: [] });
  });

  test('on a repository that these eyes do not see makes nothing', async () => {
    const { nora } = await harbour();
    const repository = `{${randomUUID()}}`;
    expect(await codeOf(await create(nora, { repository, name: 'x' }))).toEqual([
      422,
      'repository-not-visible',
    ]);
    expect(await list(nora)).toEqual([]);
  });

  test('that the provider refuses undoes itself: nothing is left there, and the name is free', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '403-scopes');
    expect((await create(nora, { repository, name: 'maps' })).status).toBe(201);
    await product.deps.background.settled();
    expect(await list(nora)).toEqual([]);
    expect(standing(product, repository)).toEqual({ keys: [], hooks: [] });
    product.sandbox.faults.clear();
    expect((await create(nora, { repository, name: 'maps' })).status).toBe(201);
  });

  test('when the provider is away says so, and makes nothing', async () => {
    const { product, nora } = await harbour();
    product.sandbox.faults.set('bitbucket:api', '502');
    const repository = uuidOf(product, 'harbour-works/charts');
    expect(await codeOf(await create(nora, { repository, name: 'x' }))).toEqual([503, 'provider-fault']);
    product.sandbox.faults.clear();
    expect(await list(nora)).toEqual([]);
  });

  test('that was interrupted is finished by another process', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    // Whatever is asked is never answered again: as if the process had died with its requests.
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*', '503');
    await create(nora, { repository, name: 'maps' });
    await product.deps.background.settled();
    expect((await list(nora))[0]?.state).toBe('creating');
    // Looked at meanwhile, what is still being made is not called missing.
    const looked = await nora.browser.api('POST', `${ORG}/projects/maps/repository/check`, { fresh: true });
    const view = (await looked.json()) as RepositoryView;
    expect(rowsOf(view)).toMatchObject({
      'deploy-key': { state: 'not-checked', cause: null },
      webhook: { state: 'not-checked', cause: null },
    });
    expect([view.summary?.cause]).not.toContain('key-missing');
    product.sandbox.faults.clear();
    const other = await product.replica();
    for (let hour = 0; hour < 5 && (await list(nora))[0]?.state !== 'ready'; hour += 1) {
      product.travel(3_600_000);
      await reconcileOperations(other.deps);
      await other.deps.background.settled();
    }
    expect((await list(nora))[0]?.state).toBe('ready');
    expect(standing(product, repository).keys).toHaveLength(1);
    expect(standing(product, repository).hooks).toHaveLength(1);
  });

  test.each([undefined, '', 'x', '1', `${randomUUID()}x`])(
    'without a key for the click (%j) is refused before anything is asked',
    async (key) => {
      const { product, nora } = await harbour();
      const asked = product.sandbox.requests().length;
      const body = { repository: uuidOf(product, 'harbour-works/charts'), name: 'x' };
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      const refused = await nora.browser.api('POST', `${ORG}/projects`, body, headers);
      expect(await codeOf(refused)).toEqual([400, 'invalid-request']);
      expect(product.sandbox.requests()).toHaveLength(asked);
    },
  );

  test.each([
    '..',
    '%2e%2e',
    '{..}',
    'harbour-works/charts',
    '{e0b7f4a1-39c2-4d68-95e7-5a6b1c2d3101}/../x',
    '{e0b7f4a1-39c2-4d68-95e7-5a6b1c2d3101}?x',
    '{E0B7F4A1-39C2-4D68-95E7-5A6B1C2D3101}',
    '{e0b7f4a1-39c2-4d68-95e7-5a6b1c2d3101}\r\nX: y',
    '',
  ])('IN-03 %j is no repository, and nobody is asked about it', async (repository) => {
    const { product, nora } = await harbour();
    const asked = product.sandbox.requests().length;
    expect(await codeOf(await create(nora, { repository, name: 'x' }))).toEqual([400, 'invalid-request']);
    expect(product.sandbox.requests()).toHaveLength(asked);
  });
});

describe('the list of projects', () => {
  test('says of each how it is, by the root cause, from what is stored', async () => {
    const { product, nora, tomas } = await harbour();
    const organization = await createOrganization(product, 'bay', [
      { profileId: tomas.profileId, role: 'owner' },
      { profileId: nora.profileId, role: 'member' },
    ]);
    const make = (name: string) => createReadyProject(product, { owner: tomas, organization, name });
    const { sandbox } = product;
    const [broken, well] = [await make('Broken'), await make('a-healthy')];
    await make('never');
    sandbox.world.data.hooks = sandbox.world.data.hooks.filter(({ uuid }) => uuid !== broken.hook?.uuid);
    for (const { name } of [broken, well]) {
      const check = `/api/organizations/bay/projects/${name}/repository/check`;
      expect((await nora.browser.api('POST', check, { fresh: true })).status).toBe(200);
    }
    const asked = sandbox.requests().length;
    const said = await nora.browser.json<{ projects: ProjectSummary[]; canCreate: boolean }>(
      '/api/organizations/bay/projects',
    );
    const repository = 'harbour-works/pilot-api';
    const at = expect.stringMatching(/Z$/);
    expect(said).toEqual({
      canCreate: false,
      projects: [
        { name: 'a-healthy', repository, state: 'ready', health: 'healthy', cause: null, checkedAt: at },
        {
          name: 'Broken',
          repository,
          state: 'ready',
          health: 'broken',
          cause: 'webhook-removed',
          checkedAt: at,
        },
        { name: 'never', repository, state: 'ready', health: 'not-checked', cause: null, checkedAt: null },
      ],
    });
    expect(sandbox.requests()).toHaveLength(asked);
  });
});

describe('deleting a project', () => {
  test('takes its key and its webhook away, leaves those of others, and frees its name', async () => {
    const { product, nora } = await harbour();
    const repository = uuidOf(product, 'harbour-works/charts');
    for (const name of ['one', 'two']) await create(nora, { repository, name });
    await product.deps.background.settled();
    const key = { 'idempotency-key': randomUUID() };
    const deleted = await nora.browser.api('DELETE', `${ORG}/projects/one`, undefined, key);
    expect(deleted.status).toBe(202);
    await product.deps.background.settled();
    expect((await nora.browser.api('GET', `${ORG}/projects/one`)).status).toBe(404);
    expect((await list(nora)).map(({ name }) => name)).toEqual(['two']);
    const { keys, hooks } = standing(product, repository);
    expect(keys.map(({ label }) => label)).toEqual(['Semaphore · harbour/two']);
    expect(hooks).toHaveLength(1);
    expect((await create(nora, { repository, name: 'one' })).status).toBe(201);
  });
});

describe('General settings', () => {
  async function place() {
    const found = await harbour();
    const { id } = await found.product.deps.db
      .selectFrom('organization')
      .select('id')
      .where('slug', '=', 'harbour')
      .executeTakeFirstOrThrow();
    const organization = { id, slug: 'harbour', name: 'The harbour' };
    const project = await createReadyProject(found.product, {
      owner: found.nora,
      organization,
      name: 'pilot',
    });
    return { ...found, project };
  }
  const change = ({ browser }: Someone, body: object) => browser.api('PATCH', `${ORG}/projects/pilot`, body);

  test('change name, description and pipeline file; the project stays what it was', async () => {
    const { product, nora, project } = await place();
    const answer = await change(nora, {
      name: 'Pilot2',
      description: ' Where ships berth.\r\nAll of them. ',
      pipelineFile: 'ci/pipeline.yml',
    });
    expect(answer.status).toBe(200);
    const { project: seen } = await show(nora, 'pilot2');
    expect(seen).toMatchObject({
      id: project.id,
      name: 'Pilot2',
      description: 'Where ships berth.\nAll of them.',
      pipelineFile: 'ci/pipeline.yml',
    });
    expect((await nora.browser.api('GET', `${ORG}/projects/pilot`)).status).toBe(404);
    // Another file is looked for at once.
    await product.deps.background.settled();
    const found = await product.deps.db
      .selectFrom('finding')
      .select('facts')
      .where('projectId', '=', project.id)
      .where('subject', '=', 'pipeline-file')
      .executeTakeFirstOrThrow();
    expect(found.facts.path).toBe('ci/pipeline.yml');
  });

  test('change what starts workflows; what they leave out stays, in the order in which it is listed', async () => {
    const { product, nora, project } = await place();
    const runsOn = async () => {
      const { runOn, whitelist, visibility } = (await show(nora, 'pilot')).project;
      return { runOn, whitelist, visibility };
    };
    const whitelist = { branches: [], tags: [] };
    expect(await runsOn()).toEqual({ runOn: ['tags', 'branches'], whitelist, visibility: 'private' });
    const given = { branches: [' main ', '/^release-/'], tags: ['/^v\\d/'] };
    const both = { runOn: ['pull_requests', 'branches', 'branches'], whitelist: given };
    expect((await change(nora, both)).status).toBe(200);
    const set = {
      runOn: ['branches', 'pull_requests'],
      whitelist: { ...given, branches: ['main', '/^release-/'] },
    };
    expect(await runsOn()).toMatchObject(set);
    expect((await change(nora, { description: 'Else' })).status).toBe(200);
    expect(await runsOn()).toMatchObject(set);
    expect((await change(nora, { runOn: [] })).status).toBe(200);
    expect(await runsOn()).toMatchObject({ ...set, runOn: [] });
    const { version } = await product.deps.db
      .selectFrom('project')
      .select('version')
      .where('id', '=', project.id)
      .executeTakeFirstOrThrow();
    expect(version).toBeGreaterThanOrEqual(3);
  });

  test('name the entry of a whitelist that cannot be used', async () => {
    const { nora } = await place();
    const answer = await change(nora, { whitelist: { branches: ['main', '/(/'], tags: [] } });
    expect(((await answer.json()) as { detail: string }).detail).toMatch(/^“\/\(\/”: .*\.$/);
  });

  test.each([
    [{ name: 'new' }, 422, 'invalid-project-name'],
    [{ name: 'other' }, 409, 'project-name-taken'],
    [{ pipelineFile: '../x' }, 422, 'invalid-pipeline-file'],
    [{ description: 'x'.repeat(501) }, 400, 'invalid-request'],
    [{ description: 'a\u0000b' }, 400, 'invalid-request'],
    [{ name: 'fine', pipelineFile: '/x' }, 422, 'invalid-pipeline-file'],
    [{ runOn: [], whitelist: { branches: ['/(/'], tags: [] } }, 422, 'invalid-branch-whitelist'],
    [{ runOn: [], whitelist: { branches: [], tags: ['v*'] } }, 422, 'invalid-tag-whitelist'],
    [{ whitelist: { branches: ['a\u0000b'], tags: [] } }, 422, 'invalid-branch-whitelist'],
    [{ whitelist: { branches: [] } }, 400, 'invalid-request'],
    [{ runOn: ['everything'] }, 400, 'invalid-request'],
  ])('%j is refused and changes nothing', async (body, status, code) => {
    const { product, nora, project } = await place();
    await createReadyProject(product, {
      owner: nora,
      organization: project.organization,
      name: 'other',
      repository: 'harbour-works/charts',
    });
    const before = await dump(product);
    expect(await codeOf(await change(nora, body))).toEqual([status, code]);
    expect(await dump(product)).toEqual(before);
  });

  test('a member sees them and changes nothing', async () => {
    const { product, tomas } = await place();
    expect(await show(tomas, 'pilot')).toMatchObject({ canChange: false, project: { name: 'pilot' } });
    const before = await dump(product);
    expect(await codeOf(await change(tomas, { description: 'mine' }))).toEqual([403, 'not-allowed']);
    expect(await dump(product)).toEqual(before);
  });
});

describe('what depends on a person', () => {
  test('is named with those who could take over, for their connection and for their leaving', async () => {
    const { product, nora, tomas } = await harbour();
    const ines = await signUp(product, 'ines');
    const own = await createOrganization(product, 'bay', [
      { profileId: tomas.profileId, role: 'owner' },
      { profileId: nora.profileId, role: 'admin' },
      { profileId: ines.profileId, role: 'member' },
    ]);
    await createReadyProject(product, { owner: tomas, organization: own, name: 'pilot' });
    await createReadyProject(product, { owner: tomas, name: 'alone' });
    const pilot = {
      name: 'pilot',
      organization: own.name,
      url: '/organizations/bay/projects/pilot/settings/repository',
      successors: [{ screenName: 'Nora Lindqvist' }],
    };
    const { projects } = await tomas.browser.json<{ projects: unknown[] }>(
      '/api/connections/bitbucket/impact',
    );
    expect(projects).toHaveLength(2);
    expect(projects).toContainEqual(pilot);
    expect(projects).toContainEqual(expect.objectContaining({ name: 'alone', successors: [] }));
    const path = `/api/organizations/bay/people/${tomas.profileId}/impact`;
    expect((await tomas.browser.json<{ projects: unknown[] }>(path)).projects).toEqual([pilot]);
    const { db } = product.deps;
    expect(await findDependentProjects(db, tomas.profileId, { provider: 'github' })).toEqual([]);
    // Who has no connection could not take over.
    await db
      .updateTable('connection')
      .set({ state: 'not-connected', reason: 'revoked' })
      .where('profileId', '=', nora.profileId)
      .execute();
    expect(await findDependentProjects(db, tomas.profileId, { organizationId: own.id })).toEqual([
      { ...pilot, successors: [] },
    ]);
  });
});
