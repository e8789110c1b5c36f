import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import type { FaultMode, FaultTarget } from '../../sandbox/faults.ts';
import {
  deleteRepository,
  expireAccessTokens,
  renameRepository,
  revokeAccess,
  setPermission,
} from '../../sandbox/play.ts';
import { deleteHook, deleteKey, editHook, stopKey, swapKey } from '../../sandbox/play-keys-and-hooks.ts';
import { deleteBranch, moveFile, pushFile, renameBranch, setMainBranch } from '../../sandbox/play-source.ts';
import type { Quirks } from '../../sandbox/state.ts';
import { MODES } from '../../test/fault-modes.ts';
import { type Product, startProduct } from '../../test/product.ts';
import {
  createReadyProject,
  type ReadyProject,
  readProject,
  readTab,
  rowsOf,
  signUp,
} from '../../test/projects.ts';
import { createDeps, type Deps } from '../deps.ts';
import type { RepositoryAccess } from '../providers/repository-access.ts';
import { SUBJECTS, type Subject } from './finding.ts';
import { lookAtRepository } from './look.ts';
import type { RepositoryView } from './view.ts';

const YML = '.semaphore/semaphore.yml';
const apiCalls = ({ sandbox }: Product) => sandbox.requests({ service: 'bitbucket', part: 'api' });
const refreshes = ({ sandbox }: Product) =>
  sandbox.requests({ service: 'bitbucket', grantType: 'refresh_token' });

/** A ready project whose owner's token is fresh; only what comes after is counted. */
async function ready(product: Product, options: Parameters<typeof createReadyProject>[1] = {}) {
  const project = await createReadyProject(product, options);
  product.sandbox.requests.clear();
  return project;
}

async function look(product: Product, project: ReadyProject): Promise<RepositoryView> {
  await lookAtRepository(product.deps, project.id, { fresh: true });
  return readTab(product, project);
}

/** `state cause < root` of each row that is not healthy. */
function told(view: RepositoryView): Partial<Record<Subject, string>> {
  return Object.fromEntries(
    view.rows
      .filter(({ state }) => state !== 'healthy')
      .map(({ subject, state, cause, becauseOf }) => [
        subject,
        `${state} ${cause}${becauseOf ? ` < ${becauseOf}` : ''}`,
      ]),
  );
}

/** A gate in front of every call: those that came are counted, and none goes on before it is let through. */
function gated({ deps }: Product) {
  const came: string[] = [];
  const waiting = new Map<string, (() => void)[]>();
  let shut = true;
  const gate = (name: string) => {
    came.push(name);
    if (!shut) return;
    return new Promise<void>((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));
  };
  const provider = deps.providers.get('bitbucket');
  const access = provider?.repositories;
  if (!provider || !access) throw new Error('Bitbucket is not configured.');
  const repositories = new Proxy(access, {
    get(target, name: keyof RepositoryAccess) {
      const call = target[name] as unknown;
      if (typeof call !== 'function') return call;
      return async (...given: unknown[]) => {
        await gate(name);
        return call(...given);
      };
    },
  });
  const readRefs: Deps['ssh']['readRefs'] = async (ask) => {
    await gate('ssh');
    return deps.ssh.readRefs(ask);
  };
  const providers = new Map(deps.providers).set('bitbucket', { ...provider, repositories });
  return {
    deps: { ...deps, providers, ssh: { ...deps.ssh, readRefs } } satisfies Deps,
    came,
    /** Lets those through that wait, and by default all that come. */
    open(name?: string) {
      if (name === undefined) shut = false;
      const names = name === undefined ? [...waiting.keys()] : [name];
      for (const resolve of names.flatMap((each) => waiting.get(each) ?? [])) resolve();
      for (const each of names) waiting.delete(each);
    },
  };
}

const FIVE = ['readFile', 'readKey', 'readPermission', 'readRepository', 'readWebhook'];

