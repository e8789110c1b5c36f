/** The same calls against the sandbox, over HTTP: what the client and the sandbox believe of Bitbucket has to agree. */
import { Counter, Histogram } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { FaultMode } from '../../../sandbox/faults.ts';
import { changeClientScopes, renameRepository, setPermission } from '../../../sandbox/play.ts';
import type { usualQuirks } from '../../../sandbox/state.ts';
import { publicKeyLine, useBench } from '../../../sandbox/test-bench.ts';
import { personNamed, repositoryNamed } from '../../../sandbox/world.ts';
import { createOutbound } from '../../http.ts';
import { createLogger } from '../../log.ts';
import type { RepositoryAddress, RepositoryAnswer } from '../repository-access.ts';
import { createRepositoryAccess } from './repositories.ts';

const bench = useBench();
const outbound = createOutbound({
  log: createLogger('silent'),
  calls: new Counter({
    name: 'calls',
    help: '-',
    labelNames: ['provider', 'what', 'outcome'],
    registers: [],
  }),
  seconds: new Histogram({ name: 'seconds', help: '-', labelNames: ['provider', 'what'], registers: [] }),
  now: () => new Date(bench.clock.now),
});
const access = createRepositoryAccess(
  {
    clientId: 'id',
    clientSecret: 'secret',
    webUrl: 'https://bitbucket.test',
    apiUrl: 'https://api.bitbucket.test/2.0',
  },
  outbound,
);

const PILOT = 'harbour-works/pilot-api';
const draft = {
  url: 'https://ci.example.com/hooks/bitbucket/1',
  title: 'Semaphore · harbour/pilot',
  events: access.events,
  secret: 'a-secret',
};

const world = () => bench.sandbox.world;
const pilot = (): RepositoryAddress => ({ uuid: repositoryNamed(world(), PILOT).uuid });
const newKey = () => ({ publicKey: publicKeyLine('').trim(), label: 'Semaphore · harbour/pilot' });
const tokenOf = async (person: string) => (await bench.tokensFor(person)).access;
const refused = (kind: string, more: object = {}) => ({ ok: false, refusal: { kind, ...more } });
const unexpected = refused('fault', { fault: { code: 'provider-unexpected' } });

async function must<T>(answer: Promise<RepositoryAnswer<T>>): Promise<T> {
  const read = await answer;
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.value;
}

test('whoever looks around finds workspaces, repositories and rights', async () => {
  const token = await tokenOf('tomas');
  const { values } = await must(access.listWorkspaces(token));
  expect(values).toContainEqual({ slug: 'harbour-works', administrator: false });
  const repositories = await must(access.listRepositories(token, 'harbour-works'));
  expect(repositories.values).toContainEqual(await must(access.readRepository(token, pilot())));
  expect(repositories.values.find(({ name }) => name === 'Empty berth')?.defaultBranch).toBeNull();
  const rights = await must(access.listPermissions(token, 'harbour-works'));
  const uuid = repositoryNamed(world(), PILOT).uuid;
  expect(rights.values).toContainEqual({ uuid, permission: 'admin' });
});

test.each([
  ['nora', 'admin'],
  ['tomas', 'admin'],
  ['greta-v', 'write'],
  ['pim', 'read'],
  ['seun', null],
])('the right of %s on a repository is %s', async (person, permission) => {
  expect(await must(access.readPermission(await tokenOf(person), PILOT))).toBe(permission);
});

test('a workspace that does not exist gives no right, and no repositories', async () => {
  const token = await tokenOf('nora');
  expect(await must(access.readPermission(token, 'nobody-here/api'))).toBeNull();
  expect(await access.listRepositories(token, 'nobody-here')).toEqual(refused('not-found'));
});

test('a private repository is not there for others; keys and webhooks are for admins', async () => {
  const [stranger, writer] = [await tokenOf('seun'), await tokenOf('greta-v')];
  expect(await access.readRepository(stranger, pilot())).toEqual(refused('not-found'));
  expect(await access.readRepository(writer, pilot())).toMatchObject({ ok: true });
  expect(await access.listKeys(writer, pilot())).toEqual(refused('forbidden'));
  expect(await access.addKey(writer, pilot(), newKey())).toEqual(refused('forbidden'));
  expect(await access.addWebhook(writer, pilot(), draft)).toEqual(refused('forbidden'));
  setPermission(
    world(),
    repositoryNamed(world(), PILOT),
    personNamed(world(), 'bitbucket', 'greta-v').id,
    'admin',
  );
  expect(await access.listKeys(writer, pilot())).toEqual({ ok: true, value: [] });
});

