import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answering, json, raw } from '../../../test/outside.ts';
import type { OutboundResult } from '../../http.ts';
import type { RepositoryAccess, RepositoryAnswer } from '../repository-access.ts';
import { bitbucket } from './client.ts';
import { facts } from './facts.ts';
import { createRepositoryAccess } from './repositories.ts';

const API = 'https://api.bitbucket.example/2.0';
const config = { clientId: 'id', clientSecret: 'secret', webUrl: 'https://bitbucket.example', apiUrl: API };
const TOKEN = 'not-a-real-token';
const UUID = '{5e1f0c7a-2b64-4d8e-9a31-c0d4e7f2b815}';
const HOOK = '{c27d91e4-06bf-4a53-8e1d-7f3b5a90d6c8}';
const COMMIT = 'b7e23ec29af22b0b4e41da31e868d57226121c84';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx0b3RhbGx5bm90YWtleWJ1dGxvbmdlbm91Z2g';
const at = { uuid: UUID };
const byUuid = `${API}/repositories/%7B%7D/${encodeURIComponent(UUID)}`;
const draft = {
  url: 'https://ci.example.com/hooks/bitbucket/1',
  title: 'Semaphore · acme/api',
  events: ['repo:push', 'repo:deleted'],
  secret: 'hook-secret-canary',
};

const repository = {
  type: 'repository',
  uuid: UUID.toUpperCase(),
  name: 'API',
  slug: 'api',
  full_name: 'acme/api',
  is_private: true,
  mainbranch: { type: 'branch', name: 'main' },
  links: { clone: [{ name: 'ssh', href: 'git@evil.example:acme/api.git' }] },
};
const key = {
  type: 'deploy_key',
  id: 51_207,
  key: `${KEY} someone@example`,
  label: 'Semaphore · acme/api',
  comment: '',
  created_on: '2026-11-20T10:00:00.123456+00:00',
  last_used: null,
};
const hook = {
  type: 'webhook_subscription',
  uuid: HOOK.toUpperCase(),
  description: 'Semaphore · acme/api',
  url: draft.url,
  active: true,
  events: ['repo:push', 'repo:deleted'],
  secret_set: true,
  source: null,
};
const permission = (fullName: string, word: string) => ({
  type: 'repository_permission',
  permission: word,
  repository: { uuid: UUID.toUpperCase(), full_name: fullName, name: 'API' },
});
const file = {
  type: 'commit_file',
  path: '.semaphore/semaphore.yml',
  size: 229,
  commit: { type: 'commit', hash: COMMIT },
  attributes: [],
};
const branch = { type: 'branch', name: 'main', target: { hash: COMMIT, date: '2026-11-20T10:00:00+00:00' } };

const remoteRepository = {
  uuid: UUID,
  fullName: 'acme/api',
  name: 'API',
  isPrivate: true,
  defaultBranch: 'main',
};
const remoteKey = {
  id: '51207',
  publicKey: KEY,
  label: 'Semaphore · acme/api',
  addedAt: '2026-11-20T10:00:00.123Z',
};
const remoteHook = {
  id: HOOK,
  url: draft.url,
  title: 'Semaphore · acme/api',
  active: true,
  events: ['repo:deleted', 'repo:push'],
  secretSet: true,
};

const list = (...values: unknown[]) => ({ values, pagelen: 100 });
const ok = (value: unknown) => ({ ok: true, value });
const refused = (kind: string, more: object = {}) => ({ ok: false, refusal: { kind, ...more } });
const unexpected = refused('fault', { fault: { code: 'provider-unexpected' } });
const redirect = (location: string, status = 301): OutboundResult => ({
  ok: true,
  status,
  contentType: '',
  text: '',
  location,
});

function client(...answers: OutboundResult[]) {
  const { outbound, requests } = answering(...answers);
  return { access: createRepositoryAccess(config, outbound), requests };
}

type Ask = (access: RepositoryAccess) => Promise<RepositoryAnswer<unknown>>;
type Call = { ask: Ask; what: string; method: string; url: string; answer: unknown; value: unknown };