describe('what a look costs', () => {
  test('five calls and one login, all under way before the first is answered', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const gate = gated(product);
    const looking = lookAtRepository(gate.deps, project.id);
    await vi.waitFor(() => expect(gate.came).toHaveLength(6), { timeout: 30_000 });
    expect([...gate.came].sort()).toEqual([...FIVE, 'ssh'].sort());
    expect(apiCalls(product)).toEqual([]);
    gate.open();
    await looking;
    expect(apiCalls(product)).toHaveLength(5);
    expect(refreshes(product)).toHaveLength(0);
    expect(product.ssh.logins).toBe(1);
    const view = await readTab(product, project);
    expect(told(view)).toEqual({});
    expect(view.summary).toBeNull();
    expect(rowsOf(view)).toMatchObject({
      'token-owner': { facts: { permission: 'admin' } },
      'deploy-key': { facts: { fingerprint: expect.stringMatching(/^SHA256:/), sshReads: true } },
      webhook: { facts: { url: project.hook?.url } },
      'pipeline-file': { facts: { path: YML, branch: 'main', commit: expect.stringMatching(/^\w{40}$/) } },
    });
  });

  test('a token that ran out is refreshed once, before the five', async () => {
    const product = await startProduct();
    const project = await ready(product);
    await product.deps.db.updateTable('grant').set({ expiresAt: product.deps.now() }).execute();
    expect(told(await look(product, project))).toEqual({});
    expect(refreshes(product)).toHaveLength(1);
    expect(apiCalls(product)).toHaveLength(5);
  });

  test('a token that is refused is refreshed once for all calls, and each of them repeated once', async () => {
    const product = await startProduct();
    const project = await ready(product);
    expireAccessTokens(product.sandbox.world, 'bitbucket');
    expect(told(await look(product, project))).toEqual({});
    expect(refreshes(product)).toHaveLength(1);
    expect(apiCalls(product)).toHaveLength(10);
    expect(product.sandbox.requests({ part: 'api', status: 401 })).toHaveLength(5);
  });

  test('each row is stored when its own answer is there, and the others go on being busy', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const gate = gated(product);
    const looking = lookAtRepository(gate.deps, project.id);
    await vi.waitFor(() => expect(gate.came).toHaveLength(6), { timeout: 30_000 });
    const busy = async () => {
      const { rows } = await readTab(product, project);
      return rows.filter((row) => row.busy).map(({ subject }) => subject);
    };
    expect(await busy()).toEqual([...SUBJECTS]);
    gate.open('readWebhook');
    await vi.waitFor(async () => expect(await busy()).not.toContain('webhook'), { timeout: 30_000 });
    expect(await busy()).toEqual(['token-owner', 'deploy-key', 'pipeline-file']);
    expect(rowsOf(await readTab(product, project)).webhook).toMatchObject({ state: 'healthy' });
    gate.open('readKey');
    gate.open('ssh');
    await vi.waitFor(async () => expect(await busy()).toEqual(['token-owner', 'pipeline-file']), {
      timeout: 30_000,
    });
    gate.open();
    await looking;
    expect(await busy()).toEqual([]);
  });
});

// -- Every cause ------------------------------------------------------------------------------------------------------

type Story = {
  cause: string;
  owner?: string;
  repository?: string;
  bare?: boolean;
  arrange: (product: Product, project: ReadyProject) => unknown;
  tells: Partial<Record<Subject, string>>;
  root?: Partial<RepositoryView['summary']>;
  facts?: Partial<Record<Subject, object>>;
};

const WITHOUT_GRANT = {
  webhook: 'not-checked needs-token-owner < token-owner',
  'pipeline-file': 'broken disconnected < token-owner',
};
const GONE = {
  'token-owner': 'broken repository-gone < repository',
  'deploy-key': 'broken repository-gone < repository',
  webhook: 'broken repository-gone < repository',
  'pipeline-file': 'broken repository-gone < repository',
};
const WORDS = 'git@ssh.bitbucket.org: Permission denied (publickey).';

const place = ({ sandbox }: Product) => ({ world: sandbox.world, git: sandbox.git });
const world = ({ sandbox }: Product) => sandbox.world;
const keyOf = ({ key }: ReadyProject) => key as NonNullable<typeof key>;
const hookOf = ({ hook }: ReadyProject) => hook as NonNullable<typeof hook>;
const setProject = ({ deps }: Product, { id }: ReadyProject, set: object) =>
  deps.db.updateTable('project').set(set).where('id', '=', id).execute();

