import { describe, expect, test } from 'vitest';
import {
  changeClientScopes,
  expireAccessTokens,
  renameRepository,
  revokeAccess,
  setPermission,
} from '../play.ts';
import { publicKeyLine, useBench } from '../test-bench.ts';
import { personNamed, repositoryNamed } from '../world.ts';

const bench = useBench();
const pilot = '/repositories/harbour-works/pilot-api';
const noSuchRepository = /^You may not have access to this repository/;

describe('tokens', () => {
  const refusal = 'Token is invalid, expired, or not supported for this endpoint.';

  test('a token counts in the Authorization header and nowhere else', async () => {
    const { access } = await bench.tokensFor('nora');
    expect((await bench.api(access, '/user')).status).toBe(200);
    expect((await bench.api(null, `/user?access_token=${access}`)).status).toBe(401);
    expect((await bench.api('made-up', '/user')).body.error.message).toBe(refusal);
  });

  test('an expired token is refused', async () => {
    const { access } = await bench.tokensFor('nora');
    bench.clock.now += 7200_000;
    expect((await bench.api(access, '/user')).status).toBe(401);
  });

  test('all access tokens can be made to expire while refresh tokens stay good', async () => {
    const { access, refresh } = await bench.tokensFor('nora');
    expireAccessTokens(bench.sandbox.world, 'bitbucket');
    expect((await bench.api(access, '/user')).status).toBe(401);
    expect((await bench.token({ grant_type: 'refresh_token', refresh_token: refresh })).status).toBe(200);
  });

  test('a revoked token is refused', async () => {
    const { world } = bench.sandbox;
    const { access } = await bench.tokensFor('nora');
    revokeAccess(world, 'bitbucket', personNamed(world, 'bitbucket', 'nora').id);
    expect(await bench.api(access, '/user')).toMatchObject({
      status: 401,
      body: { type: 'error', error: { message: refusal } },
    });
  });

  test('a missing scope is named in an object, and nothing is implied by repository:admin', async () => {
    changeClientScopes(bench.sandbox.world, bench.client().id, ['account', 'repository:admin']);
    const { access } = await bench.tokensFor('nora');
    const { status, body, headers } = await bench.api(access, pilot);
    expect(status).toBe(403);
    expect(body.error.detail).toEqual({
      granted: ['account', 'repository:admin'],
      required: ['repository'],
    });
    expect(headers.get('x-accepted-oauth-scopes')).toBe('repository');
    expect((await bench.api(access, '/user/emails')).status).toBe(403);
  });

  test('pullrequest implies repository', async () => {
    changeClientScopes(bench.sandbox.world, bench.client().id, ['pullrequest']);
    const { access } = await bench.tokensFor('nora');
    expect((await bench.api(access, pilot)).status).toBe(200);
  });
});

describe('people', () => {
  test('the profile holds no address; addresses come apart, confirmed or not', async () => {
    const { access } = await bench.tokensFor('yuki');
    const { body } = await bench.api(access, '/user');
    expect(body).toMatchObject({ type: 'user', nickname: 'yuki', display_name: 'Yuki Arakawa' });
    expect(JSON.stringify(body)).not.toContain('@');
    const emails = await bench.api(access, '/user/emails');
    expect(emails.body.values).toMatchObject([
      { type: 'email', email: 'yuki@tidemark.example', is_primary: true, is_confirmed: false },
    ]);
  });

  test('someone may have no address at all', async () => {
    const { access } = await bench.tokensFor('samir');
    expect((await bench.api(access, '/user/emails')).body.values).toEqual([]);
  });
});

