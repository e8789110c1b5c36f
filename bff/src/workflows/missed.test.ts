import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deleteBranch, pushFile } from '../../sandbox/play-source.ts';
import { repositoryNamed } from '../../sandbox/world.ts';
import {
  addWebhook,
  connectDeliveries,
  deliver,
  type Hooked,
  hookedProject,
  runsOn,
  work,
} from '../../test/hooked.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { hash, moved, push } from '../../test/push-payload.ts';
import { sendDueJobs } from '../jobs/due.ts';
import { compareHeads } from './heads.ts';

const PILOT = 'harbour-works/pilot-api';
const MINUTE = 60_000;
const ROUND = 6.6 * 60 * MINUTE;

/** A project whose branches were looked at once. */
async function setUp(): Promise<Hooked> {
  const product = await startProduct();
  const hooked = await hookedProject(product, PILOT);
  await sweep(product);
  product.sandbox.requests.clear();
  return hooked;
}

async function sweep(product: Product) {
  await sendDueJobs(product.deps);
  await work(product);
}

const gaps = ({ deps: { db } }: Product) => db.selectFrom('gap').selectAll().orderBy('branch').execute();
const workflows = ({ deps: { db } }: Product) =>
  db.selectFrom('workflow').selectAll().orderBy('createdAt').orderBy('refName').execute();
const lists = ({ sandbox }: Product) =>
  sandbox.requests({ service: 'bitbucket' }).filter(({ path }) => path.endsWith('/refs/branches'));

/** A push that Bitbucket announces only if deliveries are connected. */
async function pushTo({ product: { sandbox } }: Hooked, branch = 'main') {
  const repository = repositoryNamed(sandbox.world, PILOT);
  await pushFile(sandbox.place, repository, { branch, path: 'a.txt', content: randomUUID() });
  await sandbox.deliveries.settled();
  return headOf(sandbox, branch);
}

async function headOf({ place, world }: Product['sandbox'], branch: string) {
  const refs = await place.git.refs(repositoryNamed(world, PILOT), 'heads');
  return refs.find(({ name }) => name === branch)?.hash ?? '';
}