const STORIES: Story[] = [
  {
    cause: 'the key was removed by hand',
    arrange: (product, project) => deleteKey(world(product), keyOf(project).id),
    tells: { 'deploy-key': 'broken key-removed' },
    root: { cause: 'key-removed', subject: 'deploy-key', mend: 'repair', you: true },
    facts: { 'deploy-key': { sshReads: false, sshWords: WORDS } },
  },
  {
    cause: 'another key stands under its id',
    arrange: (product, project) => swapKey(world(product), keyOf(project)),
    tells: { 'deploy-key': 'broken key-replaced' },
  },
  {
    cause: 'SSH refuses a key that is listed',
    arrange: (product, project) => stopKey(world(product), keyOf(project), true),
    tells: { 'deploy-key': 'broken ssh-refused' },
    facts: { 'deploy-key': { sshWords: WORDS } },
  },
  {
    cause: 'the host presents a key that is not pinned',
    arrange: ({ ssh }) => {
      ssh.fault = 'host-key-mismatch';
    },
    tells: { 'deploy-key': 'broken host-key-mismatch' },
    root: { mend: 'at-provider' },
    facts: { 'deploy-key': { presentedHostKey: expect.stringMatching(/^SHA256:/) } },
  },
  {
    cause: 'SSH does not answer',
    arrange: ({ ssh }) => {
      ssh.fault = 'unreachable';
    },
    tells: { 'deploy-key': 'not-checked ssh-unreachable' },
  },
  {
    cause: 'nothing was ever made',
    bare: true,
    arrange: () => undefined,
    tells: { 'deploy-key': 'broken key-missing', webhook: 'broken webhook-missing' },
  },
  {
    cause: 'the webhook was deleted',
    arrange: (product, project) => deleteHook(world(product), hookOf(project).uuid),
    tells: { webhook: 'broken webhook-removed' },
    root: { cause: 'webhook-removed', mend: 'repair' },
  },
  {
    cause: 'the webhook was switched off',
    arrange: (product, project) => editHook(world(product), hookOf(project), { active: false }),
    tells: { webhook: 'broken webhook-inactive' },
  },
  {
    cause: 'the webhook leads elsewhere',
    arrange: (product, project) =>
      editHook(world(product), hookOf(project), { url: 'https://elsewhere.example/hook' }),
    tells: { webhook: 'broken webhook-wrong-url' },
    facts: { webhook: { foundUrl: 'https://elsewhere.example/hook' } },
  },
  {
    cause: 'the webhook does not announce everything',
    arrange: (product, project) => editHook(world(product), hookOf(project), { events: ['repo:push'] }),
    tells: { webhook: 'broken webhook-missing-events' },
    facts: { webhook: { missingEvents: expect.arrayContaining(['repo:updated']) } },
  },
  {
    cause: 'the webhook has no secret any more',
    arrange: (product, project) => editHook(world(product), hookOf(project), { secret: null }),
    tells: { webhook: 'broken webhook-without-secret' },
  },
  {
    cause: 'the token owner may only write now, and the key went with the right',
    arrange: (product, { repository, owner }) =>
      setPermission(world(product), repository, owner.person.id, 'write'),
    tells: {
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'broken key-lost-with-right < token-owner',
      webhook: 'broken webhook-not-allowed < token-owner',
    },
    root: { cause: 'no-admin-right', subject: 'token-owner', mend: 'at-provider' },
    facts: { 'token-owner': { permission: 'write' } },
  },
  {
    cause: 'the token owner does not see the repository any more',
    arrange: (product, { repository, owner }) =>
      setPermission(world(product), repository, owner.person.id, null),
    tells: GONE,
    root: { cause: 'repository-gone', subject: 'repository', mend: 'change-url' },
    facts: { 'token-owner': { permission: null } },
  },
  {
    cause: 'the repository was deleted',
    arrange: (product, { repository }) => deleteRepository(world(product), repository),
    tells: GONE,
  },
  {
    cause: 'the token owner revoked access at Bitbucket',
    arrange: (product, { owner }) => revokeAccess(world(product), 'bitbucket', owner.person.id),
    tells: {
      'token-owner': 'broken grant-revoked',
      'deploy-key': 'broken key-lost-with-grant < token-owner',
      ...WITHOUT_GRANT,
    },
    root: { cause: 'grant-revoked', subject: 'token-owner', mend: 'grant-access', you: true },
    facts: {
      'token-owner': { endedAt: expect.stringMatching(/^\d{4}-/) },
      'pipeline-file': { brokenSubject: 'token-owner' },
    },
  },
  {
    cause: 'the token owner disconnected Bitbucket',
    arrange: async ({ deps: { db } }) => {
      await db.deleteFrom('grant').execute();
      await db.deleteFrom('connection').execute();
    },
    tells: {
      'token-owner': 'broken not-connected',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      ...WITHOUT_GRANT,
    },
    facts: { 'deploy-key': { sshReads: true } },
  },
  {
    cause: 'the token owner left the organization',
    arrange: ({ deps }) => deps.db.deleteFrom('membership').execute(),
    tells: {
      'token-owner': 'broken left-organization',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      ...WITHOUT_GRANT,
    },
    root: { mend: 'take-over' },
  },
  {
    cause: 'there is no token owner',
    arrange: (product, project) => setProject(product, project, { tokenOwnerId: null }),
    tells: {
      'token-owner': 'broken no-owner',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      ...WITHOUT_GRANT,
    },
  },
  {
    cause: 'the grant does not cover webhooks',
    arrange: (product) => {
      for (const grant of world(product).data.grants)
        grant.scopes = grant.scopes.filter((scope) => scope !== 'webhook');
    },
    tells: {
      'token-owner': 'broken scope-missing',
      webhook: 'not-checked needs-token-owner < token-owner',
    },
    facts: { 'token-owner': { missingScopes: ['webhook'] } },
  },
  {
    cause: 'the file is on another branch alone',
    arrange: (product, { repository }) =>
      pushFile(place(product), repository, { branch: 'main', path: YML, content: null }),
    tells: { 'pipeline-file': 'broken file-missing' },
    root: { cause: 'file-missing', mend: 'add-file' },
    facts: { 'pipeline-file': { branch: 'main', foundOnBranches: ['feature/tide-tables'] } },
  },
  {
    cause: 'the file was moved',
    arrange: (product, { repository }) =>
      moveFile(place(product), repository, { branch: 'main', path: YML, to: '.semaphore/build.yml' }),
    tells: { 'pipeline-file': 'broken file-elsewhere' },
    root: { mend: 'change-path' },
    facts: { 'pipeline-file': { path: YML, foundAtPath: '.semaphore/build.yml' } },
  },
  {
    cause: 'the project names another path, and the file is where it usually is',
    arrange: (product, project) => setProject(product, project, { pipelineFile: 'ci/main.yml' }),
    tells: { 'pipeline-file': 'broken file-elsewhere' },
    facts: { 'pipeline-file': { path: 'ci/main.yml', foundAtPath: YML } },
  },
  {
    cause: 'a directory stands at the path',
    arrange: (product, project) => setProject(product, project, { pipelineFile: '.semaphore' }),
    tells: { 'pipeline-file': 'broken file-elsewhere' },
  },
  {
    cause: 'the default branch is gone',
    arrange: (product, { repository }) => deleteBranch(place(product), repository, 'main'),
    tells: { 'pipeline-file': 'broken branch-gone' },
    facts: { 'pipeline-file': { branch: 'main', foundOnBranches: ['feature/tide-tables'] } },
  },
  {
    cause: 'the repository is empty',
    repository: 'harbour-works/empty-berth',
    arrange: () => undefined,
    tells: { 'pipeline-file': 'broken repository-empty' },
    root: { mend: 'add-file' },
  },
];