describe('lists', () => {
  test.each([
    '/repositories',
    '/workspaces',
    '/user/permissions/repositories',
    '/user/permissions/workspaces',
    '/snippets',
  ])('%s is gone with the words of its change', async (path) => {
    const { access } = await bench.tokensFor('nora');
    const { status, body } = await bench.api(access, path);
    expect(status).toBe(410);
    expect(body.error.message).toBe('CHANGE-2770 - Functionality has been deprecated');
    expect(body.data).toEqual(body.error.data);
  });

  test('an address that does not exist is Resource not found', async () => {
    const { access } = await bench.tokensFor('nora');
    expect(await bench.api(access, '/nothing')).toMatchObject({
      status: 404,
      body: { error: { message: 'Resource not found' } },
    });
  });

  test('workspaces come without their names', async () => {
    const { access } = await bench.tokensFor('nora');
    const { body } = await bench.api(access, '/user/workspaces');
    expect(body.values.map((v: { workspace: { slug: string } }) => v.workspace.slug)).toEqual([
      'harbour-works',
      'tidemark',
      'nora-lindqvist',
      'quayside',
    ]);
    expect(body.values[0].workspace).not.toHaveProperty('name');
    expect((await bench.api(access, '/workspaces/harbour-works')).body.name).toBe('Harbour Works');
  });

  test('next is an absolute address on the API that leads through every page', async () => {
    const { access } = await bench.tokensFor('nora');
    const seen: string[] = [];
    let path: string | null = '/repositories/harbour-works?pagelen=3';
    let pages = 0;
    while (path !== null) {
      const { body } = await bench.api(access, path);
      seen.push(...body.values.map((v: { slug: string }) => v.slug));
      expect(body.size).toBe(4);
      path = body.next ? body.next.replace('https://api.bitbucket.test/2.0', '') : null;
      pages += 1;
    }
    expect(pages).toBe(2);
    expect(seen.toSorted()).toEqual(['buoy-ui', 'charts', 'empty-berth', 'pilot-api']);
  });

  test.each(['0', '101', 'many'])('a page length of %s is refused', async (pagelen) => {
    const { access } = await bench.tokensFor('nora');
    expect(await bench.api(access, `/repositories/harbour-works?pagelen=${pagelen}`)).toMatchObject({
      status: 400,
      body: { error: { message: 'Invalid pagelen' } },
    });
  });

  test('one permission can be asked for by the full name', async () => {
    const { access } = await bench.tokensFor('tomas');
    const ask = async (name: string) => {
      const q = encodeURIComponent(`repository.full_name="${name}"`);
      return (await bench.api(access, `/user/workspaces/harbour-works/permissions/repositories?q=${q}`)).body
        .values;
    };
    expect(await ask('harbour-works/pilot-api')).toMatchObject([{ permission: 'admin' }]);
    expect(await ask('harbour-works/buoy-ui')).toMatchObject([{ permission: 'write' }]);
    expect(await ask('harbour-works/charts')).toEqual([]);
  });

  test('permissions come in the order that was asked for, a hundred at a time', async () => {
    const { access } = await bench.tokensFor('nora');
    const path = '/user/workspaces/quayside/permissions/repositories';
    const names = async (query: string) =>
      (await bench.api(access, `${path}?${query}`)).body.values.map(
        (v: { repository: { full_name: string } }) => v.repository.full_name,
      );
    const all = await names('pagelen=100&sort=repository.name');
    expect(all).toHaveLength(15);
    expect(await names('pagelen=100&sort=-repository.name')).toEqual(all.toReversed());
    expect((await bench.api(access, path)).body).toMatchObject({ pagelen: 10, size: 15 });
    expect((await bench.api(access, `${path}?pagelen=101`)).status).toBe(400);
    expect((await bench.api(access, `${path}?sort=a;b`)).status).toBe(400);
  });

  test('the list of permissions may leave out what an owner of the workspace was not given by name', async () => {
    const { world } = bench.sandbox;
    world.data.quirks.permissionList = 'explicit';
    const list = async (person: string) => {
      const { access } = await bench.tokensFor(person);
      return (await bench.api(access, '/user/workspaces/harbour-works/permissions/repositories')).body.values;
    };
    expect(await list('nora')).toEqual([]);
    expect(await list('tomas')).toHaveLength(3);
    const nora = personNamed(world, 'bitbucket', 'nora');
    setPermission(world, repositoryNamed(world, 'harbour-works/charts'), nora.id, 'read');
    // The permission is the effective one all the same.
    expect(await list('nora')).toMatchObject([
      { permission: 'admin', repository: { full_name: 'harbour-works/charts' } },
    ]);
  });

  test('a right through a group counts like one given by name', async () => {
    const { world } = bench.sandbox;
    const repository = repositoryNamed(world, 'harbour-works/charts');
    const pim = personNamed(world, 'bitbucket', 'pim');
    repository.permissions.push({ person: pim.id, permission: 'admin', group: 'Pilots' });
    const { access } = await bench.tokensFor('pim');
    const keys = async () =>
      (await bench.api(access, '/repositories/harbour-works/charts/deploy-keys')).status;
    expect(await keys()).toBe(200);
    setPermission(world, repository, pim.id, null);
    expect(await keys()).toBe(200);
  });

  test('only an admin sees everyone of a repository', async () => {
    const path = '/workspaces/harbour-works/permissions/repositories/pilot-api';
    const tomas = await bench.tokensFor('tomas');
    const { body } = await bench.api(tomas.access, path);
    expect(body.values.map((v: { permission: string }) => v.permission).toSorted()).toEqual([
      'admin',
      'admin',
      'read',
      'write',
    ]);
    const pim = await bench.tokensFor('pim');
    expect((await bench.api(pim.access, path)).status).toBe(403);
  });
});