const READS: Record<string, Call> = {
  listWorkspaces: {
    ask: (access) => access.listWorkspaces(TOKEN),
    what: 'GET /user/workspaces',
    method: 'GET',
    url: `${API}/user/workspaces?pagelen=100`,
    answer: list(
      { administrator: true, workspace: { slug: 'acme', uuid: UUID } },
      { workspace: { slug: 'other' } },
    ),
    value: {
      values: [
        { slug: 'acme', administrator: true },
        { slug: 'other', administrator: false },
      ],
      next: null,
    },
  },
  listRepositories: {
    ask: (access) => access.listRepositories(TOKEN, 'acme'),
    what: 'GET /repositories/{workspace}',
    method: 'GET',
    url: `${API}/repositories/acme?pagelen=100`,
    answer: list(repository),
    value: { values: [remoteRepository], next: null },
  },
  listPermissions: {
    ask: (access) => access.listPermissions(TOKEN, 'acme'),
    what: 'GET /user/workspaces/{workspace}/permissions/repositories',
    method: 'GET',
    url: `${API}/user/workspaces/acme/permissions/repositories?pagelen=100`,
    answer: list(permission('acme/api', 'admin'), permission('acme/web', 'inherited-by-magic')),
    value: { values: [{ uuid: UUID, permission: 'admin' }], next: null },
  },
  readPermission: {
    ask: (access) => access.readPermission(TOKEN, 'acme/api'),
    what: 'GET /user/workspaces/{workspace}/permissions/repositories',
    method: 'GET',
    url: `${API}/user/workspaces/acme/permissions/repositories?q=repository.full_name%3D%22acme%2Fapi%22&pagelen=100`,
    answer: list(permission('acme/api', 'write')),
    value: 'write',
  },
  readRepository: {
    ask: (access) => access.readRepository(TOKEN, at),
    what: 'GET /repositories/{repository}',
    method: 'GET',
    url: byUuid,
    answer: repository,
    value: remoteRepository,
  },
  'readRepository by name': {
    ask: (access) => access.readRepository(TOKEN, { fullName: 'acme/api' }),
    what: 'GET /repositories/{repository}',
    method: 'GET',
    url: `${API}/repositories/acme/api`,
    answer: repository,
    value: remoteRepository,
  },
  listKeys: {
    ask: (access) => access.listKeys(TOKEN, at),
    what: 'GET /repositories/{repository}/deploy-keys',
    method: 'GET',
    url: `${byUuid}/deploy-keys?pagelen=100`,
    answer: list(key),
    value: [remoteKey],
  },
  readKey: {
    ask: (access) => access.readKey(TOKEN, at, '51207'),
    what: 'GET /repositories/{repository}/deploy-keys/{key}',
    method: 'GET',
    url: `${byUuid}/deploy-keys/51207`,
    answer: key,
    value: remoteKey,
  },
  listWebhooks: {
    ask: (access) => access.listWebhooks(TOKEN, at),
    what: 'GET /repositories/{repository}/hooks',
    method: 'GET',
    url: `${byUuid}/hooks?pagelen=100`,
    answer: list(hook),
    value: [remoteHook],
  },
  readWebhook: {
    ask: (access) => access.readWebhook(TOKEN, at, HOOK),
    what: 'GET /repositories/{repository}/hooks/{webhook}',
    method: 'GET',
    url: `${byUuid}/hooks/${encodeURIComponent(HOOK)}`,
    answer: hook,
    value: remoteHook,
  },
  readBranch: {
    ask: (access) => access.readBranch(TOKEN, at, 'feature/tides #1'),
    what: 'GET /repositories/{repository}/refs/branches/{branch}',
    method: 'GET',
    url: `${byUuid}/refs/branches/feature/tides%20%231`,
    answer: branch,
    value: { commit: COMMIT },
  },
  listBranches: {
    ask: (access) => access.listBranches(TOKEN, at),
    what: 'GET /repositories/{repository}/refs/branches',
    method: 'GET',
    url: `${byUuid}/refs/branches?pagelen=100&sort=-target.date`,
    answer: list(branch),
    value: [{ name: 'main', commit: COMMIT }],
  },
  readFile: {
    ask: (access) => access.readFile(TOKEN, at, COMMIT, '.semaphore/semaphore.yml'),
    what: 'GET /repositories/{repository}/src/{ref}/{path}',
    method: 'GET',
    url: `${byUuid}/src/${COMMIT}/.semaphore/semaphore.yml?format=meta`,
    answer: file,
    value: { commit: COMMIT, size: 229, isFile: true },
  },
  listFiles: {
    ask: (access) => access.listFiles(TOKEN, at, COMMIT, '.semaphore'),
    what: 'GET /repositories/{repository}/src/{commit}/{directory}/',
    method: 'GET',
    url: `${byUuid}/src/${COMMIT}/.semaphore/?pagelen=100`,
    answer: list(file, { ...file, type: 'commit_directory', path: '.semaphore/blocks' }),
    value: ['semaphore.yml'],
  },
};

const WRITES: Record<string, Call> = {
  addKey: {
    ask: (access) => access.addKey(TOKEN, at, { publicKey: KEY, label: 'Semaphore · acme/api' }),
    what: 'POST /repositories/{repository}/deploy-keys',
    method: 'POST',
    url: `${byUuid}/deploy-keys`,
    answer: key,
    value: remoteKey,
  },
  addWebhook: {
    ask: (access) => access.addWebhook(TOKEN, at, draft),
    what: 'POST /repositories/{repository}/hooks',
    method: 'POST',
    url: `${byUuid}/hooks`,
    answer: hook,
    value: remoteHook,
  },
  updateWebhook: {
    ask: (access) => access.updateWebhook(TOKEN, at, HOOK, draft),
    what: 'PUT /repositories/{repository}/hooks/{webhook}',
    method: 'PUT',
    url: `${byUuid}/hooks/${encodeURIComponent(HOOK)}`,
    answer: hook,
    value: remoteHook,
  },
};