test('a deploy key is added, found by itself and in the list, and removed once', async () => {
  const token = await tokenOf('tomas');
  const key = newKey();
  const added = await must(access.addKey(token, pilot(), key));
  expect(added).toEqual({ id: expect.any(String), ...key, addedAt: new Date(bench.clock.now).toISOString() });
  expect(await must(access.readKey(token, pilot(), added.id))).toEqual(added);
  expect(await must(access.listKeys(token, pilot()))).toEqual([added]);
  expect(await must(access.removeKey(token, pilot(), added.id))).toBe('removed');
  expect(await must(access.removeKey(token, pilot(), added.id))).toBe('was-gone');
  expect(await access.readKey(token, pilot(), added.id)).toEqual(refused('not-found'));
});

test('a key with a comment is the same key without it', async () => {
  const token = await tokenOf('tomas');
  const { publicKey, label } = newKey();
  const added = await must(
    access.addKey(token, pilot(), { publicKey: `${publicKey} someone@example`, label }),
  );
  expect(added.publicKey).toBe(publicKey);
});

test.each(['fields', 'envelope'] as const)(
  'a key that is there already is known for it, when the refusal comes as %s',
  async (quirk) => {
    world().data.quirks.duplicateKey = quirk;
    const token = await tokenOf('tomas');
    const key = newKey();
    await must(access.addKey(token, pilot(), key));
    expect(await access.addKey(token, pilot(), key)).toEqual(
      refused('rejected', { words: expect.stringContaining('already added'), duplicate: true }),
    );
    const bad = await access.addKey(token, pilot(), { publicKey: 'ssh-ed25519 nonsense', label: '' });
    expect(bad).toEqual(refused('rejected', { words: 'Invalid SSH key.', duplicate: false }));
  },
);

test('more keys than fit on a page are all read', async () => {
  const token = await tokenOf('tomas');
  const added = await must(access.addKey(token, pilot(), newKey()));
  const [first] = world().data.deployKeys;
  if (!first) throw new Error('No key was added.');
  for (let id = 1; id <= 230; id += 1) world().data.deployKeys.push({ ...first, id });
  const keys = await must(access.listKeys(token, pilot()));
  expect(keys).toHaveLength(231);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(231);
  expect(keys[0]).toEqual(added);
});

test('a webhook is added, found, mended and removed once', async () => {
  const token = await tokenOf('tomas');
  const added = await must(access.addWebhook(token, pilot(), draft));
  expect(added).toEqual({
    id: expect.stringMatching(/^\{[0-9a-f-]{36}\}$/),
    url: draft.url,
    title: draft.title,
    active: true,
    events: [...draft.events].sort(),
    secretSet: true,
  });
  const [kept] = world().data.hooks;
  if (!kept) throw new Error('No webhook was added.');
  Object.assign(kept, { active: false, secret: null, events: ['repo:push'], url: 'https://other.example/' });
  expect(await must(access.readWebhook(token, pilot(), added.id))).toMatchObject({
    active: false,
    secretSet: false,
    events: ['repo:push'],
    url: 'https://other.example/',
  });
  expect(await must(access.updateWebhook(token, pilot(), added.id, draft))).toEqual(added);
  expect(kept.secret).toBe(draft.secret);
  expect(await must(access.listWebhooks(token, pilot()))).toEqual([added]);
  expect(await must(access.removeWebhook(token, pilot(), added.id))).toBe('removed');
  expect(await must(access.removeWebhook(token, pilot(), added.id))).toBe('was-gone');
  expect(await access.updateWebhook(token, pilot(), added.id, draft)).toEqual(refused('not-found'));
});

test('the required scopes are enough for every call, without pullrequest', async () => {
  changeClientScopes(world(), bench.client().id, [
    'account',
    'email',
    'repository',
    'repository:admin',
    'webhook',
  ]);
  const token = await tokenOf('tomas');
  await must(access.addWebhook(token, pilot(), draft));
  await must(access.addKey(token, pilot(), newKey()));
  expect(await must(access.readPermission(token, PILOT))).toBe('admin');
});

test('scopes that are missing are named', async () => {
  changeClientScopes(world(), bench.client().id, ['account', 'email', 'repository']);
  const token = await tokenOf('tomas');
  expect(await access.listKeys(token, pilot())).toEqual(
    refused('scope-missing', { missing: ['repository:admin'] }),
  );
  expect(await access.addWebhook(token, pilot(), draft)).toEqual(
    refused('scope-missing', { missing: ['webhook'] }),
  );
});

test('a bad address of a webhook is rejected with the words for it', async () => {
  const token = await tokenOf('tomas');
  expect(await access.addWebhook(token, pilot(), { ...draft, url: 'ftp://x' })).toEqual(
    refused('rejected', { words: 'Bad request. Enter a valid URL.', duplicate: false }),
  );
});

test('a token that is not good any more is refused', async () => {
  expect(await access.readRepository('made-up', pilot())).toEqual(refused('unauthorized'));
});