describe('every cause is told, and what only follows from it is folded under it', () => {
  test.each(STORIES)('$cause', async ({ arrange, tells, root, facts, ...options }) => {
    const product = await startProduct();
    const project = await ready(product, { ...options, owner: await signUp(product, 'tomas') });
    await arrange(product, project);
    const view = await look(product, project);
    expect(told(view)).toEqual(tells);
    if (root) expect(view.summary).toMatchObject(root);
    expect(rowsOf(view)).toMatchObject(
      Object.fromEntries(
        Object.entries(facts ?? {}).map(([subject, wanted]) => [subject, { facts: wanted }]),
      ),
    );
    // Nothing that stands at the root of other rows comes without a summary.
    const broken = view.rows.some(({ state }) => state === 'broken');
    expect(view.summary !== null).toBe(broken);
  });

  const OLD_SLUGS: Quirks['oldSlug'][] = [301, 302, 307, 308, 404, 'follow'];

  test.each(OLD_SLUGS)('a rename is recognised when the old address answers %s', async (oldSlug) => {
    const product = await startProduct();
    const project = await ready(product);
    const { data } = world(product);
    data.quirks.oldSlug = oldSlug;
    renameRepository(world(product), project.repository, 'pilot-core');
    const refused = await look(product, project);
    expect(told(refused)).toEqual({
      'deploy-key': 'broken repository-moved < repository',
      'pipeline-file': 'broken repository-moved < repository',
    });
    expect(refused.repository).toMatchObject({
      fullName: 'harbour-works/pilot-api',
      movedTo: 'harbour-works/pilot-core',
    });
    expect(refused.summary).toMatchObject({
      cause: 'repository-moved',
      subject: 'repository',
      mend: 'update-url',
      facts: { movedTo: 'harbour-works/pilot-core' },
    });
    data.quirks.gitFollowsRename = true;
    product.sandbox.requests.clear();
    expect(told(await look(product, project))).toEqual({
      'pipeline-file': 'broken repository-moved < repository',
    });
    // The right is asked for by the name that the repository had at the last look.
    expect(apiCalls(product)).toHaveLength(5);
  });

  test('a key that was lost with a grant is told from one that was removed when access was granted anew', async () => {
    const product = await startProduct();
    const project = await ready(product);
    revokeAccess(world(product), 'bitbucket', project.owner.person.id);
    await look(product, project);
    product.travel(60_000);
    await project.owner.browser.grant('bitbucket', 'tomas');
    expect(told(await look(product, project))).toEqual({ 'deploy-key': 'broken key-lost-with-grant' });
  });

  test('what stands under another id is found by what it is, and its id is remembered', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const key = keyOf(project);
    const hook = hookOf(project);
    key.id = 777_001;
    hook.uuid = '{0d0d0d0d-0000-4000-8000-000000000001}';
    world(product).changed();
    expect(told(await look(product, project))).toEqual({});
    const ids = await product.deps.db.selectFrom('credential').select(['kind', 'remoteId']).execute();
    expect(Object.fromEntries(ids.map(({ kind, remoteId }) => [kind, remoteId]))).toEqual({
      'deploy-key': '777001',
      webhook: hook.uuid,
    });
    product.sandbox.requests.clear();
    expect(told(await look(product, project))).toEqual({});
    expect(apiCalls(product)).toHaveLength(5);
  });

  test('the file is looked for on the real default branch, whatever it was before', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const file = async () => rowsOf(await look(product, project))['pipeline-file'];
    await renameBranch(place(product), project.repository, 'main', 'trunk');
    expect(await file()).toMatchObject({ state: 'healthy', facts: { branch: 'trunk' } });
    expect((await readProject(product, project.id)).defaultBranch).toBe('trunk');
    // In the address of a file nobody could tell where such a name ends.
    await setMainBranch(place(product), project.repository, 'feature/tide-tables');
    expect(await file()).toMatchObject({ state: 'healthy', facts: { branch: 'feature/tide-tables' } });
    expect(await file()).toMatchObject({ state: 'healthy', facts: { branch: 'feature/tide-tables' } });
  });

  test('a repository that another admin sees is not gone: the token owner lost access, and the other may take over', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const { deps } = product;
    const admin = await signUp(product, 'nora');
    const membership = {
      organizationId: project.organization.id,
      profileId: admin.profileId,
      role: 'admin' as const,
      createdAt: deps.now(),
    };
    await deps.db.insertInto('membership').values(membership).execute();
    setPermission(world(product), project.repository, project.owner.person.id, null);
    const view = await look(product, project);
    expect(told(view)).toMatchObject({
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'broken key-lost-with-right < token-owner',
    });
    expect(
      (await readTab(product, project, { profileId: admin.profileId, role: 'admin' })).summary,
    ).toMatchObject({ cause: 'no-admin-right', mend: 'take-over', you: true });
  });

  test('each kind of viewer is told who can mend it', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const { deps } = product;
    const add = async (nickname: string, role: 'admin' | 'member') => {
      const { profileId } = await signUp(product, nickname);
      const membership = { organizationId: project.organization.id, profileId, role, createdAt: deps.now() };
      await deps.db.insertInto('membership').values(membership).execute();
      return { profileId, role };
    };
    const admin = await add('greta-v', 'admin');
    const member = await add('pim', 'member');
    revokeAccess(world(product), 'bitbucket', project.owner.person.id);
    const mends = async (viewer?: typeof admin) => {
      const { summary } = await readTab(product, project, viewer);
      return summary && { mend: summary.mend, you: summary.you, people: summary.people };
    };
    await look(product, project);
    expect(await mends()).toEqual({ mend: 'grant-access', you: true, people: [] });
    expect(await mends(admin)).toEqual({ mend: 'take-over', you: true, people: [] });
    expect(await mends(member)).toEqual({ mend: 'grant-access', you: false, people: ['Tomás Ribeiro'] });
    expect((await readTab(product, project, member)).canChange).toBe(false);
  });
});