const REMOVALS: Record<string, Omit<Call, 'answer' | 'value'>> = {
  removeKey: {
    ask: (access) => access.removeKey(TOKEN, at, '51207'),
    what: 'DELETE /repositories/{repository}/deploy-keys/{key}',
    method: 'DELETE',
    url: `${byUuid}/deploy-keys/51207`,
  },
  removeWebhook: {
    ask: (access) => access.removeWebhook(TOKEN, at, HOOK),
    what: 'DELETE /repositories/{repository}/hooks/{webhook}',
    method: 'DELETE',
    url: `${byUuid}/hooks/${encodeURIComponent(HOOK)}`,
  },
};

const entries = <T>(calls: Record<string, T>) => Object.entries(calls);
const everyCall = [...entries(READS), ...entries(WRITES), ...entries(REMOVALS)] as [string, Call][];
const nothing = raw('', '', 204);

describe('a call', () => {
  test.each([...entries(READS), ...entries(WRITES)])(
    '%s asks one address and puts the answer into our words',
    async (_name, { ask, what, method, url, answer, value }) => {
      const { access, requests } = client(json(answer));
      expect(await ask(access)).toEqual(ok(value));
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatchObject({ provider: 'bitbucket', what, method, url });
    },
  );

  test.each(entries(REMOVALS))('%s asks one address', async (_name, { ask, what, method, url }) => {
    const { access, requests } = client(nothing);
    expect(await ask(access)).toEqual(ok('removed'));
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ what, method, url });
  });

  test.each(everyCall)('%s carries the token in its header and nowhere else', async (_name, { ask }) => {
    const { access, requests } = client(nothing);
    await ask(access);
    const { headers, ...rest } = requests[0] ?? {};
    expect(headers?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(JSON.stringify(rest)).not.toContain(TOKEN);
  });

  test('that adds a key sends it with its label', async () => {
    const { access, requests } = client(json(key));
    await WRITES.addKey?.ask(access);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ key: KEY, label: 'Semaphore · acme/api' });
    expect(requests[0]?.headers?.['content-type']).toBe('application/json');
  });

  test.each(['addWebhook', 'updateWebhook'])('of %s sends every field of the webhook', async (name) => {
    const { access, requests } = client(json(hook));
    await WRITES[name]?.ask(access);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      description: draft.title,
      url: draft.url,
      active: true,
      events: draft.events,
      secret: draft.secret,
    });
  });

  test('that reads sends no body', async () => {
    for (const [, { ask, answer }] of entries(READS)) {
      const { access, requests } = client(json(answer));
      await ask(access);
      expect(requests[0]).not.toHaveProperty('body');
      expect(requests[0]?.headers).not.toHaveProperty('content-type');
    }
  });

  test.each(entries(WRITES))('%s may answer 200 or 201', async (_name, { ask, answer, value }) => {
    for (const status of [200, 201]) {
      expect(await ask(client(json(answer, status)).access)).toEqual(ok(value));
    }
  });

  test.each(entries(REMOVALS))('%s may answer 200 or 204, whatever the body', async (_name, { ask }) => {
    for (const answer of [nothing, raw('', '', 200), json({}, 200), raw('<p>', 'text/html', 200)]) {
      expect(await ask(client(answer).access)).toEqual(ok('removed'));
    }
  });

  test.each(entries(REMOVALS))('%s of what is gone is done', async (_name, { ask }) => {
    for (const status of [404, 410]) {
      const { access } = client(json({ type: 'error', error: { message: 'x does not exist' } }, status));
      expect(await ask(access)).toEqual(ok('was-gone'));
    }
  });
});

test('the webhook asks for nothing that the required scopes do not cover', () => {
  const { access } = client();
  expect(access.events).toEqual(['repo:push', 'repo:updated', 'repo:transfer', 'repo:deleted']);
  expect(facts.repositoryScopes).toContain('repository');
  expect(facts.repositoryScopes).not.toContain('pullrequest');
});

test('Bitbucket, and the client that is made for it, have repositories', () => {
  expect(bitbucket.create(config, answering().outbound).repositories).toBeDefined();
});

describe('a repository', () => {
  const read = async (change: object) =>
    client(json({ ...repository, ...change })).access.readRepository(TOKEN, at);

  test.each([null, undefined])('whose main branch is %s is empty', async (mainbranch) => {
    expect(await read({ mainbranch })).toMatchObject(ok({ defaultBranch: null }));
  });

  test('without a name is called by its slug', async () => {
    expect(await read({ name: '' })).toMatchObject(ok({ name: 'api' }));
  });

  test.each([
    ['no uuid', { uuid: undefined }],
    ['a uuid without braces', { uuid: UUID.slice(1, -1) }],
    ['a full name of one part', { full_name: 'api' }],
    ['a full name of three parts', { full_name: 'acme/api/x' }],
    ['a full name that climbs', { full_name: 'acme/..' }],
    ['a full name with an option for git', { full_name: 'acme/api --upload-pack=x' }],
    ['a full name beyond ASCII', { full_name: 'аcme/api' }],
    ['privacy in words', { is_private: 'yes' }],
    ['a main branch without a name', { mainbranch: {} }],
  ])('with %s is unexpected', async (_name, change) => {
    expect(await read(change)).toEqual(unexpected);
  });
});

