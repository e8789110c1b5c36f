import { expect, test } from 'vitest';
import { deleteRepository, renameRepository, revokeAccess, setPermission } from '../../sandbox/play.ts';
import { repositoryNamed } from '../../sandbox/world.ts';
import { startProduct } from '../../test/product.ts';
import { signUp } from '../../test/projects.ts';
import { askAs, proveAdmin } from './grant.ts';

const PILOT = 'harbour-works/pilot-api';

async function start(nickname = 'tomas') {
  const product = await startProduct();
  const someone = await signUp(product, nickname);
  const { world } = product.sandbox;
  const repository = repositoryNamed(world, PILOT);
  product.sandbox.requests.clear();
  const prove = (fullName = PILOT) =>
    proveAdmin(product.deps, someone.profileId, { uuid: repository.uuid, fullName });
  return { product, world, someone, repository, prove };
}

test('an admin by name is proved without listing keys', async () => {
  const { product, prove } = await start();
  expect(await prove()).toEqual({ kind: 'admin' });
  expect(product.sandbox.requests({ path: '*/deploy-keys' })).toEqual([]);
});

test.each(['write', 'read'] as const)('who has %s by name is no admin', async (permission) => {
  const { world, repository, someone, prove } = await start();
  setPermission(world, repository, someone.person.id, permission);
  expect(await prove()).toEqual({ kind: 'not-admin', permission });
});

test('where no right was given by name, the list of keys tells who is an admin', async () => {
  const { product, prove } = await start();
  // The sandbox knows no groups: the right stands, and the list by name is empty.
  const provider = product.deps.providers.get('bitbucket');
  const access = provider?.repositories;
  if (!provider || !access) throw new Error('Bitbucket is not configured.');
  access.readPermission = async () => ({ ok: true, value: null });
  expect(await prove()).toEqual({ kind: 'admin' });
  expect(product.sandbox.requests({ path: '*/deploy-keys' })).toHaveLength(1);
});

test('who only sees a public repository is no admin of it', async () => {
  const { product, someone } = await start();
  const { uuid } = repositoryNamed(product.sandbox.world, 'tidemark/handbook');
  expect(await proveAdmin(product.deps, someone.profileId, { uuid, fullName: 'tidemark/handbook' })).toEqual({
    kind: 'not-admin',
    permission: null,
  });
});

test('a right on another repository that has the old name now proves nothing', async () => {
  const { world, repository, someone, prove } = await start();
  setPermission(world, repository, someone.person.id, 'read');
  renameRepository(world, repository, 'pilot-core');
  const other = repositoryNamed(world, 'harbour-works/charts');
  renameRepository(world, other, 'pilot-api');
  setPermission(world, other, someone.person.id, 'admin');
  expect(await prove(PILOT)).toEqual({ kind: 'not-admin', permission: 'read' });
});

test('what is not there, or not for these eyes, is not found', async () => {
  const { world, repository, prove } = await start();
  deleteRepository(world, repository);
  expect(await prove()).toEqual({ kind: 'not-found' });
});

test('missing scopes are named', async () => {
  const { world, prove } = await start();
  for (const grant of world.data.grants) grant.scopes = grant.scopes.filter((each) => each !== 'repository');
  for (const grant of world.data.grants) grant.scopes = grant.scopes.filter((each) => each !== 'pullrequest');
  expect(await prove()).toEqual({ kind: 'scope-missing', missing: ['repository'] });
});

test('a fault is a fault', async () => {
  const { product, prove } = await start();
  product.sandbox.faults.set('bitbucket:api', '503');
  expect(await prove()).toEqual({ kind: 'fault', fault: { code: 'provider-error' } });
});

test('a revoked grant is seen to be gone, with the reason and the time', async () => {
  const { world, someone, prove } = await start();
  revokeAccess(world, 'bitbucket', someone.person.id);
  expect(await prove()).toEqual({ kind: 'no-grant', reason: 'revoked', endedAt: expect.any(Date) });
  expect(await prove()).toMatchObject({ kind: 'no-grant', reason: 'revoked' });
});

test('who never connected has no grant, and nobody is asked', async () => {
  const { product } = await start();
  const { profileId } = await signUp(product, 'nora');
  await product.deps.db.deleteFrom('grant').execute();
  await product.deps.db.deleteFrom('connection').where('profileId', '=', profileId).execute();
  product.sandbox.requests.clear();
  const answer = await askAs(product.deps, profileId, (token, access) => access.listWorkspaces(token));
  expect(answer).toEqual({ ok: false, why: { kind: 'no-grant', reason: 'not-connected', endedAt: null } });
  expect(product.sandbox.requests()).toEqual([]);
});

test('a repository that answers 401 to a living grant does not end it', async () => {
  const { product, someone, prove } = await start();
  product.sandbox.faults.set('bitbucket:GET /2.0/repositories/*', '401');
  expect(await prove()).toEqual({ kind: 'fault', fault: { code: 'provider-unexpected' } });
  const connection = await product.deps.db
    .selectFrom('connection')
    .select('state')
    .where('profileId', '=', someone.profileId)
    .executeTakeFirst();
  expect(connection).toEqual({ state: 'connected' });
});