describe('WH-08 pushes that nobody announced are found', () => {
  test('the first look only notes where the branches are', async () => {
    const { product } = await setUp();
    expect(await gaps(product)).toEqual([]);
    const heads = await product.deps.db.selectFrom('branchHead').select('name').orderBy('name').execute();
    expect(heads).toEqual([{ name: 'feature/tide-tables' }, { name: 'main' }]);
  });

  test('one call for each sweep, and none in between', async () => {
    const { product } = await setUp();
    for (let round = 0; round < 5; round += 1) await sweep(product);
    expect(lists(product)).toHaveLength(0);
    product.travel(ROUND);
    for (let round = 0; round < 5; round += 1) await sweep(product);
    expect(lists(product)).toHaveLength(1);
  });

  test('a branch that moved, and a new one: from where to where, and between which times', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    const from = await headOf(product.sandbox, 'main');
    for (let round = 0; round < 3; round += 1) await pushTo(hooked);
    const to = await headOf(product.sandbox, 'main');
    const other = await pushTo(hooked, 'other');
    const [comparison] = await product.deps.db.selectFrom('headComparison').selectAll().execute();
    product.travel(ROUND);
    await sweep(product);
    const lastKnownAt = comparison?.comparedAt;
    expect(await gaps(product)).toMatchObject([
      { branch: 'main', oldHash: from, newHash: to, state: 'suspected', lastKnownAt },
      { branch: 'other', oldHash: null, newHash: other, state: 'suspected', lastKnownAt },
    ]);
    product.travel(3 * MINUTE);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ state: 'open' }, { state: 'open' }]);
    // It is for a person to run them.
    expect(await workflows(product)).toEqual([]);
  });

  test('lies after the last comparison that saw the branch where we knew it', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    product.travel(ROUND);
    await sweep(product);
    const [comparison] = await product.deps.db.selectFrom('headComparison').selectAll().execute();
    await pushTo(hooked);
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ lastKnownAt: comparison?.comparedAt }]);
  });

  test('what is announced a moment later was no gap', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    const from = await headOf(product.sandbox, 'main');
    const to = await pushTo(hooked);
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ state: 'suspected' }]);
    await deliver(
      product,
      hooked.webhook,
      push(hooked.repository, { old: { hash: from }, new: { hash: to } }),
    );
    await work(product);
    expect(await gaps(product)).toMatchObject([{ state: 'announced' }]);
    expect(await workflows(product)).toMatchObject([{ origin: 'push', newHash: to }]);
  });

  test('when the last of several missed pushes is announced after all, those before it are still missing', async () => {
    const hooked = await setUp();
    const { product, webhook, repository } = hooked;
    const from = await headOf(product.sandbox, 'main');
    const missed = await pushTo(hooked);
    const told = await pushTo(hooked);
    product.travel(ROUND);
    await sweep(product);
    await deliver(product, webhook, push(repository, { old: { hash: missed }, new: { hash: told } }));
    await work(product);
    expect(await gaps(product)).toMatchObject([{ oldHash: from, newHash: missed, state: 'suspected' }]);
  });

  test('while deliveries are left to be worked on nothing is compared, and the next round does', async () => {
    const { product, projectId, webhook, repository } = await setUp();
    const { deps } = product;
    await deliver(product, webhook, push(repository, moved('a', 'b')));
    // A process that leaves puts its work down after one transaction.
    deps.lifecycle.accepting = false;
    await compareHeads(deps, projectId);
    expect(lists(product)).toEqual([]);
    expect(await gaps(product)).toEqual([]);
    deps.lifecycle.accepting = true;
    await sweep(product);
    expect(lists(product)).toHaveLength(1);
  });

  test('announced pushes leave no gap', async () => {
    const hooked = await setUp();
    connectDeliveries(hooked.product);
    await pushTo(hooked);
    await pushTo(hooked, 'other');
    await deleteBranch(
      hooked.product.sandbox.place,
      repositoryNamed(hooked.product.sandbox.world, PILOT),
      'other',
    );
    await hooked.product.sandbox.deliveries.settled();
    hooked.product.travel(ROUND);
    await sweep(hooked.product);
    expect(await gaps(hooked.product)).toEqual([]);
  });

  test('of two deliveries that overtook each other none is a gap', async () => {
    const hooked = await setUp();
    const { product, webhook, repository } = hooked;
    const first = await headOf(product.sandbox, 'main');
    const second = await pushTo(hooked);
    const third = await pushTo(hooked);
    await deliver(product, webhook, push(repository, { old: { hash: second }, new: { hash: third } }));
    await deliver(product, webhook, push(repository, { old: { hash: first }, new: { hash: second } }));
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toEqual([]);
  });

  test('several missed pushes in a row are one gap, and a branch that is gone has none', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    const from = await headOf(product.sandbox, 'main');
    await pushTo(hooked);
    await pushTo(hooked, 'other');
    product.travel(ROUND);
    await sweep(product);
    const to = await pushTo(hooked);
    await deleteBranch(product.sandbox.place, repositoryNamed(product.sandbox.world, PILOT), 'other');
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([
      { branch: 'main', oldHash: from, newHash: to },
      { branch: 'other', state: 'passed' },
    ]);
  });

  test('a fault of Bitbucket proves nothing; it is asked again before the next sweep', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await pushTo(hooked);
    product.sandbox.faults.set('bitbucket:api', '503');
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toEqual([]);
    product.sandbox.faults.clear();
    product.travel(10 * MINUTE);
    await sweep(product);
    expect(await gaps(product)).toHaveLength(1);
  });

  test('the repository that the project had before leaves no gaps behind', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await pushTo(hooked);
    const { uuid } = repositoryNamed(product.sandbox.world, 'harbour-works/charts');
    await product.deps.db.updateTable('project').set({ repositoryUuid: uuid }).execute();
    await sweep(product);
    expect(await gaps(product)).toEqual([]);
    expect(await workflows(product)).toEqual([]);
  });

  test('of another repository nothing was missed, also when somebody checks as soon as the project has it', async () => {
    const { product, projectId } = await setUp();
    const { uuid } = repositoryNamed(product.sandbox.world, 'harbour-works/charts');
    await product.deps.db.updateTable('project').set({ repositoryUuid: uuid }).execute();
    await compareHeads(product.deps, projectId);
    await sweep(product);
    expect(await gaps(product)).toEqual([]);
  });
});

describe('a branch that the settings leave out', () => {
  const onlyMain = { whitelist: { branches: ['main'], tags: [] } };
  const everything = { whitelist: { branches: [], tags: [] } };

  test('is not missed, and where it is by then is known when they let it in again', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await runsOn(hooked, onlyMain);
    await pushTo(hooked, 'other');
    await pushTo(hooked);
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ branch: 'main' }]);
    await runsOn(hooked, everything);
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ branch: 'main' }]);
  });

  test('does not run by itself what was missed before, after the webhook was repaired', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await pushTo(hooked);
    await pushTo(hooked, 'other');
    product.travel(ROUND);
    await sweep(product);
    await runsOn(hooked, onlyMain);
    await addWebhook(hooked);
    await sweep(product);
    expect(await workflows(product)).toMatchObject([{ refName: 'main' }]);
    expect(await gaps(product)).toMatchObject([{ state: 'run' }, { branch: 'other', state: 'suspected' }]);
  });

  test('that moved on since loses what was missed before', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await pushTo(hooked, 'other');
    product.travel(ROUND);
    await sweep(product);
    await runsOn(hooked, onlyMain);
    await pushTo(hooked, 'other');
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ branch: 'other', state: 'passed' }]);
  });
});