describe('a deploy key', () => {
  const read = async (change: object) =>
    client(json({ ...key, ...change })).access.readKey(TOKEN, at, '51207');

  test.each([`${KEY} someone@example`, `  ${KEY}\t\n`, `${KEY} two words`, KEY.replace(' ', '   ')])(
    'is compared without its comment: %j',
    async (text) => {
      expect(await read({ key: text })).toMatchObject(ok({ publicKey: KEY }));
    },
  );

  test('has an id that is text here and may become text there', async () => {
    expect(await read({ id: 7 })).toMatchObject(ok({ id: '7' }));
    expect(await read({ id: '{a-b}' })).toMatchObject(ok({ id: '{a-b}' }));
  });

  test('was added when either field says so, or nobody knows when', async () => {
    const time = '2026-01-02T03:04:05.000Z';
    expect(await read({ created_on: undefined, added_on: time })).toMatchObject(ok({ addedAt: time }));
    expect(await read({ created_on: null })).toMatchObject(ok({ addedAt: null }));
    expect(await read({ created_on: 'lately' })).toMatchObject(ok({ addedAt: null }));
  });

  test('without a label has an empty one', async () => {
    expect(await read({ label: null })).toMatchObject(ok({ label: '' }));
  });

  test.each([
    ['no key', { key: undefined }],
    ['no id', { id: undefined }],
    ['half an id', { id: 1.5 }],
  ])('with %s is unexpected', async (_name, change) => {
    expect(await read(change)).toEqual(unexpected);
  });

  test('that comes back as another one was not added as far as anyone knows', async () => {
    const { access } = client(json({ ...key, key: 'ssh-ed25519 AAAAother' }));
    expect(await access.addKey(TOKEN, at, { publicKey: KEY, label: 'x' })).toEqual(unexpected);
  });
});

describe('a webhook', () => {
  const read = async (change: object) =>
    client(json({ ...hook, ...change })).access.readWebhook(TOKEN, at, HOOK);

  test('has its events in an order that does not depend on the answer', async () => {
    const events = ['repo:push', 'repo:deleted', 'pullrequest:created', 'repo:push'];
    const sorted = ok({ events: ['pullrequest:created', 'repo:deleted', 'repo:push'] });
    expect(await read({ events })).toMatchObject(sorted);
    expect(await read({ events: events.toReversed() })).toMatchObject(sorted);
  });

  test('without a description has an empty title', async () => {
    expect(await read({ description: null })).toMatchObject(ok({ title: '' }));
  });

  test('without a secret, or switched off, says so', async () => {
    expect(await read({ secret_set: false, active: false })).toMatchObject(
      ok({ secretSet: false, active: false }),
    );
  });

  test.each([
    ['not saying whether there is a secret', { secret_set: undefined }],
    ['not saying whether it is active', { active: undefined }],
    ['no events', { events: undefined }],
    ['no address', { url: null }],
    ['no uuid', { uuid: undefined }],
  ])('%s is unexpected: nothing is guessed', async (_name, change) => {
    expect(await read(change)).toEqual(unexpected);
  });
});

describe('a path in the source', () => {
  const read = async (change: object) =>
    client(json({ ...file, ...change })).access.readFile(TOKEN, at, COMMIT, 'x');

  test('that is a directory or a submodule is no file', async () => {
    expect(await read({ type: 'commit_directory', size: undefined })).toEqual(
      ok({ commit: COMMIT, size: 0, isFile: false }),
    );
    expect(await read({ attributes: ['subrepository'] })).toMatchObject(ok({ isFile: false }));
  });

  test('that is a link or executable is a file', async () => {
    expect(await read({ attributes: ['link', 'executable'] })).toMatchObject(ok({ isFile: true }));
  });

  test('without a commit is unexpected', async () => {
    expect(await read({ commit: undefined })).toEqual(unexpected);
  });

  test('at the top is listed as well', async () => {
    const { access, requests } = client(json(list({ ...file, path: 'Makefile' })));
    expect(await access.listFiles(TOKEN, at, COMMIT, '')).toEqual(ok(['Makefile']));
    expect(requests[0]?.url).toBe(`${byUuid}/src/${COMMIT}/?pagelen=100`);
  });
});

