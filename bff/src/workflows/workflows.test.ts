import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { revokeAccess } from '../../sandbox/play.ts';
import { push as pushCommits, pushFile } from '../../sandbox/play-source.ts';
import { personNamed, repositoryNamed } from '../../sandbox/world.ts';
import { connectDeliveries, deliver, type Hooked, hookedProject, runsOn, work } from '../../test/hooked.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { hash, moved, push } from '../../test/push-payload.ts';
import { RUNNER_SECRET, type Runner, startRunner } from '../../test/runner.ts';
import { sendDueJobs } from '../jobs/due.ts';
import { workOnWorkflow } from './work.ts';

const PILOT = 'harbour-works/pilot-api';
const MISSING = `Error: {"File '.semaphore/semaphore.yml' is not available", "Not Found"}`;
const HOUR = 3_600_000;

const runners: Runner[] = [];
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
});

async function withRunner(): Promise<Hooked & { runner: Runner }> {
  const runner = await startRunner();
  runners.push(runner);
  const product = await startProduct({
    env: { RUNNER_URL: runner.url, RUNNER_SECRET },
    passThrough: new URL(runner.url).origin,
  });
  connectDeliveries(product);
  return { ...(await hookedProject(product, PILOT)), runner };
}

async function withoutRunner(repository = PILOT): Promise<Hooked> {
  const product = await startProduct();
  connectDeliveries(product);
  return hookedProject(product, repository);
}

const workflows = ({ deps: { db } }: Product) =>
  db.selectFrom('workflow').selectAll().orderBy('createdAt').orderBy('refName').execute();

/** A push at Bitbucket, delivered and worked on. */
async function pushFor(
  { product, repository }: Hooked,
  change: { branch?: string; path?: string; content?: string | null },
) {
  const { sandbox } = product;
  const { branch = 'main', path = 'README.md', content = `# ${randomUUID()}\n` } = change;
  await pushFile(sandbox.place, repositoryNamed(sandbox.world, repository.fullName), {
    branch,
    path,
    content,
  });
  await sandbox.deliveries.settled();
  await work(product);
}

async function headOf({ product, repository }: Hooked, branch = 'main') {
  const { place, world } = product.sandbox;
  const refs = await place.git.refs(repositoryNamed(world, repository.fullName), 'heads');
  return refs.find(({ name }) => name === branch)?.hash;
}

describe('a push becomes a workflow', () => {
  test('with the pipeline file at that very commit, handed over to the runner', async () => {
    const hooked = await withRunner();
    await pushFor(hooked, {});
    const head = await headOf(hooked);
    const [workflow, ...others] = await workflows(hooked.product);
    expect(others).toEqual([]);
    expect(workflow).toMatchObject({ state: 'handed-over', newHash: head, problem: null, origin: 'push' });
    expect(hooked.runner.taken()).toEqual([{ id: workflow?.id, ref: 'branch main', hash: head }]);
  });

  test('one for each branch and tag of one push', async () => {
    const hooked = await withoutRunner();
    const { sandbox } = hooked.product;
    const at = { author: 'Nora <nora@harbour.example>', at: '2026-11-22T10:00:00Z' };
    await pushCommits(sandbox.place, repositoryNamed(sandbox.world, PILOT), [
      { ...at, branch: 'main', message: 'One', files: { 'a.txt': 'a' }, tag: 'v2.0.0' },
      { ...at, branch: 'release', from: 'main', message: 'Two', files: { 'b.txt': 'b' } },
    ]);
    await sandbox.deliveries.settled();
    await work(hooked.product);
    const made = await workflows(hooked.product);
    expect(made.map(({ refType, refName, state }) => [refType, refName, state])).toEqual([
      ['branch', 'main', 'waiting'],
      ['branch', 'release', 'waiting'],
      ['tag', 'v2.0.0', 'waiting'],
    ]);
  });

  test('without a runner it waits, and goes when one is configured', async () => {
    const hooked = await withoutRunner();
    await pushFor(hooked, {});
    expect(await workflows(hooked.product)).toMatchObject([
      { state: 'waiting', problem: null, nextTryAt: null },
    ]);
    const runner = await startRunner();
    runners.push(runner);
    const replica = await hooked.product.replica({ RUNNER_URL: runner.url, RUNNER_SECRET });
    hooked.product.letThrough(new URL(runner.url).origin);
    await sendDueJobs(replica.deps);
    await work(replica);
    expect(await workflows(replica)).toMatchObject([{ state: 'handed-over' }]);
    expect(runner.taken()).toHaveLength(1);
  });
});

