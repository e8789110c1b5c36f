import { expect, test } from 'vitest';
import { deleteHook } from '../../sandbox/play-keys-and-hooks.ts';
import { type Product, startProduct } from '../../test/product.ts';
import {
  createOrganization,
  createReadyProject,
  type ReadyProject,
  readProject,
  readTab,
  rowsOf,
  signUp,
} from '../../test/projects.ts';
import { lookAtRepository } from './look.ts';
import { sweepProjects } from './sweep.ts';

const HOUR = 3_600_000;
/** The interval of the sweep, with the spread on top of it. */
const ROUND = 6 * HOUR * 1.06;

/** Sweeps until nothing is due; returns how many projects were looked at. */
async function sweep(product: Product): Promise<number> {
  let total = 0;
  for (;;) {
    const looked = await sweepProjects(product.deps);
    if (looked === 0) return total;
    total += looked;
  }
}

async function start(count: number) {
  const product = await startProduct();
  const owner = await signUp(product, 'tomas');
  const { profileId } = owner;
  const organization = await createOrganization(product, 'harbour', [{ profileId, role: 'owner' }]);
  const projects: ReadyProject[] = [];
  for (let index = 0; index < count; index += 1) {
    projects.push(await createReadyProject(product, { owner, organization, name: `project-${index}` }));
  }
  product.sandbox.requests.clear();
  return { product, projects, first: projects[0] as ReadyProject };
}

const looks = ({ sandbox }: Product) =>
  sandbox.requests({ service: 'bitbucket', path: '/2.0/user/workspaces/*' });

test('what breaks is seen within the interval although nobody looks', async () => {
  const { product, first } = await start(1);
  await lookAtRepository(product.deps, first.id);
  deleteHook(product.sandbox.world, first.hook?.uuid ?? '');
  expect(await sweep(product)).toBe(0);
  product.travel(ROUND);
  expect(await sweep(product)).toBe(1);
  expect(rowsOf(await readTab(product, first)).webhook).toMatchObject({
    state: 'broken',
    cause: 'webhook-removed',
  });
  expect(await sweep(product)).toBe(0);
});

test('a look by anyone moves its turn, so that no call is spent on what was just seen', async () => {
  const { product, first } = await start(1);
  product.travel(ROUND);
  await lookAtRepository(product.deps, first.id);
  expect(await sweep(product)).toBe(0);
  expect(looks(product)).toHaveLength(1);
});

test('replicas share the work: each project that is due is looked at once', async () => {
  const { product } = await start(7);
  const replicas = [product, await product.replica(), await product.replica()];
  product.travel(ROUND);
  const counts = await Promise.all(replicas.map(sweep));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
  expect(looks(product)).toHaveLength(7);
});

test('what could not be asked is asked again soon, and not at once', async () => {
  const { product, first } = await start(1);
  product.sandbox.faults.set('bitbucket:api', '503');
  product.travel(ROUND);
  expect(await sweep(product)).toBe(1);
  expect(await sweep(product)).toBe(0);
  product.sandbox.faults.clear();
  product.travel(HOUR / 2);
  expect(await sweep(product)).toBe(1);
  expect((await readTab(product, first)).summary).toBeNull();
  expect(rowsOf(await readTab(product, first)).webhook.state).toBe('healthy');
});

test('projects that are not ready are left alone', async () => {
  const { product, first } = await start(1);
  product.travel(ROUND);
  for (const state of ['creating', 'deleting', 'deleted'] as const) {
    await product.deps.db.updateTable('project').set({ state }).where('id', '=', first.id).execute();
    expect(await sweep(product)).toBe(0);
  }
});

test('KS-01 one key that does not open keeps none of the others from being looked at', async () => {
  const { product, projects, first } = await start(6);
  await product.deps.db
    .updateTable('credential')
    .set({ material: 'v1.x.y' })
    .where('projectId', '=', first.id)
    .execute();
  product.travel(ROUND);
  expect(await sweep(product)).toBe(projects.length);
  expect(looks(product)).toHaveLength(projects.length - 1);
  expect(product.logs()).toContain(first.id);
  expect((await readProject(product, first.id)).lookHolder).toBeNull();
});