describe('repositories', () => {
  test('a repository is found by slug, by UUID, and by UUID under an empty workspace', async () => {
    const { access } = await bench.tokensFor('pim');
    const uuid = encodeURIComponent(repositoryNamed(bench.sandbox.world, 'harbour-works/pilot-api').uuid);
    for (const path of [pilot, `/repositories/harbour-works/${uuid}`, `/repositories/%7B%7D/${uuid}`]) {
      expect((await bench.api(access, path)).body.full_name).toBe('harbour-works/pilot-api');
    }
  });

  test('a private repository of others reads like none', async () => {
    const { access } = await bench.tokensFor('pim');
    const hidden = await bench.api(access, '/repositories/harbour-works/buoy-ui');
    const missing = await bench.api(access, '/repositories/harbour-works/never-was');
    expect(hidden.status).toBe(404);
    expect(hidden.body).toEqual(missing.body);
    expect(hidden.body.error.message).toMatch(noSuchRepository);
  });

  test('an empty repository has no main branch', async () => {
    const { access } = await bench.tokensFor('nora');
    expect((await bench.api(access, '/repositories/harbour-works/empty-berth')).body.mainbranch).toBeNull();
  });

  test.each([301, 302, 307, 308] as const)(
    'an old name answers %s to the new one, if the world is so',
    async (status) => {
      const { world } = bench.sandbox;
      world.data.quirks.oldSlug = status;
      const { access } = await bench.tokensFor('tomas');
      renameRepository(world, repositoryNamed(world, 'harbour-works/pilot-api'), 'harbour-pilot');
      const answer = await bench.api(access, `${pilot}/hooks?pagelen=50`);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('location')).toBe(
        'https://api.bitbucket.test/2.0/repositories/harbour-works/harbour-pilot/hooks?pagelen=50',
      );
    },
  );

  test('an old name may also be gone, or silently lead to the new one', async () => {
    const { world } = bench.sandbox;
    const { access } = await bench.tokensFor('tomas');
    renameRepository(world, repositoryNamed(world, 'harbour-works/pilot-api'), 'harbour-pilot');
    world.data.quirks.oldSlug = 404;
    expect((await bench.api(access, pilot)).body.error.message).toMatch(noSuchRepository);
    world.data.quirks.oldSlug = 'follow';
    expect((await bench.api(access, pilot)).body.full_name).toBe('harbour-works/harbour-pilot');
  });

  test('an old name that was taken again is the new repository', async () => {
    const { world } = bench.sandbox;
    const { access } = await bench.tokensFor('tomas');
    renameRepository(world, repositoryNamed(world, 'harbour-works/pilot-api'), 'harbour-pilot');
    const taker = repositoryNamed(world, 'harbour-works/empty-berth');
    renameRepository(world, taker, 'pilot-api');
    expect((await bench.api(access, pilot)).body.uuid).toBe(taker.uuid);
  });
});

describe('deploy keys', () => {
  const add = (token: string, key: string, label = 'A key') =>
    bench.api(token, `${pilot}/deploy-keys`, { method: 'POST', json: { key, label } });

  test('a key is made with 200, a number, and its comment apart', async () => {
    const { access } = await bench.tokensFor('tomas');
    const line = publicKeyLine('tomas@harbour');
    const { status, body } = await add(access, line);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'deploy_key',
      label: 'A key',
      comment: 'tomas@harbour',
      last_used: null,
    });
    expect(body.id).toEqual(expect.any(Number));
    expect(line.startsWith(`${body.key} `)).toBe(true);
    expect((await bench.api(access, `${pilot}/deploy-keys/${body.id}`)).body).toEqual(body);
  });

  test('the same key again is refused without the usual envelope', async () => {
    const { access } = await bench.tokensFor('tomas');
    const line = publicKeyLine();
    await add(access, line);
    expect(await add(access, `${line}-other-comment`)).toMatchObject({
      status: 400,
      body: { key: [{ message: 'Someone has already added that access key to this repository.' }] },
    });
  });

  test.each(['', 'hello', 'ssh-ed25519 AAAA', 'ssh-dss AAAAB3NzaC1kc3M='])('"%s" is no key', async (line) => {
    const { access } = await bench.tokensFor('tomas');
    expect((await add(access, line)).status).toBe(400);
  });

  test('who may not administer may not add keys', async () => {
    const { access } = await bench.tokensFor('greta-v');
    expect((await add(access, publicKeyLine())).status).toBe(403);
  });

  test('PUT changes the label of the same key and never the key', async () => {
    const { access } = await bench.tokensFor('tomas');
    const line = publicKeyLine();
    const { body } = await add(access, line);
    const put = (key: string) =>
      bench.api(access, `${pilot}/deploy-keys/${body.id}`, { method: 'PUT', json: { key, label: 'New' } });
    expect((await put(line)).body.label).toBe('New');
    expect((await put(publicKeyLine())).status).toBe(400);
  });

  test('a deleted key is gone', async () => {
    const { access } = await bench.tokensFor('tomas');
    const { body } = await add(access, publicKeyLine());
    const path = `${pilot}/deploy-keys/${body.id}`;
    expect((await bench.api(access, path, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.api(access, path)).status).toBe(404);
    expect((await bench.api(access, path, { method: 'DELETE' })).status).toBe(404);
  });

  test('keys go with the grant, the right, or the client they were made by', async () => {
    const { world } = bench.sandbox;
    const tomas = personNamed(world, 'bitbucket', 'tomas');
    const repository = repositoryNamed(world, 'harbour-works/pilot-api');
    const endings = [
      () => revokeAccess(world, 'bitbucket', tomas.id),
      () => setPermission(world, repository, tomas.id, 'write'),
      () => changeClientScopes(world, bench.client().id, bench.client().scopes),
    ];
    for (const end of endings) {
      setPermission(world, repository, tomas.id, 'admin');
      await add((await bench.tokensFor('tomas')).access, publicKeyLine());
      expect(world.data.deployKeys).toHaveLength(1);
      end();
      expect(world.data.deployKeys).toEqual([]);
    }
  });
});