describe('the pipeline file cannot be had', () => {
  test('missing at that commit: the workflow fails with the message that everybody knows, and a look begins', async () => {
    const hooked = await withoutRunner();
    await pushFor(hooked, { path: '.semaphore/semaphore.yml', content: null });
    expect(await workflows(hooked.product)).toMatchObject([
      {
        state: 'failed',
        problem: {
          code: 'pipeline-file-unavailable',
          message: MISSING,
          cause: 'file-missing',
          finding: 'pipeline-file',
        },
      },
    ]);
  });

  test("the message names the project's own path", async () => {
    const hooked = await withoutRunner();
    await hooked.product.deps.db.updateTable('project').set({ pipelineFile: 'ci/build.yml' }).execute();
    await pushFor(hooked, {});
    const message = `Error: {"File 'ci/build.yml' is not available", "Not Found"}`;
    expect(await workflows(hooked.product)).toMatchObject([{ state: 'failed', problem: { message } }]);
  });

  test('a commit that is no more, and a directory, are told apart from a missing file', async () => {
    const hooked = await withoutRunner();
    await deliver(hooked.product, hooked.webhook, push(hooked.repository, moved('a', 'b')));
    await work(hooked.product);
    await hooked.product.deps.db.updateTable('project').set({ pipelineFile: 'src' }).execute();
    await pushFor(hooked, {});
    const causes = (await workflows(hooked.product)).map(
      ({ problem }) => problem && 'cause' in problem && problem.cause,
    );
    expect(causes).toEqual(['commit-gone', 'not-a-file']);
  });

  test('with a revoked grant it fails, and names the token owner', async () => {
    const hooked = await withoutRunner();
    const { world } = hooked.product.sandbox;
    revokeAccess(world, 'bitbucket', personNamed(world, 'bitbucket', 'nora').id);
    await pushFor(hooked, {});
    for (let round = 0; round < 4; round += 1) {
      hooked.product.travel(HOUR);
      await work(hooked.product);
    }
    expect(await workflows(hooked.product)).toMatchObject([
      { state: 'failed', problem: { message: MISSING, cause: 'no-grant', finding: 'token-owner' } },
    ]);
  });

  test('a fault of Bitbucket fails nothing: it is asked again, later and later, until it answers', async () => {
    const hooked = await withoutRunner();
    const { product } = hooked;
    product.sandbox.faults.set('bitbucket:api', '503');
    await pushFor(hooked, {});
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const [workflow] = await workflows(product);
      expect(workflow).toMatchObject({
        state: 'reading',
        problem: { code: 'provider-error' },
        attempts: round + 1,
      });
      const wait = (workflow?.nextTryAt?.getTime() ?? 0) - product.deps.now().getTime();
      waits.push(wait);
      expect(await work(product)).toBe(0);
      product.travel(wait + 1);
      await work(product);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    product.sandbox.faults.clear();
    product.travel(HOUR);
    await work(product);
    expect(await workflows(product)).toMatchObject([{ state: 'waiting', problem: null }]);
  });
});