test('the source: branches with slashes, files, directories and what is not there', async () => {
  const token = await tokenOf('pim');
  const branches = await must(access.listBranches(token, pilot()));
  expect(branches.map(({ name }) => name).sort()).toEqual(['feature/tide-tables', 'main']);
  for (const { name, commit } of branches) {
    expect(await must(access.readBranch(token, pilot(), name))).toEqual({ commit });
  }
  expect(await access.readBranch(token, pilot(), 'feature/none')).toEqual(refused('not-found'));
  const { commit } = await must(access.readBranch(token, pilot(), 'feature/tide-tables'));
  const read = (path: string) => access.readFile(token, pilot(), commit, path);
  expect(await must(read('.semaphore/semaphore.yml'))).toEqual({
    commit,
    size: expect.any(Number),
    isFile: true,
  });
  expect(await must(read('src'))).toMatchObject({ commit, isFile: false });
  expect(await read('src/none.js')).toEqual(refused('not-found'));
  expect(await access.readFile(token, pilot(), 'no-such-branch', 'src')).toEqual(refused('not-found'));
  expect((await must(access.listFiles(token, pilot(), commit, 'src'))).sort()).toEqual([
    'berths.js',
    'tides.js',
  ]);
  expect((await must(access.listFiles(token, pilot(), commit, ''))).sort()).toEqual([
    'Makefile',
    'README.md',
  ]);
  expect(await access.listFiles(token, pilot(), commit, 'none')).toEqual(refused('not-found'));
});

describe('a renamed repository', () => {
  const RENAMED = 'harbour-works/pilot-service';
  async function rename(oldSlug: (typeof usualQuirks)['oldSlug']) {
    world().data.quirks.oldSlug = oldSlug;
    const token = await tokenOf('tomas');
    const key = await must(access.addKey(token, pilot(), newKey()));
    const at = pilot();
    renameRepository(world(), repositoryNamed(world(), PILOT), 'pilot-service');
    return { token, key, at };
  }

  test.each([301, 302, 307, 308, 404, 'follow'] as const)(
    'is at its UUID as if nothing had happened, also where old names answer %s',
    async (oldSlug) => {
      const { token, key, at } = await rename(oldSlug);
      expect(await must(access.readRepository(token, at))).toMatchObject({ fullName: RENAMED });
      expect(await must(access.listKeys(token, at))).toEqual([key]);
      await must(access.addWebhook(token, at, draft));
      expect(await must(access.removeKey(token, at, key.id))).toBe('removed');
    },
  );

  test.each([301, 302, 307, 308, 'follow'] as const)(
    'is found by its old name, and tells the new one, where that answers %s',
    async (oldSlug) => {
      const { token, key } = await rename(oldSlug);
      const old = { fullName: PILOT };
      expect(await must(access.readRepository(token, old))).toMatchObject({ fullName: RENAMED });
      expect(await must(access.listKeys(token, old))).toEqual([key]);
      expect(await must(access.listFiles(token, old, 'main', 'src'))).toEqual(['berths.js']);
    },
  );

  test('is gone by its old name where that answers 404', async () => {
    const { token } = await rename(404);
    expect(await access.readRepository(token, { fullName: PILOT })).toEqual(refused('not-found'));
  });

  test.each([301, 302, 307, 308] as const)(
    'IN-02 is not written to by its old name where that answers %d',
    async (oldSlug) => {
      const { token, key } = await rename(oldSlug);
      const old = { fullName: PILOT };
      expect(await access.addKey(token, old, newKey())).toEqual(unexpected);
      expect(await access.addWebhook(token, old, draft)).toEqual(unexpected);
      expect(await access.removeKey(token, old, key.id)).toEqual(unexpected);
      expect(world().data.deployKeys).toHaveLength(1);
      expect(world().data.hooks).toEqual([]);
    },
  );
});

test.each(['redirect-301', 'redirect-302', 'redirect-307', 'redirect-308'] satisfies FaultMode[])(
  'IN-02 %s to another host brings it no request',
  async (mode) => {
    const token = await tokenOf('tomas');
    const at = pilot();
    const { id } = await must(access.addKey(token, at, newKey()));
    // GitHub's part of the sandbox would note whoever came.
    bench.sandbox.faults.set('bitbucket:api', mode, { location: 'https://api.github.test/user' });
    for (const answer of [
      await access.listWorkspaces(token),
      await access.readRepository(token, at),
      await access.readRepository(token, { fullName: PILOT }),
      await access.listKeys(token, at),
      await access.addKey(token, at, newKey()),
      await access.removeKey(token, at, id),
      await access.addWebhook(token, at, draft),
      await access.updateWebhook(token, at, '{x}', draft),
      await access.readFile(token, at, 'main', 'Makefile'),
    ]) {
      expect(answer).toEqual(unexpected);
    }
    const atGithub = () => bench.sandbox.requests({ service: 'github' });
    expect(atGithub()).toEqual([]);
    await fetch('https://api.github.test/user');
    expect(atGithub()).toHaveLength(1);
  },
);