describe('webhooks', () => {
  const path = `${pilot}/hooks`;
  const good = { description: 'CI', url: 'https://ci.example/hooks/1', active: true, events: ['repo:push'] };
  const create = (token: string, json: unknown) => bench.api(token, path, { method: 'POST', json });

  test('a hook is made with 201 and its address, and its secret is never told', async () => {
    const { access } = await bench.tokensFor('tomas');
    const { status, body, headers } = await create(access, { ...good, secret: 'very-secret' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(body.links.self.href);
    expect(body).toMatchObject({ type: 'webhook_subscription', active: true, secret_set: true });
    expect(JSON.stringify(body)).not.toContain('very-secret');
    expect((await bench.api(access, `${path}/${encodeURIComponent(body.uuid)}`)).body).toEqual(body);
  });

  test('PUT without a secret keeps it, with null removes it', async () => {
    const { access } = await bench.tokensFor('tomas');
    const { body } = await create(access, { ...good, secret: 's' });
    const put = (json: unknown) =>
      bench.api(access, `${path}/${encodeURIComponent(body.uuid)}`, { method: 'PUT', json });
    expect((await put({ ...good, active: false })).body).toMatchObject({ active: false, secret_set: true });
    expect((await put({ ...good, secret: null })).body).toMatchObject({ active: true, secret_set: false });
  });

  test.each([
    ['url', { url: 'not an address' }],
    ['events', { events: [] }],
    ['events', { events: ['repo:push', 'repo:push'] }],
    ['events', { events: ['issue:created'] }],
    ['secret', { secret: 'x'.repeat(129) }],
  ])('a wrong %s is named as a field', async (field, change) => {
    const { access } = await bench.tokensFor('tomas');
    const { status, body } = await create(access, { ...good, ...change });
    expect(status).toBe(400);
    expect(Object.keys(body.error.fields)).toEqual([field]);
  });

  test('an event needs the read scope of what it is about', async () => {
    changeClientScopes(bench.sandbox.world, bench.client().id, ['account', 'repository', 'webhook']);
    const { access } = await bench.tokensFor('tomas');
    const { status, body } = await create(access, { ...good, events: ['pullrequest:created'] });
    expect(status).toBe(403);
    expect(body.error.detail.required).toContain('pullrequest');
    expect((await create(access, good)).status).toBe(201);
  });

  test('PUT may miss what is left out, if the world is so, but never the secret', async () => {
    const { access } = await bench.tokensFor('tomas');
    const { body } = await create(access, { ...good, active: false, secret: 's' });
    const put = (json: unknown) =>
      bench.api(access, `${path}/${encodeURIComponent(body.uuid)}`, { method: 'PUT', json });
    expect((await put({ description: 'New' })).body).toMatchObject({ url: good.url, active: false });
    bench.sandbox.world.data.quirks.hookPut = 'whole';
    expect((await put({ description: 'Newer' })).body.error.fields).toHaveProperty('url');
    const { url, events } = good;
    expect((await put({ url, events })).body).toMatchObject({
      description: '',
      active: true,
      secret_set: true,
    });
  });

  test('a repository may have as many webhooks as the world allows', async () => {
    bench.sandbox.world.data.quirks.hookLimit = 2;
    const { access } = await bench.tokensFor('tomas');
    expect((await create(access, good)).status).toBe(201);
    expect((await create(access, good)).status).toBe(201);
    expect((await create(access, good)).status).toBe(400);
  });

  test('a deleted hook is gone', async () => {
    const { access } = await bench.tokensFor('tomas');
    const { body } = await create(access, good);
    const one = `${path}/${encodeURIComponent(body.uuid)}`;
    expect((await bench.api(access, one, { method: 'DELETE' })).status).toBe(204);
    expect((await bench.api(access, one)).status).toBe(404);
  });
});

describe('source', () => {
  test('a file comes raw, and with ?format=meta described', async () => {
    const { access } = await bench.tokensFor('pim');
    const main = await bench.api(access, `${pilot}/refs/branches/main`);
    const file = `${pilot}/src/${main.body.target.hash}/.semaphore/semaphore.yml`;
    const raw = await bench.api(access, file);
    expect(raw.status).toBe(200);
    expect(raw.body).toContain('name: Pilot API');
    expect((await bench.api(access, `${file}?format=meta`)).body).toMatchObject({
      type: 'commit_file',
      path: '.semaphore/semaphore.yml',
      size: raw.body.length,
      commit: { hash: main.body.target.hash },
    });
    expect((await bench.api(access, file, { method: 'HEAD' })).status).toBe(200);
  });

  test('a missing file, a missing commit and a missing repository read differently', async () => {
    const { access } = await bench.tokensFor('nora');
    const message = async (path: string) => (await bench.api(access, path)).body.error.message;
    const charts = '/repositories/harbour-works/charts/src';
    expect(await message(`${charts}/main/.semaphore/semaphore.yml`)).toBe(
      'No such file or directory: .semaphore/semaphore.yml',
    );
    expect(await message(`${charts}/nowhere/README.md`)).toBe('Commit not found');
    expect(await message('/repositories/harbour-works/none/src/main/README.md')).toMatch(noSuchRepository);
  });

  test('a branch with a slash is found, encoded or not', async () => {
    const { access } = await bench.tokensFor('pim');
    for (const name of ['feature/tide-tables', 'feature%2Ftide-tables']) {
      expect((await bench.api(access, `${pilot}/refs/branches/${name}`)).body.name).toBe(
        'feature/tide-tables',
      );
    }
    const { body } = await bench.api(access, `${pilot}/refs/branches?sort=-target.date`);
    expect(body.values.map((v: { name: string }) => v.name)).toEqual(['feature/tide-tables', 'main']);
    expect((await bench.api(access, `${pilot}/refs/tags/v1.0.0`)).body.type).toBe('tag');
  });

  test('a branch with a slash is no commit for a file, encoded or not, unless the world is so', async () => {
    const { access } = await bench.tokensFor('pim');
    const ask = (branch: string) => bench.api(access, `${pilot}/src/${branch}/src/tides.js?format=meta`);
    expect((await ask('feature/tide-tables')).body.error.message).toBe('Commit not found');
    expect((await ask('feature%2Ftide-tables')).body.error.message).toBe('Commit not found');
    bench.sandbox.world.data.quirks.slashInSrc = true;
    expect((await ask('feature%2Ftide-tables')).body.type).toBe('commit_file');
  });

  test('a commit names its author, and their account when the address is known', async () => {
    const { access } = await bench.tokensFor('pim');
    const { body } = await bench.api(access, `${pilot}/commit/main`);
    expect(body.author).toMatchObject({
      raw: 'Tomás Ribeiro <tomas@harbour.example>',
      user: { nickname: 'tomas' },
    });
  });

  test('a build status is written over by its key and needs an address with a dot', async () => {
    const { access } = await bench.tokensFor('pim');
    const path = `${pilot}/commit/main/statuses`;
    const post = (json: unknown) => bench.api(access, `${path}/build`, { method: 'POST', json });
    const status = { key: 'ci', state: 'INPROGRESS', url: 'https://ci.example/1' };
    expect((await post(status)).status).toBe(201);
    expect((await post({ ...status, state: 'SUCCESSFUL' })).status).toBe(201);
    const { body } = await bench.api(access, path);
    expect(body.values).toMatchObject([{ key: 'ci', state: 'SUCCESSFUL' }]);
    expect((await post({ ...status, url: 'http://localhost/1' })).body.error.fields).toEqual({
      url: ['Enter a valid URL.'],
    });
  });
});