describe('the runner is handed each workflow at least once, and never told wrongly that it was taken', () => {
  test('a runner that is away gets it when it is back', async () => {
    const hooked = await withRunner();
    const { product, runner } = hooked;
    const { port } = new URL(runner.url);
    await runner.stop();
    runners.pop();
    await pushFor(hooked, {});
    expect(await workflows(product)).toMatchObject([
      { state: 'handing-over', problem: { code: 'runner-unreachable' }, attempts: 1 },
    ]);
    product.travel(HOUR);
    await work(product);
    expect(await workflows(product)).toMatchObject([{ state: 'handing-over', attempts: 2 }]);
    const back = await startRunner(Number(port));
    runners.push(back);
    product.travel(HOUR);
    await work(product);
    expect(await workflows(product)).toMatchObject([{ state: 'handed-over', problem: null }]);
    expect(back.taken()).toHaveLength(1);
  });

  test('a wrong secret is shown, and mended by configuring the right one', async () => {
    const hooked = await withRunner();
    const wrong = await hooked.product.replica({ RUNNER_SECRET: 'another secret of the right length' });
    const { place, world, deliveries } = hooked.product.sandbox;
    await pushFile(place, repositoryNamed(world, PILOT), { branch: 'main', path: 'a', content: 'b' });
    await deliveries.settled();
    await work(wrong);
    expect(await workflows(wrong)).toMatchObject([
      { state: 'handing-over', problem: { code: 'runner-refused', status: 401 } },
    ]);
    hooked.product.travel(HOUR);
    await work(hooked.product);
    expect(await workflows(hooked.product)).toMatchObject([{ state: 'handed-over' }]);
  });

  test('the second delivery of an id is harmless, and carries the same id', async () => {
    const hooked = await withRunner();
    await pushFor(hooked, {});
    const { db } = hooked.product.deps;
    // As if the process had died before it could write down that the runner took it.
    await db
      .updateTable('workflow')
      .set({ state: 'handing-over', finishedAt: null, nextTryAt: new Date(0) })
      .execute();
    await sendDueJobs(hooked.product.deps);
    await work(hooked.product);
    expect(await workflows(hooked.product)).toMatchObject([{ state: 'handed-over' }]);
    expect(hooked.runner.taken()).toHaveLength(1);
  });

  test('two who work on one at once hand it over once', async () => {
    const hooked = await withRunner();
    const { sandbox, deps } = hooked.product;
    await pushFile(sandbox.place, repositoryNamed(sandbox.world, PILOT), {
      branch: 'main',
      path: 'a',
      content: 'b',
    });
    await sandbox.deliveries.settled();
    const { workOnDeliveries } = await import('../hooks/work.ts');
    await workOnDeliveries(deps, hooked.projectId);
    const [workflow] = await workflows(hooked.product);
    const replica = await hooked.product.replica();
    const runs = [deps, replica.deps, deps].map((each) => workOnWorkflow(each, workflow?.id ?? ''));
    await Promise.all(runs);
    const posts = hooked.product.logs().match(/POST workflow/g) ?? [];
    expect(posts.length + (replica.logs().match(/POST workflow/g)?.length ?? 0)).toBe(1);
    expect(hooked.runner.taken()).toHaveLength(1);
  });
});

describe('what a project runs on', () => {
  async function tell({ product, webhook, repository }: Hooked, ...moves: Parameters<typeof moved>[]) {
    await deliver(product, webhook, push(repository, ...moves.map((move) => moved(...move))));
    await work(product);
    const { state, reason, facts } = await product.deps.db
      .selectFrom('delivery')
      .select(['state', 'reason', 'facts'])
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();
    return { state, reason, leftOut: facts?.moves.map(({ leftOut }) => leftOut ?? null) };
  }
  const started = async ({ product }: Hooked) =>
    (await workflows(product)).map(({ refType, refName }) => `${refType} ${refName}`);

  test('a branch or tag that the settings leave out starts nothing, and its delivery says why', async () => {
    const hooked = await withoutRunner();
    await runsOn(hooked, { runOn: ['branches'], whitelist: { branches: ['main', '/^release-/'], tags: [] } });
    expect(await tell(hooked, ['a', 'b', 'topic'])).toEqual({
      state: 'ignored',
      reason: 'left-out',
      leftOut: ['not-in-whitelist'],
    });
    expect(await tell(hooked, [null, 'b', 'v1', 'tag'])).toMatchObject({ leftOut: ['tags-off'] });
    await runsOn(hooked, { runOn: ['tags', 'pull_requests'] });
    expect(await tell(hooked, ['a', 'b', 'main'])).toMatchObject({ leftOut: ['branches-off'] });
    expect(await started(hooked)).toEqual([]);
  });

  test('of one push each branch and tag is judged by itself', async () => {
    const hooked = await withoutRunner();
    await runsOn(hooked, { whitelist: { branches: ['main', '/^release-/'], tags: ['/^v\\d/'] } });
    const told = await tell(
      hooked,
      ['a', 'b', 'topic'],
      ['a', 'b', 'release-2'],
      [null, 'b', 'v2', 'tag'],
      [null, 'b', 'nightly', 'tag'],
      ['a', null, 'old-topic'],
    );
    expect(told).toEqual({
      state: 'done',
      reason: null,
      leftOut: ['not-in-whitelist', null, null, 'not-in-whitelist', null],
    });
    expect(await started(hooked)).toEqual(['branch release-2', 'tag v2']);
  });

  test('what was decided stays as it was when the settings change, and the next push goes by the new ones', async () => {
    const hooked = await withoutRunner();
    await runsOn(hooked, { runOn: ['tags'] });
    await tell(hooked, ['a', 'b']);
    await runsOn(hooked, { runOn: ['branches'] });
    expect(await tell(hooked, ['b', 'c'])).toMatchObject({ state: 'done' });
    expect(await started(hooked)).toEqual(['branch main']);
    const { facts } = await hooked.product.deps.db
      .selectFrom('delivery')
      .select('facts')
      .orderBy('seq')
      .executeTakeFirstOrThrow();
    expect(facts?.moves).toMatchObject([{ leftOut: 'branches-off' }]);
  });

  test('where a branch is that starts nothing is known all the same, so that it is not missed later', async () => {
    const hooked = await withoutRunner();
    await runsOn(hooked, { runOn: [] });
    await tell(hooked, ['a', 'b', 'topic']);
    const heads = await hooked.product.deps.db.selectFrom('branchHead').select(['name', 'hash']).execute();
    expect(heads).toEqual([{ name: 'topic', hash: hash('b') }]);
  });
});