// -- Sharing ----------------------------------------------------------------------------------------------------------

describe('looks are shared', () => {
  test('everyone who asks at the same time and within five seconds costs one look, on any replica', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const replica = await product.replica();
    const everyone = Array.from({ length: 20 }, (_, index) =>
      lookAtRepository(index % 2 ? product.deps : replica.deps, project.id),
    );
    await Promise.all(everyone);
    expect(apiCalls(product)).toHaveLength(5);
    // However slow the machine: the look began just now.
    await product.deps.db
      .updateTable('project')
      .set({ lookStartedAt: sql<Date>`clock_timestamp()` })
      .execute();
    await lookAtRepository(product.deps, project.id);
    await lookAtRepository(replica.deps, project.id);
    expect(apiCalls(product)).toHaveLength(5);
  });

  test('after that somebody looks again', async () => {
    const product = await startProduct();
    const project = await ready(product);
    await lookAtRepository(product.deps, project.id);
    await product.deps.db
      .updateTable('project')
      .set({ lookStartedAt: sql<Date>`look_started_at - make_interval(secs => 5)` })
      .execute();
    await lookAtRepository(product.deps, project.id);
    expect(apiCalls(product)).toHaveLength(10);
  });

  test('one that began before does not answer for those who ask for a fresh one, and they share the next', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const gate = gated(product);
    const first = lookAtRepository(gate.deps, project.id);
    await vi.waitFor(() => expect(gate.came).toHaveLength(6), { timeout: 30_000 });
    const fresh = Array.from({ length: 10 }, () => lookAtRepository(gate.deps, project.id, { fresh: true }));
    const joined = lookAtRepository(gate.deps, project.id);
    // What the first look is about to say is not true any more.
    deleteHook(world(product), hookOf(project).uuid);
    gate.open();
    await Promise.all([first, joined, ...fresh]);
    expect(told(await readTab(product, project))).toEqual({ webhook: 'broken webhook-removed' });
    // Two that ask in the same instant as a look begins may cost one more.
    expect(gate.came.filter((name) => name === 'readRepository').length).toBeLessThanOrEqual(3);
  });

  test('a process that lost its lease writes nothing, and the next one is not held up', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const gate = gated(product);
    const zombie = lookAtRepository(gate.deps, project.id);
    await vi.waitFor(() => expect(gate.came).toHaveLength(6), { timeout: 30_000 });
    await product.deps.db
      .updateTable('project')
      .set({ lookUntil: sql<Date>`clock_timestamp() - make_interval(secs => 1)` })
      .execute();
    deleteHook(world(product), hookOf(project).uuid);
    await lookAtRepository(product.deps, project.id);
    const newer = await readTab(product, project);
    expect(told(newer)).toEqual({ webhook: 'broken webhook-removed' });
    gate.open();
    await zombie;
    expect(await readTab(product, project)).toEqual(newer);
  });

  test('what changed under a look is looked at again, and what it saw is not stored', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const gate = gated(product);
    const looking = lookAtRepository(gate.deps, project.id);
    await vi.waitFor(() => expect(gate.came).toHaveLength(6), { timeout: 30_000 });
    await setProject(product, project, { pipelineFile: 'ci/other.yml' });
    gate.open();
    await looking;
    const view = await readTab(product, project);
    expect(told(view)).toEqual({ 'pipeline-file': 'broken file-elsewhere' });
    expect(gate.came.filter((name) => name === 'readRepository')).toHaveLength(2);
  });

  test('a deleted project is not looked at', async () => {
    const product = await startProduct();
    const project = await ready(product);
    await setProject(product, project, { state: 'deleted' });
    await lookAtRepository(product.deps, project.id);
    expect(apiCalls(product)).toEqual([]);
  });

  test('a look that cannot begin is given back at once', async () => {
    const product = await startProduct();
    const project = await ready(product);
    await product.deps.db.updateTable('credential').set({ material: 'v1.x.y' }).execute();
    await expect(lookAtRepository(product.deps, project.id)).rejects.toThrow();
    await expect(lookAtRepository(product.deps, project.id)).rejects.toThrow();
    expect((await readProject(product, project.id)).lookHolder).toBeNull();
  });
});

