import { beforeEach, describe, expect, test } from 'vitest';
import type { Control } from './control.ts';
import { controlOf } from './control.ts';
import { createBrowser } from './journey.ts';
import { publicKeyLine, useBench } from './test-bench.ts';
import { personNamed, repositoryNamed } from './world.ts';

const bench = useBench();
const pilot = '/repositories/harbour-works/pilot-api';
const hookDraft = {
  description: 'CI',
  url: 'https://ci.example/hooks/1',
  active: true,
  events: ['repo:push', 'repo:updated'],
  secret: 'very-secret',
};
let control: Control;
let token: string;

beforeEach(async () => {
  control = controlOf('https://bitbucket.test');
  token = (await bench.tokensFor('tomas')).access;
});

const get = async (path: string) => (await bench.api(token, path)).body;
const addHook = async () =>
  (await bench.api(token, `${pilot}/hooks`, { method: 'POST', json: hookDraft })).body.uuid as string;
const addKey = async (on = pilot) =>
  (
    await bench.api(token, `${on}/deploy-keys`, {
      method: 'POST',
      json: { key: publicKeyLine(), label: 'CI' },
    })
  ).body as { id: number; key: string };

describe('webhooks and keys by hand', () => {
  test('a webhook is deactivated, led elsewhere, relieved of events and secret, and activated again', async () => {
    const uuid = await addHook();
    const seen = () => get(`${pilot}/hooks/${encodeURIComponent(uuid)}`);
    await control('editHook', { uuid, change: { active: false } });
    expect(await seen()).toMatchObject({ active: false, url: hookDraft.url, secret_set: true });
    await control('editHook', {
      uuid,
      change: { url: 'https://other.example/', events: ['repo:push'], secret: null },
    });
    expect(await seen()).toMatchObject({
      active: false,
      url: 'https://other.example/',
      events: ['repo:push'],
      secret_set: false,
    });
    await control('editHook', { uuid, change: { active: true } });
    expect(await seen()).toMatchObject({ active: true });
    await expect(control('editHook', { uuid, change: { events: [] } })).rejects.toThrow('at least one event');
  });

  test('another public key may stand under the remembered id', async () => {
    const before = await addKey();
    await control('swapKey', { id: before.id });
    const after = await get(`${pilot}/deploy-keys/${before.id}`);
    expect(after).toMatchObject({ id: before.id, label: 'CI' });
    expect(after.key).not.toBe(before.key);
    expect(after.key).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI/);
  });

  test('a stopped key is listed as ever', async () => {
    const key = await addKey();
    await control('stopKey', { id: key.id, stopped: true });
    expect((await get(`${pilot}/deploy-keys`)).values).toMatchObject([{ id: key.id, key: key.key }]);
    expect((await control('state', {})).deployKeys).toMatchObject([{ stopped: true }]);
  });
});