describe('after the webhook was repaired', () => {
  test('what was missed meanwhile runs by itself, once', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    await pushTo(hooked);
    const head = await pushTo(hooked);
    await addWebhook(hooked);
    await sweep(product);
    await sweep(product);
    expect(await workflows(product)).toMatchObject([
      { origin: 'gap', refName: 'main', newHash: head, requestedBy: null, state: 'waiting' },
    ]);
    expect(await gaps(product)).toMatchObject([{ state: 'run' }]);
  });

  test.each([
    ['webhook-removed', 'open'],
    ['webhook-inactive', 'open'],
    ['webhook-missing-events', 'suspected'],
    ['webhook-not-allowed', 'suspected'],
  ])('while the webhook is known to be broken by %s, a missed push is %s', async (cause, state) => {
    const hooked = await setUp();
    const { product, projectId } = hooked;
    await product.deps.db
      .insertInto('finding')
      .values({
        projectId,
        subject: 'webhook',
        state: 'broken',
        cause,
        facts: JSON.stringify({}),
        checkedAt: product.deps.now(),
      })
      .onConflict((conflict) =>
        conflict.columns(['projectId', 'subject']).doUpdateSet({ state: 'broken', cause }),
      )
      .execute();
    await pushTo(hooked);
    product.travel(ROUND);
    await sweep(product);
    expect(await gaps(product)).toMatchObject([{ branch: 'main', state }]);
    expect(await workflows(product)).toEqual([]);
  });

  test('an announcement that comes after all does not run it again', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    const from = await headOf(product.sandbox, 'main');
    const to = await pushTo(hooked);
    const webhook = await addWebhook(hooked);
    await sweep(product);
    await deliver(product, webhook, push(hooked.repository, { old: { hash: from }, new: { hash: to } }));
    await work(product);
    expect(await workflows(product)).toHaveLength(1);
  });
});

describe('WH-04 the same push through two webhooks', () => {
  /** Delivers pushes in the order given and returns the commits that were run. */
  async function run(hooked: Hooked, ...told: [by: 'old' | 'new', from: string, to: string][]) {
    const webhooks = { old: hooked.webhook, new: await addWebhook(hooked) };
    for (const [by, from, to] of told) {
      await deliver(hooked.product, webhooks[by], push(hooked.repository, moved(from, to)));
      await work(hooked.product);
    }
    const rows = await hooked.product.deps.db
      .selectFrom('workflow')
      .select('newHash')
      .orderBy('createdAt')
      .execute();
    return rows.map(({ newHash }) => newHash);
  }
  const fresh = async () => hookedProject(await startProduct(), PILOT);

  test('is one workflow, whichever was first', async () => {
    const hooked = await fresh();
    expect(
      await run(hooked, ['old', 'a', 'b'], ['new', 'a', 'b'], ['new', 'b', 'c'], ['old', 'b', 'c']),
    ).toEqual([hash('b'), hash('c')]);
  });

  test('stays one when the other webhook is a push behind', async () => {
    const hooked = await fresh();
    const told = run(hooked, ['old', 'a', 'b'], ['old', 'b', 'c'], ['new', 'a', 'b'], ['new', 'b', 'c']);
    expect(await told).toEqual([hash('b'), hash('c')]);
    const head = await hooked.product.deps.db.selectFrom('branchHead').select('hash').executeTakeFirst();
    expect(head?.hash).toBe(hash('c'));
  });

  test('a branch that is forced back and moves again makes the same move twice, and runs twice', async () => {
    const hooked = await fresh();
    const told = run(
      hooked,
      ...(['old', 'new'] as const).flatMap((by): ['old' | 'new', string, string][] => [
        [by, 'a', 'b'],
        [by, 'b', 'a'],
        [by, 'a', 'b'],
      ]),
    );
    expect(await told).toEqual([hash('b'), hash('a'), hash('b')]);
  });

  test('sent once more by hand, with another id, it is the same push', async () => {
    const hooked = await fresh();
    expect(await run(hooked, ['old', 'a', 'b'], ['old', 'a', 'b'])).toEqual([hash('b')]);
  });
});