// -- Faults -----------------------------------------------------------------------------------------------------------

/** Stands in an address for the repository's own part, and nothing else. */
const UUID = 'UUID';
const CALLS: { call: FaultTarget; rows: Subject[] }[] = [
  { call: `bitbucket:GET /2.0/repositories/%7B%7D/${UUID}`, rows: ['token-owner', 'pipeline-file'] },
  { call: 'bitbucket:GET /2.0/user/workspaces/*', rows: [] },
  { call: 'bitbucket:GET /2.0/repositories/*/deploy-keys/*', rows: ['deploy-key'] },
  { call: 'bitbucket:GET /2.0/repositories/*/hooks/*', rows: ['webhook'] },
  { call: 'bitbucket:GET /2.0/repositories/*/src/*', rows: ['pipeline-file'] },
  { call: 'bitbucket:api', rows: [...SUBJECTS] },
];

/** Longer than a rate limit of the sandbox lasts. */
const LATER = 130_000;

/** The same product with less patience for calls that would never end. */
function hasty({ deps, ssh }: Product): Deps {
  const { config, log, db, jobs, sealer, now } = deps;
  return createDeps({ config, log, database: { db }, jobs, sealer, now, ssh, outboundDeadline: 300 });
}

describe.each(CALLS)('while $call goes wrong', ({ call, rows }) => {
  test('what it would prove is not checked, never red, and keeps its last result with its time', async () => {
    const product = await startProduct();
    const project = await ready(product);
    let before = rowsOf(await look(product, project));
    for (const [mode, code] of Object.entries(MODES)) {
      product.travel(LATER);
      const uuid = encodeURIComponent(project.repository.uuid);
      product.sandbox.faults.set(call.replace(UUID, uuid) as FaultTarget, mode as FaultMode);
      const deps = code === 'provider-timeout' ? hasty(product) : product.deps;
      await lookAtRepository(deps, project.id, { fresh: true });
      product.sandbox.faults.clear();
      const now = rowsOf(await readTab(product, project));
      for (const subject of SUBJECTS) {
        const { checkedAt, facts } = before[subject];
        if (!rows.includes(subject)) {
          // A deadline of tests is short enough to strike others, too, on a busy machine.
          if (code !== 'provider-timeout') expect(now[subject].state, `${mode} ${subject}`).toBe('healthy');
          expect(now[subject].state, `${mode} ${subject}`).not.toBe('broken');
          continue;
        }
        expect(now[subject], `${mode} ${subject}`).toMatchObject({
          state: 'not-checked',
          cause: code,
          previous: { state: 'healthy', at: checkedAt, facts },
          busy: false,
        });
        if (mode === '429-retry-after') expect(now[subject].facts.retryAt).toMatch(/^\d{4}-/);
      }
      product.travel(LATER);
      const well = await look(product, project);
      expect(told(well), `after ${mode}`).toEqual({});
      before = rowsOf(well);
    }
    expect(product.sandbox.requests({ path: '/redirected' })).toEqual([]);
  });
});

