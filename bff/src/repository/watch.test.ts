import { expect, test, vi } from 'vitest';
import { startProduct } from '../../test/product.ts';
import { createOrganization, createReadyProject, signUp } from '../../test/projects.ts';
import { bumpVersion } from '../projects/version.ts';
import { announceChange, watchProject } from './watch.ts';

const PATIENT = { timeout: 60_000 };

async function start() {
  const product = await startProduct();
  const owner = await signUp(product, 'tomas');
  const { profileId } = owner;
  const organization = await createOrganization(product, 'harbour', [{ profileId, role: 'owner' }]);
  const make = (name: string) => createReadyProject(product, { owner, organization, name });
  return { product, one: await make('one'), two: await make('two') };
}

test('whoever watches hears once at the start, and of each change after that, made by any replica', async () => {
  const { product, one, two } = await start();
  const replica = await product.replica();
  const heard = vi.fn();
  const elsewhere = vi.fn();
  const stops = [watchProject(product.deps, one.id, heard), watchProject(product.deps, two.id, elsewhere)];
  await vi.waitFor(() => expect(elsewhere).toHaveBeenCalledTimes(1), PATIENT);
  expect(heard).toHaveBeenCalledTimes(1);
  await bumpVersion(replica.deps.db, one.id);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), PATIENT);
  await bumpVersion(product.deps.db, one.id);
  announceChange(product.deps, one.id);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(3), PATIENT);
  expect(elsewhere).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
});

test('any number of watchers cost one question a round, and none when nobody watches', async () => {
  const { product, one, two } = await start();
  const asked = vi.spyOn(product.deps.db, 'selectFrom');
  const heard = Array.from({ length: 30 }, () => vi.fn());
  const stops = heard.map((listener, index) =>
    watchProject(product.deps, (index % 2 ? one : two).id, listener),
  );
  await vi.waitFor(() => {
    for (const listener of heard) expect(listener).toHaveBeenCalled();
  }, PATIENT);
  expect(asked).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
  asked.mockClear();
  // A round would begin now, if there were one.
  announceChange(product.deps, one.id);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(asked).not.toHaveBeenCalled();
  asked.mockRestore();
});

test('who stops hears nothing more, and others go on', async () => {
  const { product, one } = await start();
  const gone = vi.fn();
  const staying = vi.fn();
  const stopOne = watchProject(product.deps, one.id, gone);
  const stopOther = watchProject(product.deps, one.id, staying);
  await vi.waitFor(() => expect(staying).toHaveBeenCalledTimes(1), PATIENT);
  stopOne();
  const calls = gone.mock.calls.length;
  await bumpVersion(product.deps.db, one.id);
  await vi.waitFor(() => expect(staying).toHaveBeenCalledTimes(2), PATIENT);
  expect(gone).toHaveBeenCalledTimes(calls);
  stopOther();
});

test('a database that is away for a while ends no watching', async () => {
  const { product, one } = await start();
  const heard = vi.fn();
  const stop = watchProject(product.deps, one.id, heard);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), PATIENT);
  const away = vi.spyOn(product.deps.db, 'selectFrom').mockImplementation(() => {
    throw new Error('Connection terminated');
  });
  await vi.waitFor(() => expect(away.mock.calls.length).toBeGreaterThan(2), PATIENT);
  away.mockRestore();
  await bumpVersion(product.deps.db, one.id);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), PATIENT);
  expect(product.logs().match(/cannot be watched/g)).toHaveLength(1);
  stop();
});

test('a watcher that fails keeps no other from hearing', async () => {
  const { product, one } = await start();
  const heard = vi.fn();
  const stops = [
    watchProject(product.deps, one.id, () => {
      throw new Error('gone');
    }),
    watchProject(product.deps, one.id, heard),
  ];
  await vi.waitFor(() => expect(heard).toHaveBeenCalled(), PATIENT);
  for (const stop of stops) stop();
});

test('a project that is no more counts as changed', async () => {
  const { product, one } = await start();
  const heard = vi.fn();
  const stop = watchProject(product.deps, one.id, heard);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), PATIENT);
  await product.deps.db.deleteFrom('credential').where('projectId', '=', one.id).execute();
  await product.deps.db.deleteFrom('project').where('id', '=', one.id).execute();
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), PATIENT);
  stop();
});