describe('WH-04 WH-09 odd deliveries', () => {
  async function ignored(hooked: Hooked, body: object | string, event = 'repo:push') {
    expect((await deliver(hooked.product, hooked.webhook, body, { event })).status).toBe(200);
    await work(hooked.product);
    const row = await hooked.product.deps.db
      .selectFrom('delivery')
      .select(['state', 'reason'])
      .orderBy('seq', 'desc')
      .executeTakeFirst();
    return row?.state === 'ignored' ? row.reason : row?.state;
  }

  test('each is answered with 200, kept with the reason, and nothing comes of it', async () => {
    const hooked = await withoutRunner();
    const { repository } = hooked;
    const bare = { repository: { uuid: repository.uuid } };
    expect(await ignored(hooked, '{"push":')).toBe('not-json');
    expect(await ignored(hooked, '[]')).toBe('unexpected-shape');
    expect(await ignored(hooked, 'null')).toBe('unexpected-shape');
    expect(await ignored(hooked, { ...bare, push: 'no' })).toBe('unexpected-shape');
    expect(await ignored(hooked, push(repository))).toBe('nothing-moved');
    expect(await ignored(hooked, { ...bare, push: { changes: null } })).toBe('nothing-moved');
    expect(
      await ignored(hooked, { ...bare, push: { changes: [{ new: { type: 'bookmark', name: 'x' } }] } }),
    ).toBe('unexpected-shape');
    expect(await ignored(hooked, push(repository, moved('a', null, 'old')))).toBe('only-deletions');
    expect(await ignored(hooked, bare, 'repo:commit_comment_created')).toBe('unknown-event');
    expect(await ignored(hooked, bare, '')).toBe('unknown-event');
    const pullrequest = {
      id: 7,
      title: 'Mend',
      state: 'OPEN',
      source: { branch: { name: 'x' }, commit: { hash: 'abcdef012345' } },
    };
    expect(await ignored(hooked, { ...bare, pullrequest }, 'pullrequest:created')).toBe('pull-request');
    expect(await workflows(hooked.product)).toEqual([]);
  });

  test('a part of no known form costs nothing but itself', async () => {
    const hooked = await withoutRunner();
    const body = push(hooked.repository, moved('a', 'b'));
    body.push.changes.unshift({ old: null, new: null, forced: false }, 'nonsense' as never);
    await deliver(hooked.product, hooked.webhook, body);
    await work(hooked.product);
    expect(await workflows(hooked.product)).toMatchObject([{ newHash: hash('b') }]);
  });

  test('what no database can hold is replaced and keeps nobody from their turn', async () => {
    const hooked = await withoutRunner();
    const odd = push(hooked.repository, {
      old: null,
      new: { name: 'nul\u0000and\ud800half', hash: hash('c') },
    });
    await deliver(hooked.product, hooked.webhook, odd);
    await deliver(hooked.product, hooked.webhook, push(hooked.repository, moved('a', 'b')));
    await work(hooked.product);
    expect((await workflows(hooked.product)).map(({ newHash }) => newHash).sort()).toEqual([
      hash('b'),
      hash('c'),
    ]);
  });

  test('WH-10 names in a payload give nobody a right', async () => {
    const hooked = await withoutRunner();
    const { db } = hooked.product.deps;
    const before = await db.selectFrom('membership').selectAll().execute();
    const body = {
      ...push(hooked.repository, moved('a', 'b')),
      actor: { display_name: 'Owner of everything' },
    };
    await deliver(hooked.product, hooked.webhook, body);
    await work(hooked.product);
    expect(await db.selectFrom('membership').selectAll().execute()).toEqual(before);
    expect(await workflows(hooked.product)).toMatchObject([{ requestedBy: null }]);
  });
});