describe('faults on the way to the cause', () => {
  test.each([
    ['bitbucket:GET /2.0/repositories/*/deploy-keys', 'deploy-key'],
    ['bitbucket:GET /2.0/repositories/*/hooks', 'webhook'],
    ['bitbucket:GET /2.0/repositories/*/refs/branches/main', 'pipeline-file'],
  ] as const)('while %s fails, what was not found is not yet called gone', async (call, subject) => {
    const product = await startProduct();
    const project = await ready(product);
    deleteKey(world(product), keyOf(project).id);
    deleteHook(world(product), hookOf(project).uuid);
    await pushFile(place(product), project.repository, { branch: 'main', path: YML, content: null });
    product.sandbox.faults.set(call, '503');
    expect(rowsOf(await look(product, project))[subject]).toMatchObject({
      state: 'not-checked',
      cause: 'provider-error',
    });
  });

  test('a provider that says "not found" to everything for a moment takes nothing away', async () => {
    const product = await startProduct();
    const project = await ready(product);
    for (const call of ['*/deploy-keys*', '*/hooks*'] as const) {
      product.sandbox.faults.clear();
      product.sandbox.faults.set(`bitbucket:GET /2.0/repositories/${call}`, '404');
      const view = await look(product, project);
      expect(view.rows.filter(({ state }) => state === 'broken')).toEqual([]);
    }
  });

  test('a refresh that fails leaves everything unchecked, with what was proved before', async () => {
    const product = await startProduct();
    const project = await ready(product);
    await look(product, project);
    await product.deps.db.updateTable('grant').set({ expiresAt: product.deps.now() }).execute();
    product.sandbox.faults.set('bitbucket:token', '503');
    const { rows, summary } = await look(product, project);
    expect(summary).toBeNull();
    for (const row of rows) {
      expect(row).toMatchObject({
        state: 'not-checked',
        cause: 'provider-error',
        previous: { state: 'healthy' },
      });
    }
  });

  test('a rate limit is honoured by all projects of the token owner: until then nobody asks again', async () => {
    const product = await startProduct();
    const project = await ready(product);
    const sibling = await ready(product, {
      owner: project.owner,
      organization: project.organization,
      name: 'second',
    });
    await look(product, project);
    product.sandbox.faults.set('bitbucket:api', '429-retry-after', { retryAfter: 600 });
    await look(product, project);
    product.sandbox.faults.clear();
    product.sandbox.requests.clear();
    for (const each of [project, sibling]) {
      const { rows } = await look(product, each);
      for (const row of rows) {
        expect(row).toMatchObject({
          state: 'not-checked',
          cause: 'provider-rate-limited',
          facts: { retryAt: expect.any(String) },
        });
      }
    }
    expect(apiCalls(product)).toEqual([]);
    const due = (await readProject(product, project.id)).lookDueAt;
    expect(due.getTime()).toBeLessThanOrEqual(product.deps.now().getTime() + 600_000);
    product.travel(601_000);
    expect(told(await look(product, project))).toEqual({});
  });
});

test('no private key, secret or token is in what the page gets, or in the logs', async () => {
  const product = await startProduct({ env: { LOG_LEVEL: 'trace' } });
  const project = await ready(product);
  const { db, sealer } = product.deps;
  const credentials = await db.selectFrom('credential').selectAll().execute();
  const grants = await db.selectFrom('grant').selectAll().execute();
  const secrets = [
    ...credentials.map((row) => sealer.open(row.material ?? '', `credential/${row.id}/material`)),
    ...grants.map((row) => sealer.open(row.accessToken, `grant/${row.connectionId}/access_token`)),
  ];
  expect(secrets).toHaveLength(3);
  const lines = secrets.flatMap((secret) => secret.split('\n')).filter((line) => line.length > 40);
  for (const arrange of [() => undefined, () => stopKey(world(product), keyOf(project), true)]) {
    arrange();
    const text = JSON.stringify(await look(product, project)) + product.logs();
    const findings = JSON.stringify(await db.selectFrom('finding').selectAll().execute());
    for (const line of lines) {
      if (line.startsWith('-----')) continue;
      expect(text + findings).not.toContain(line);
    }
  }
});