describe('the right on one repository', () => {
  const read = (...answers: OutboundResult[]) => client(...answers).access.readPermission(TOKEN, 'Acme/API');

  test('is found whatever the case, and among others', async () => {
    const others = list(permission('acme/api-2', 'admin'), permission('acme/api', 'read'));
    expect(await read(json(others))).toEqual(ok('read'));
  });

  test('is found on a later page, should the filter be ignored', async () => {
    const first = { ...list(permission('acme/other', 'admin')), next: `${API}/user/x?page=2` };
    expect(await read(json(first), json(list(permission('acme/api', 'admin'))))).toEqual(ok('admin'));
  });

  test('is none by name when the list is empty, or the workspace shows itself not', async () => {
    expect(await read(json(list()))).toEqual(ok(null));
    for (const status of [403, 404, 410]) {
      expect(await read(json({ type: 'error', error: { message: 'No access.' } }, status))).toEqual(ok(null));
    }
  });

  test('is not none when the provider has a fault, the token is refused, or scopes are missing', async () => {
    const fault = { code: 'provider-timeout' } as const;
    expect(await read({ ok: false, fault })).toEqual(refused('fault', { fault }));
    expect(await read(raw('<h1>404</h1>', 'text/html', 404))).toEqual(unexpected);
    expect(await read(json({}, 401))).toEqual(refused('unauthorized'));
    const detail = { granted: ['account'], required: ['account', 'repository'] };
    expect(await read(json({ error: { message: 'no', detail } }, 403))).toEqual(
      refused('scope-missing', { missing: ['repository'] }),
    );
  });

  test.each(['acme', 'acme/api/x', 'acme/"api', 'acme/..'])(
    'on what cannot be a name is none, without asking: %s',
    async (fullName) => {
      const { access, requests } = client();
      expect(await access.readPermission(TOKEN, fullName)).toEqual(ok(null));
      expect(requests).toEqual([]);
    },
  );
});