describe('moving repositories', () => {
  const uuid = () => repositoryNamed(bench.sandbox.world, 'harbour-works/pilot-api').uuid;
  const byUuid = async (id: string) => get(`/repositories/%7B%7D/${encodeURIComponent(id)}`);

  test('a transfer keeps the UUID, leaves the old address behind, and loses what came through groups', async () => {
    const { world } = bench.sandbox;
    const repository = repositoryNamed(world, 'harbour-works/pilot-api');
    const yuki = personNamed(world, 'bitbucket', 'yuki');
    repository.permissions.push({ person: yuki.id, permission: 'write', group: 'Developers' });
    const id = uuid();
    await addKey();
    await addHook();
    await control('transfer', { repository: 'harbour-works/pilot-api', workspace: 'tidemark' });
    expect((await byUuid(id)).full_name).toBe('tidemark/pilot-api');
    const old = await bench.api(token, `${pilot}/hooks`);
    expect([old.status, old.headers.get('location')]).toEqual([
      301,
      'https://api.bitbucket.test/2.0/repositories/tidemark/pilot-api/hooks',
    ]);
    expect(repository.permissions.map((each) => each.person)).not.toContain(yuki.id);
    expect((await get('/repositories/tidemark/pilot-api/deploy-keys')).size).toBe(1);
    expect((await get('/repositories/tidemark/pilot-api/hooks')).size).toBe(1);
  });

  test('keys and webhooks may be lost in a transfer', async () => {
    await control('quirks', { transferKeeps: false });
    await addKey();
    await addHook();
    await control('transfer', { repository: 'harbour-works/pilot-api', workspace: 'tidemark' });
    const { deployKeys, hooks } = await control('state', {});
    expect([deployKeys, hooks]).toEqual([[], []]);
  });

  test('the key of an owner of the old workspace goes when the new one makes them nobody', async () => {
    token = (await bench.tokensFor('nora')).access;
    await addKey('/repositories/harbour-works/charts');
    await control('transfer', { repository: 'harbour-works/charts', workspace: 'tidemark' });
    expect((await control('state', {})).deployKeys).toEqual([]);
  });

  test('an old name can be taken by a new repository, which has a UUID of its own', async () => {
    const first = uuid();
    await control('rename', { repository: 'harbour-works/pilot-api', slug: 'harbour-pilot' });
    const { uuid: second } = await control('createRepository', {
      name: 'harbour-works/pilot-api',
      isPrivate: false,
    });
    expect(await get(pilot)).toMatchObject({ uuid: second, mainbranch: null });
    expect(second).not.toBe(first);
    expect((await byUuid(first)).full_name).toBe('harbour-works/harbour-pilot');
    await expect(control('createRepository', { name: 'harbour-works/pilot-api' })).rejects.toThrow('already');
  });

  test('the page of a repository is found under its old name, if the world is so', async () => {
    const page = 'https://bitbucket.test/tidemark/handbook';
    await control('rename', { repository: 'tidemark/handbook', slug: 'guide' });
    const answer = await fetch(page, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/tidemark/guide']);
    await control('quirks', { oldSlug: 404 });
    expect((await fetch(page)).status).toBe(404);
  });

  test('a name taken back is no earlier name any more', async () => {
    await control('rename', { repository: 'harbour-works/pilot-api', slug: 'harbour-pilot' });
    await control('rename', { repository: 'harbour-works/harbour-pilot', slug: 'pilot-api' });
    const { world } = bench.sandbox;
    expect(repositoryNamed(world, 'harbour-works/pilot-api').formerNames).toEqual([
      'harbour-works/harbour-pilot',
    ]);
  });

  test('a deleted repository is gone under every address', async () => {
    const id = uuid();
    await control('deleteRepository', { repository: 'harbour-works/pilot-api' });
    for (const path of [pilot, `/repositories/%7B%7D/${encodeURIComponent(id)}`]) {
      expect((await bench.api(token, path)).status).toBe(404);
    }
  });
});

describe('branches and files', () => {
  const repository = 'harbour-works/pilot-api';
  const branches = async () =>
    (await get(`${pilot}/refs/branches`)).values.map((each: { name: string }) => each.name);
  const status = async (path: string) => (await bench.api(token, `${pilot}/src/${path}`)).status;

  test('a commit adds, changes and deletes a file', async () => {
    const file = { repository, branch: 'main', path: 'ci/build.yml' };
    await control('pushFile', { ...file, content: 'one\n' });
    expect((await bench.api(token, `${pilot}/src/main/ci/build.yml`)).body).toBe('one\n');
    await control('pushFile', { ...file, content: 'two\n' });
    expect((await bench.api(token, `${pilot}/src/main/ci/build.yml`)).body).toBe('two\n');
    await control('pushFile', { ...file, content: null });
    expect(await status('main/ci/build.yml')).toBe(404);
    expect(await status('main/README.md')).toBe(200);
    await expect(control('pushFile', { ...file, content: null })).rejects.toThrow('no file');
  });

  test.each(['', '../up', 'a/../b', '/etc', 'a\nb', '"a"', 'a//b'])('%j is no path', async (path) => {
    await expect(control('pushFile', { repository, branch: 'main', path, content: '' })).rejects.toThrow(
      'no path',
    );
  });

  test('a new branch begins at the main one', async () => {
    await control('pushFile', { repository, branch: 'fix/tide', path: 'a.txt', content: '' });
    expect(await branches()).toEqual(['feature/tide-tables', 'fix/tide', 'main']);
    const { body } = await bench.api(token, `${pilot}/refs/branches/fix/tide`);
    expect(await status(`${body.target.hash}/README.md`)).toBe(200);
  });

  test('a main branch that is renamed stays the main one', async () => {
    await control('renameBranch', { repository, from: 'main', to: 'trunk' });
    expect((await get(pilot)).mainbranch).toEqual({ type: 'branch', name: 'trunk' });
    expect(await branches()).toEqual(['feature/tide-tables', 'trunk']);
  });

  test('another branch becomes the main one, and only one that exists', async () => {
    await control('setMainBranch', { repository, branch: 'feature/tide-tables' });
    expect((await get(pilot)).mainbranch.name).toBe('feature/tide-tables');
    await expect(control('setMainBranch', { repository, branch: 'nowhere' })).rejects.toThrow('no branch');
  });

  test('a main branch that was deleted is still named', async () => {
    await control('deleteBranch', { repository, branch: 'main' });
    expect((await get(pilot)).mainbranch.name).toBe('main');
    expect((await bench.api(token, `${pilot}/refs/branches/main`)).status).toBe(404);
  });

  test('an emptied repository has no main branch until somebody pushes', async () => {
    await control('emptyRepository', { repository });
    expect((await get(pilot)).mainbranch).toBeNull();
    expect(await branches()).toEqual([]);
    await control('pushFile', { repository, branch: 'trunk', path: 'a.txt', content: '' });
    expect((await get(pilot)).mainbranch.name).toBe('trunk');
  });
});

test('a reset brings back the repositories as they were seeded', async () => {
  const repository = 'harbour-works/pilot-api';
  await control('emptyRepository', { repository });
  await control('createRepository', { name: 'harbour-works/extra' });
  await control('reset', {});
  token = (await bench.tokensFor('tomas')).access;
  expect((await get(pilot)).mainbranch.name).toBe('main');
  expect((await bench.api(token, `${pilot}/src/main/README.md`)).status).toBe(200);
  expect((await bench.api(token, '/repositories/harbour-works/extra')).status).toBe(404);
});

test('the pages do what the controls do, and say why not', async () => {
  const { world } = bench.sandbox;
  const browser = createBrowser(bench.sandbox);
  const repository = repositoryNamed(world, 'harbour-works/pilot-api');
  const base = `https://bitbucket.test/sandbox/repositories/${encodeURIComponent(repository.uuid)}`;
  const send = async (tail: string, form: Record<string, string> = {}) =>
    (await browser.send(`${base}/${tail}`, form)).status;
  const key = await addKey();
  const hook = await addHook();
  const hookAt = `hooks/${encodeURIComponent(hook)}`;

  expect(await send(`keys/${key.id}/swap`)).toBe(303);
  expect(world.data.deployKeys[0]?.key).not.toBe(key.key);
  expect(await send(`keys/${key.id}/stop`)).toBe(303);
  expect(world.data.deployKeys[0]?.stopped).toBe(true);
  expect(await send(`${hookAt}/toggle`)).toBe(303);
  expect(await send(`${hookAt}/remove-secret`)).toBe(303);
  expect(await send(`${hookAt}/url`, { url: 'https://other.example/' })).toBe(303);
  expect(await send(`${hookAt}/events`, { events: 'repo:push' })).toBe(303);
  expect(world.data.hooks[0]).toMatchObject({
    active: false,
    secret: null,
    url: 'https://other.example/',
    events: ['repo:push'],
  });
  expect(await send(`${hookAt}/url`, { url: 'nonsense' })).toBe(400);
  expect(await send('files', { branch: 'main', path: 'a.txt', content: 'a\r\nb', what: 'write' })).toBe(303);
  expect(await send('files', { branch: 'main', path: 'a.txt', to: 'b/a.txt', what: 'move' })).toBe(303);
  expect((await bench.api(token, `${pilot}/src/main/b/a.txt`)).body).toBe('a\nb');
  expect(await send('files', { branch: 'main', path: 'a.txt', what: 'delete' })).toBe(400);
  expect(await send('branches/main', { branch: 'feature/tide-tables' })).toBe(303);
  expect(await send('branches/rename', { branch: 'main', to: 'trunk' })).toBe(303);
  expect(await send('branches/delete', { branch: 'trunk' })).toBe(303);
  expect(await send('branches/delete', { branch: 'trunk' })).toBe(400);
  expect(await send('rename', { slug: 'Harbour Pilot' })).toBe(400);
  expect(await send('rename', { slug: 'harbour-pilot' })).toBe(303);
  expect(repository.formerNames).toEqual(['harbour-works/pilot-api']);
  const made = await browser.send('https://bitbucket.test/sandbox/repositories', {
    workspace: repository.workspace,
    slug: 'pilot-api',
  });
  expect(made.status).toBe(303);
  const page = await browser.send(
    new URL(made.headers.get('location') ?? '', 'https://bitbucket.test/').href,
  );
  expect(await page.text()).toContain('none: the repository is empty');
  const tidemark = world.data.workspaces.find((each) => each.slug === 'tidemark')?.uuid ?? '';
  expect(await send('transfer', { workspace: tidemark })).toBe(303);
  const refused = await browser.send(`${base}/rename`, { slug: 'handbook' });
  expect(await refused.text()).toContain('The workspace has a repository handbook already.');
  expect(await send('empty')).toBe(303);
  expect(await send(`keys/${key.id}/delete`)).toBe(303);
  expect(await send(`${hookAt}/delete`)).toBe(303);
  expect([world.data.deployKeys, world.data.hooks]).toEqual([[], []]);
  expect(await send('delete')).toBe(303);
  expect(await send('rename', { slug: 'again' })).toBe(404);
});