describe('a refusal', () => {
  const gone: [string, OutboundResult][] = [
    ['404', json({ type: 'error', error: { message: 'Resource not found' } }, 404)],
    ['404 without a body', raw('', '', 404)],
    ['410', json({ type: 'error', error: { message: 'CHANGE', data: {} }, data: {} }, 410)],
  ];
  const others = everyCall.filter(([name]) => !name.startsWith('remove') && name !== 'readPermission');

  test.each(everyCall)('%s: status 401 is a refused token, whatever the body', async (_name, { ask }) => {
    for (const answer of [json({}, 401), raw('Unauthorized', 'text/plain', 401), raw('', 'text/html', 401)]) {
      expect(await ask(client(answer).access)).toEqual(refused('unauthorized'));
    }
  });

  test.each(others)('%s: status 403 is forbidden, or names missing scopes', async (_name, { ask }) => {
    const said = json({ error: { message: 'no', detail: 'You must have admin access.' } }, 403);
    for (const answer of [said, raw('Forbidden', 'text/plain', 403), raw('', '', 403)]) {
      expect(await ask(client(answer).access)).toEqual(refused('forbidden'));
    }
    const detail = { granted: ['repository'], required: ['webhook'] };
    expect(await ask(client(json({ error: { message: 'no', detail } }, 403)).access)).toEqual(
      refused('scope-missing', { missing: ['webhook'] }),
    );
  });

  test.each(others)('%s: what is not there is not found', async (_name, { ask }) => {
    for (const [, answer] of gone) expect(await ask(client(answer).access)).toEqual(refused('not-found'));
  });

  test.each(everyCall)(
    '%s: a page of HTML is not the API, and proves neither absence nor a missing right',
    async (_name, { ask }) => {
      for (const status of [403, 404, 410]) {
        const page = raw('<!doctype html><h1>Nothing here</h1>', 'text/html; charset=utf-8', status);
        expect(await ask(client(page).access)).toEqual(unexpected);
      }
    },
  );

  test.each(everyCall)('%s: a fault on the way is passed on as it is', async (_name, { ask }) => {
    const fault = { code: 'provider-rate-limited', retryAt: new Date(0) } as const;
    const { access, requests } = client({ ok: false, fault });
    expect(await ask(access)).toEqual(refused('fault', { fault }));
    expect(requests).toHaveLength(1);
  });

  test.each([...entries(READS), ...entries(WRITES)])(
    '%s: an answer that is no answer is unexpected',
    async (_name, { ask, answer }) => {
      const half = JSON.stringify(answer).slice(0, 20);
      const bad = [
        raw('<!doctype html>', 'text/html'),
        json(''),
        json('null'),
        json([]),
        json({}),
        json(half),
      ];
      const declaredAsText = raw(JSON.stringify(answer), 'text/plain');
      for (const each of [...bad, declaredAsText, json(answer, 202), json(answer, 206), nothing]) {
        expect(await ask(client(each).access)).toEqual(unexpected);
      }
    },
  );

  test.each(everyCall)('IN-04 %s: no JSON whatever makes it throw', async (_name, { ask }) => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(200, 400, 403, 409, 422), async (text, status) => {
        const answer = await ask(client(json(text, status)).access);
        if (!answer.ok && answer.refusal.kind === 'rejected') {
          expect([...answer.refusal.words].length).toBeLessThanOrEqual(300);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a rejection', () => {
  const add = (answer: OutboundResult) =>
    client(answer).access.addKey(TOKEN, at, { publicKey: KEY, label: 'x' });
  const ALREADY = 'Someone has already added that access key to this repository.';

  test.each<[string, unknown]>([
    ['the map of fields that deploy keys send', { key: [{ message: ALREADY }] }],
    ['the same with plain texts', { key: [ALREADY] }],
    ['the same with one text', { key: ALREADY }],
  ])('of a key that is there already says so: %s', async (_name, body) => {
    expect(await add(json(body, 400))).toEqual(refused('rejected', { words: ALREADY, duplicate: true }));
  });

  test('of a key that is there already says so in the usual envelope', async () => {
    const body = { type: 'error', error: { message: 'Bad request', fields: { key: [ALREADY] } } };
    expect(await add(json(body, 400))).toEqual(
      refused('rejected', { words: `Bad request. ${ALREADY}`, duplicate: true }),
    );
  });

  test.each([400, 405, 409, 411, 413, 415, 422])('is told from a fault: status %d', async (status) => {
    const body = { type: 'error', error: { message: 'Invalid SSH key.', detail: 'Too short' } };
    expect(await add(json(body, status))).toEqual(
      refused('rejected', { words: 'Invalid SSH key. Too short.', duplicate: false }),
    );
  });

  test.each<[string, OutboundResult]>([
    ['HTML', raw('<h1>Request Header Or Cookie Too Large</h1>', 'text/html', 400)],
    ['HTML that is declared as text', raw('<html><b>already</b>', 'text/plain', 400)],
    ['HTML in a message', json({ error: { message: '<script>already()</script>' } }, 400)],
    ['nothing', raw('', '', 400)],
    ['a list', json([1], 400)],
    ['numbers', json({ key: 5 }, 400)],
  ])('that says nothing readable has words of ours: %s', async (_name, answer) => {
    expect(await add(answer)).toEqual(
      refused('rejected', { words: 'Status 400, without a reason.', duplicate: false }),
    );
  });

  test('in plain text keeps its words', async () => {
    expect(await add(raw('Length required\n', 'text/plain', 411))).toMatchObject(
      refused('rejected', { words: 'Length required.' }),
    );
  });

  test('keeps to one line of at most 300 characters, without marks that turn text', async () => {
    const message = `a\u202eb\u0000c\n\td ${'é'.repeat(1_000)}`;
    const answer = await add(json({ error: { message } }, 400));
    const words = !answer.ok && answer.refusal.kind === 'rejected' ? answer.refusal.words : '';
    expect([...words]).toHaveLength(300);
    // The zero byte was made storable before.
    expect(words).toMatch(/^a b\ufffdc d é+…$/);
  });

  test('repeats neither the token nor the secret of the webhook', async () => {
    const message = `Bad secret ${draft.secret} for Bearer ${TOKEN}.`;
    const { access } = client(json({ error: { message, fields: { secret: [draft.secret] } } }, 400));
    for (const answer of [
      await access.addWebhook(TOKEN, at, draft),
      await access.updateWebhook(TOKEN, at, HOOK, draft),
    ]) {
      expect(answer).toMatchObject(refused('rejected', { words: 'Bad secret … for Bearer …. …' }));
    }
  });

  test('is not what a timeout is, whoever noticed it', async () => {
    expect(await add(raw('', '', 408))).toEqual(refused('fault', { fault: { code: 'provider-timeout' } }));
  });
});

const ELSEWHERE = [
  'http://127.0.0.1:9/2.0/repositories/acme/api',
  'http://api.bitbucket.example/2.0/repositories/acme/api',
  'https://api.bitbucket.example:8443/2.0/repositories/acme/api',
  'https://api.bitbucket.example.evil.example/2.0/repositories/acme/api',
  'https://api.bitbucket.example@evil.example/2.0/repositories/acme/api',
  'https://user:pass@api.bitbucket.example/2.0/repositories/acme/api',
  'https://:pass@api.bitbucket.example/2.0/repositories/acme/api',
  'https://api.bitbucket.example/1.0/repositories/acme/api',
  'https://api.bitbucket.example/2.0/../admin',
  'https://api.bitbucket.example/2.0/%2e%2e/admin',
  'https://api.bitbucket.example/2.0evil',
  '//evil.example/2.0/repositories/acme/api',
  'file:///etc/passwd',
];

describe('pages', () => {
  const LISTS = ['listKeys', 'listWebhooks', 'readPermission'];
  const BY_PAGE: Record<string, (access: RepositoryAccess, page: string) => Promise<unknown>> = {
    listWorkspaces: (access, page) => access.listWorkspaces(TOKEN, page),
    listRepositories: (access, page) => access.listRepositories(TOKEN, 'acme', page),
    listPermissions: (access, page) => access.listPermissions(TOKEN, 'acme', page),
  };
  const next = `${API}/somewhere?ctx=opaque%3D%3D`;

  test.each([
    ['listKeys', key, [remoteKey, remoteKey]],
    ['listWebhooks', hook, [remoteHook, remoteHook]],
  ])('%s reads them all', async (name, value, both) => {
    const { access, requests } = client(json({ ...list(value), next }), json(list(value)));
    expect(await READS[name]?.ask(access)).toEqual(ok(both));
    expect(requests.map(({ url }) => url)).toEqual([READS[name]?.url, next]);
    expect(new Set(requests.map(({ what }) => what)).size).toBe(1);
  });

  test('a later page that fails fails the list: half of it would look like something missing', async () => {
    const { access } = client(json({ ...list(key), next }), json({}, 401));
    expect(await access.listKeys(TOKEN, at)).toEqual(refused('unauthorized'));
  });

  test.each(LISTS)('UP-05 %s gives up a list that never ends', async (name) => {
    const { access, requests } = client(json({ values: [], next }));
    expect(await READS[name]?.ask(access)).toEqual(unexpected);
    expect(requests).toHaveLength(20);
  });

  test.each(entries(BY_PAGE))('%s hands out one, and takes its successor back', async (name, ask) => {
    const { access, requests } = client(json({ values: [], next }), json({ values: [] }));
    expect(await READS[name]?.ask(access)).toEqual(ok({ values: [], next }));
    expect(await ask(access, next)).toEqual(ok({ values: [], next: null }));
    expect(requests.map(({ url }) => url)).toEqual([READS[name]?.url, next]);
  });

  test.each(ELSEWHERE)(
    'IN-01 a next page at %j is not asked for, and the token goes nowhere',
    async (address) => {
      for (const name of [...LISTS, ...Object.keys(BY_PAGE)]) {
        const { access, requests } = client(json({ values: [], next: address }), json({ values: [] }));
        expect(await READS[name]?.ask(access), name).toEqual(unexpected);
        expect(requests, name).toHaveLength(1);
      }
      for (const [name, ask] of entries(BY_PAGE)) {
        const { access, requests } = client(json({ values: [] }));
        expect(await ask(access, address), name).toEqual(unexpected);
        expect(requests, name).toEqual([]);
      }
    },
  );

  test('an empty successor is none', async () => {
    for (const none of [null, '']) {
      const { access } = client(json({ values: [], next: none }));
      expect(await access.listWorkspaces(TOKEN)).toEqual(ok({ values: [], next: null }));
    }
  });
});

describe('redirects', () => {
  const reads = entries(READS);
  const rest = everyCall.filter(([name]) => !(name in READS));
  const moved = `${API}/repositories/acme/api-renamed`;

  test.each(reads)('IN-02 %s: below the API it is followed once, with the token', async (_name, call) => {
    for (const status of [301, 302, 307, 308]) {
      const { access, requests } = client(redirect(moved, status), json(call.answer));
      expect(await call.ask(access)).toEqual(ok(call.value));
      expect(requests.map(({ url, method }) => `${method} ${url}`)).toEqual([
        `GET ${call.url}`,
        `GET ${moved}`,
      ]);
      expect(requests[1]?.headers?.authorization).toBe(`Bearer ${TOKEN}`);
      // Whoever answers the second time may not redirect at all.
      expect(requests[1]).not.toHaveProperty('redirects');
    }
  });

  test('IN-02 a relative address counts from where it was read', async () => {
    const { access, requests } = client(redirect('/2.0/repositories/acme/renamed'), json(repository));
    expect(await access.readRepository(TOKEN, at)).toEqual(ok(remoteRepository));
    expect(requests[1]?.url).toBe(`${API}/repositories/acme/renamed`);
  });

  test.each(reads)('IN-02 %s: a second one is not followed', async (_name, call) => {
    const { access, requests } = client(redirect(moved), redirect(`${moved}-again`));
    expect(await call.ask(access)).toEqual(unexpected);
    expect(requests).toHaveLength(2);
  });

  test.each([...ELSEWHERE, `${API}/user`, `${API}/repositories/../user`, 'http://['])(
    'IN-02 to %j it is not followed, and the target sees no request',
    async (location) => {
      for (const [name, call] of reads) {
        const { access, requests } = client(redirect(location), json(call.answer));
        expect(await call.ask(access), name).toEqual(unexpected);
        expect(requests, name).toHaveLength(1);
      }
    },
  );

  test.each([300, 303, 304, 305, 399])(
    'IN-02 a redirect of another kind is not followed: %d',
    async (status) => {
      const { access, requests } = client(redirect(moved, status), json(repository));
      expect(await access.readRepository(TOKEN, at)).toEqual(unexpected);
      expect(requests).toHaveLength(1);
    },
  );

  test.each(rest)('IN-02 %s, which writes, follows none and does not ask for them', async (_name, call) => {
    for (const status of [301, 302, 307, 308]) {
      const { access, requests } = client(redirect(moved, status), json(key));
      expect(await call.ask(access)).toEqual(unexpected);
      expect(requests).toHaveLength(1);
      expect(requests[0]).not.toHaveProperty('redirects');
    }
  });
});

describe('addresses', () => {
  const CLIMBING = ['..', '.', ''];
  const HOSTILE = [
    '../../user',
    '%2e%2e',
    '..%2fuser',
    'a/b',
    'a?x=1',
    'a#x',
    'a\r\nhost: evil.example',
    'a b',
    'ä',
    'а',
    '\u202e',
    'a\u0000',
    '@evil.example',
    ':80',
    '\\evil',
  ];
  const HALF = 'a\ud800';
  /** Every call with something from outside in its path; what comes of it has to stay below the repository. */
  const FROM_OUTSIDE: Record<string, (access: RepositoryAccess, text: string) => Promise<unknown>> = {
    'repository uuid': (access, text) => access.readRepository(TOKEN, { uuid: text }),
    workspace: (access, text) => access.listRepositories(TOKEN, text),
    'workspace of permissions': (access, text) => access.listPermissions(TOKEN, text),
    'key to read': (access, text) => access.readKey(TOKEN, at, text),
    'key to remove': (access, text) => access.removeKey(TOKEN, at, text),
    'webhook to read': (access, text) => access.readWebhook(TOKEN, at, text),
    'webhook to update': (access, text) => access.updateWebhook(TOKEN, at, text, draft),
    'webhook to remove': (access, text) => access.removeWebhook(TOKEN, at, text),
    branch: (access, text) => access.readBranch(TOKEN, at, text),
    ref: (access, text) => access.readFile(TOKEN, at, text, 'x'),
    path: (access, text) => access.readFile(TOKEN, at, COMMIT, text),
    'commit of a directory': (access, text) => access.listFiles(TOKEN, at, text, 'x'),
  };
  const SPLIT = ['branch', 'path'];

  test.each(entries(FROM_OUTSIDE))(
    'IN-03 %s: a part that climbs, or is empty, is not found without asking',
    async (_name, ask) => {
      for (const text of [...CLIMBING, HALF]) {
        const { access, requests } = client(json({}));
        expect(await ask(access, text), JSON.stringify(text)).toEqual(refused('not-found'));
        expect(requests).toEqual([]);
      }
    },
  );

  test.each(entries(FROM_OUTSIDE))('IN-03 %s: every other character is encoded', async (name, ask) => {
    const usual = client(json({}));
    await ask(usual.access, 'usual');
    const expected = new URL(usual.requests[0]?.url ?? '');
    for (const text of HOSTILE) {
      const { access, requests } = client(json({}));
      const answer = await ask(access, text);
      if (SPLIT.includes(name) && text.split('/').includes('..')) {
        expect(answer, text).toEqual(refused('not-found'));
        expect(requests).toEqual([]);
        continue;
      }
      const url = new URL(requests[0]?.url ?? '');
      expect(url.href, 'is sent as it was built').toBe(requests[0]?.url);
      expect([url.origin, url.search, url.hash]).toEqual([expected.origin, expected.search, '']);
      const encoded = SPLIT.includes(name)
        ? text.split('/').map(encodeURIComponent).join('/')
        : encodeURIComponent(text);
      expect(url.pathname).toBe(expected.pathname.replace('usual', () => encoded));
    }
  });

  test.each([
    '../api',
    'acme/..',
    'acme/%2e%2e',
    'acme',
    'acme/',
    '/api',
    'acme/api/x',
    'acme/api?x',
    'acme/a#x',
  ])('IN-03 a name that cannot be one is not found without asking: %s', async (fullName) => {
    const { access, requests } = client(json(repository));
    expect(await access.readRepository(TOKEN, { fullName })).toEqual(refused('not-found'));
    expect(await access.addKey(TOKEN, { fullName }, { publicKey: KEY, label: '' })).toEqual(
      refused('not-found'),
    );
    expect(requests).toEqual([]);
  });

  test.each(['acme/a\r\nb', 'acme/ä', 'acme/а', 'acme/a b', 'acme/a\u0000', 'acme/{}', `acme/${HALF}`])(
    'IN-03 nor is one with characters that no name has: %j',
    async (fullName) => {
      const { access, requests } = client(json(repository));
      expect(await access.listKeys(TOKEN, { fullName })).toEqual(refused('not-found'));
      expect(requests).toEqual([]);
    },
  );

  test.each(['a//b', '/a', 'a/', 'a/../b', './a'])(
    'IN-03 a path that is not written plainly is not found without asking: %s',
    async (path) => {
      const { access, requests } = client(json(file));
      expect(await access.readFile(TOKEN, at, COMMIT, path)).toEqual(refused('not-found'));
      expect(await access.listFiles(TOKEN, at, COMMIT, path)).toEqual(refused('not-found'));
      expect(requests).toEqual([]);
    },
  );

  test('IN-03 whatever text is asked for, the request stays below its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(FROM_OUTSIDE)),
        fc.string({ unit: 'binary' }),
        async (ask, text) => {
          const { access, requests } = client(json({}));
          await ask(access, text);
          for (const { url } of requests) {
            expect(new URL(url).href).toBe(url);
            expect(url).toMatch(
              /^https:\/\/api\.bitbucket\.example\/2\.0\/(repositories|user\/workspaces)\//,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
