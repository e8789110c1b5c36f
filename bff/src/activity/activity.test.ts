import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renameRepository } from '../../sandbox/play.ts';
import { pushFile } from '../../sandbox/play-source.ts';
import { repositoryNamed } from '../../sandbox/world.ts';
import { createBrowser } from '../../test/browser.ts';
import { listen } from '../../test/event-stream.ts';
import { connectDeliveries, deliver, type Hooked, hookedProject, runsOn, work } from '../../test/hooked.ts';
import { startProduct } from '../../test/product.ts';
import { hash, moved, push } from '../../test/push-payload.ts';
import { sendDueJobs } from '../jobs/due.ts';
import type { RepositoryView } from '../repository/view.ts';
import type { ActivityView, DeliveryDetail, WorkflowDetail } from './view.ts';

const PILOT = 'harbour-works/pilot-api';
const MINUTE = 60_000;
const key = () => ({ 'idempotency-key': randomUUID() });

async function setUp(): Promise<Hooked> {
  const product = await startProduct();
  connectDeliveries(product);
  return hookedProject(product, PILOT);
}

const read = ({ browser, path }: Hooked, query = '') =>
  browser.json<ActivityView>(`${path}/activity${query}`);

async function pushes(hooked: Hooked, count: number) {
  const digits = '0123456789abcdef';
  for (let at = 0; at < count; at += 1) {
    const [from, to] = [digits[at % 16], digits[(at + 1) % 16]];
    hooked.product.travel(1_000);
    await deliver(hooked.product, hooked.webhook, push(hooked.repository, moved(from ?? '', to ?? '')));
  }
  await work(hooked.product);
}

describe('the list', () => {
  test('holds deliveries and workflows, the newest first, and what came of each delivery', async () => {
    const hooked = await setUp();
    await pushes(hooked, 2);
    const { items, next, runner, canRun, lastDeliveryAt } = await read(hooked);
    expect(items.map(({ at }) => at)).toEqual([...items.map(({ at }) => at)].sort().reverse());
    expect(items.filter(({ kind }) => kind === 'delivery')).toMatchObject([
      {
        state: 'done',
        event: 'repo:push',
        actor: 'Nora Lindqvist',
        moves: [{ refName: 'main', newHash: hash('2') }],
      },
      { state: 'done', workflows: [{ ref: { type: 'branch', name: 'main' }, state: 'failed' }] },
    ]);
    expect({ next, runner, canRun }).toEqual({ next: null, runner: false, canRun: true });
    expect(lastDeliveryAt).toBe(items.find(({ kind }) => kind === 'delivery')?.at);
  });

  test('says of each branch and tag that started nothing why', async () => {
    const hooked = await setUp();
    await runsOn(hooked, { runOn: ['branches'], whitelist: { branches: ['main'], tags: [] } });
    const told = push(hooked.repository, moved('a', 'b', 'topic'), moved(null, 'b', 'v1', 'tag'));
    await deliver(hooked.product, hooked.webhook, told);
    await work(hooked.product);
    expect((await read(hooked)).items).toMatchObject([
      {
        state: 'ignored',
        reason: 'left-out',
        moves: [
          { refName: 'topic', leftOut: 'not-in-whitelist' },
          { refName: 'v1', leftOut: 'tags-off' },
        ],
      },
    ]);
  });

  test('comes in pages of fifty, without a line twice or left out', async () => {
    const hooked = await setUp();
    await pushes(hooked, 30);
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const view: ActivityView = await read(hooked, next ? `?before=${next}` : '');
      expect(view.items.length).toBeLessThanOrEqual(50);
      seen.push(...view.items.map(({ id }) => id));
      next = view.next;
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  test('can be filtered by kind and by state; what is no filter is refused', async () => {
    const hooked = await setUp();
    await pushes(hooked, 2);
    const kinds = async (query: string) =>
      (await read(hooked, query)).items.map(({ kind, state }) => `${kind} ${state}`);
    expect(await kinds('?kind=workflow')).toEqual(['workflow failed', 'workflow failed']);
    expect(await kinds('?state=done')).toEqual(['delivery done', 'delivery done']);
    expect(await kinds('?kind=workflow&state=done')).toEqual([]);
    for (const query of ['?kind=x', '?state=x', '?before=x', '?before=1_x']) {
      expect((await hooked.browser.api('GET', `${hooked.path}/activity${query}`)).status).toBe(400);
    }
  });

  test("shows nothing of another project's", async () => {
    const hooked = await setUp();
    await pushes(hooked, 1);
    const { items } = await read(hooked);
    const other = await hookedProject(hooked.product, 'harbour-works/charts');
    expect((await read(other)).items).toEqual([]);
    for (const { kind, id } of items) {
      const address = `${other.path}/${kind === 'delivery' ? 'deliveries' : 'workflows'}/${id}`;
      expect((await other.browser.api('GET', address)).status).toBe(404);
    }
  });

  test('neither it nor a detail holds a secret, an e-mail address or the payload', async () => {
    const hooked = await setUp();
    await pushes(hooked, 1);
    const list = await read(hooked);
    const id = list.items.find(({ kind }) => kind === 'delivery')?.id;
    const detail = await hooked.browser.json<DeliveryDetail>(`${hooked.path}/deliveries/${id}`);
    const text = JSON.stringify([list, detail]);
    expect(detail).toMatchObject({ size: expect.any(Number), attempt: 1, webhook: expect.any(String) });
    expect(text).not.toContain(hooked.webhook.secret);
    expect(text).not.toContain('@harbour.example');
    expect(text).not.toContain('It was torn');
  });
});

describe('what is wrong with the repository', () => {
  test('is the root cause that the Repository tab names, whoever looks', async () => {
    const hooked = await setUp();
    const { browser, path } = hooked;
    expect((await read(hooked)).trouble).toBeNull();
    expect((await browser.api('POST', `${path}/repository/check`, { fresh: true })).status).toBe(200);
    const { summary } = await browser.json<RepositoryView>(`${path}/repository`);
    expect(summary).not.toBeNull();
    expect((await read(hooked)).trouble).toEqual({
      cause: summary?.cause,
      subject: summary?.subject,
      facts: summary?.facts,
      owner: 'Nora Lindqvist',
      you: true,
    });
  });
});

describe('live', () => {
  test('who follows a project that was deleted a moment ago learns what became of it', async () => {
    const hooked = await setUp();
    const { product, browser, path } = hooked;
    expect((await browser.api('DELETE', path, undefined, key())).status).toBe(202);
    await product.deps.background.settled();
    const stream = await listen(browser, `${path}/activity/events`);
    const gone = await stream.until(({ event }) => event === 'gone');
    expect(gone.data).toMatchObject({ operation: { kind: 'delete' } });
  });

  test('a push is announced to whoever watches', async () => {
    const hooked = await setUp();
    const stream = await listen(hooked.browser, `${hooked.path}/activity/events`);
    const first = await stream.until(({ event }) => event === 'change');
    await pushes(hooked, 1);
    const { version } = await read(hooked);
    const fits = ({ data }: { data: unknown }) => (data as { version: number }).version >= version;
    expect((await stream.until(fits)).event).toBe('change');
    expect((first.data as { version: number }).version).toBeLessThan(version);
    await stream.close();
  });

  test('the webhook row says when the last delivery came', async () => {
    const hooked = await setUp();
    await pushes(hooked, 1);
    const { lastDeliveryAt } = await read(hooked);
    const { rows } = await hooked.browser.json<RepositoryView>(`${hooked.path}/repository`);
    expect(rows.find(({ subject }) => subject === 'webhook')?.facts.lastDeliveryAt).toBe(lastDeliveryAt);
  });

  test('a rename at Bitbucket is offered as soon as its delivery was worked on', async () => {
    const hooked = await setUp();
    const { world, deliveries } = hooked.product.sandbox;
    renameRepository(world, repositoryNamed(world, PILOT), 'pilot-two');
    await deliveries.settled();
    await work(hooked.product);
    const { repository } = await hooked.browser.json<RepositoryView>(`${hooked.path}/repository`);
    expect(repository.movedTo).toBe('harbour-works/pilot-two');
  });
});

describe('"Run"', () => {
  const run = ({ browser, path }: Hooked, branch: string, headers = key()) =>
    browser.api('POST', `${path}/workflows`, { branch }, headers);

  test('makes a workflow for the head of a branch, in the name of who pressed it', async () => {
    const hooked = await setUp();
    const answer = await run(hooked, 'feature/tide-tables');
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    await work(hooked.product);
    const workflow = await hooked.browser.json<WorkflowDetail>(`${hooked.path}/workflows/${id}`);
    expect(workflow).toMatchObject({
      state: 'waiting',
      origin: 'person',
      by: 'Nora Lindqvist',
      ref: { type: 'branch', name: 'feature/tide-tables' },
      deliveryId: null,
    });
  });

  test('a click that is sent twice is one; the same key for another branch is refused', async () => {
    const hooked = await setUp();
    const headers = key();
    const ids = await Promise.all(
      [1, 2, 3].map(async () => ((await (await run(hooked, 'main', headers)).json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
    expect((await run(hooked, 'feature/tide-tables', headers)).status).toBe(409);
    expect((await run(hooked, 'main', {} as never)).status).toBe(400);
  });

  test.each([
    ['a branch that is not there', 'none', null, 404],
    ['Bitbucket is down', 'main', '503', 503],
  ] as const)('%s: no workflow, and the reason', async (_name, branch, fault, status) => {
    const hooked = await setUp();
    if (fault) hooked.product.sandbox.faults.set('bitbucket:api', fault);
    expect((await run(hooked, branch)).status).toBe(status);
    expect((await read(hooked)).items).toEqual([]);
  });

  test('AZ a member looks and does not run', async () => {
    const hooked = await setUp();
    const { product } = hooked;
    const member = createBrowser(product);
    await member.signIn('bitbucket', 'pim', 'sign-up');
    const { db, now } = product.deps;
    const { id: profileId } = await db
      .selectFrom('profile')
      .select('id')
      .where('emailKey', 'like', 'pim%')
      .executeTakeFirstOrThrow();
    const { organizationId } = await db
      .selectFrom('project')
      .select('organizationId')
      .where('id', '=', hooked.projectId)
      .executeTakeFirstOrThrow();
    await db
      .insertInto('membership')
      .values({ organizationId, profileId, role: 'member', createdAt: now() })
      .execute();
    expect((await read({ ...hooked, browser: member })).canRun).toBe(false);
    expect((await run({ ...hooked, browser: member }, 'main')).status).toBe(403);
    expect((await read(hooked)).items).toEqual([]);
  });
});

describe('missed pushes', () => {
  test('are shown with what is proved, run once, and then no more', async () => {
    const hooked = await setUp();
    const { product, browser, path } = hooked;
    await sendDueJobs(product.deps);
    await work(product);
    product.sandbox.deliveries.sendBy(null);
    const { place, world } = product.sandbox;
    await pushFile(place, repositoryNamed(world, PILOT), { branch: 'main', path: 'a', content: 'b' });
    product.travel(MINUTE);
    expect((await browser.api('POST', `${path}/activity/check`)).status).toBe(202);
    await work(product);
    expect((await read(hooked)).gaps).toEqual([]);
    product.travel(3 * MINUTE);
    const { gaps } = await read(hooked);
    expect(gaps).toMatchObject([
      { branch: 'main', compareUrl: expect.stringContaining('/branches/compare/') },
    ]);
    const [gap] = gaps;
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const answer = await browser.api('POST', `${path}/gaps/${gap?.id}/run`);
        expect(answer.status).toBe(201);
        return ((await answer.json()) as { id: string }).id;
      }),
    );
    expect(new Set(ids).size).toBe(1);
    await work(product);
    const { items, gaps: left } = await read(hooked);
    expect(left).toEqual([]);
    expect(items).toMatchObject([
      { origin: 'gap', by: 'Nora Lindqvist', state: 'waiting', commit: { before: gap?.from, hash: gap?.to } },
    ]);
  });

  test('are not offered while the settings leave their branch out, which is run by hand all the same', async () => {
    const hooked = await setUp();
    const { product, browser, path } = hooked;
    await sendDueJobs(product.deps);
    await work(product);
    product.sandbox.deliveries.sendBy(null);
    const { place, world } = product.sandbox;
    await pushFile(place, repositoryNamed(world, PILOT), { branch: 'main', path: 'a', content: 'b' });
    product.travel(MINUTE);
    await browser.api('POST', `${path}/activity/check`);
    await work(product);
    product.travel(3 * MINUTE);
    expect((await read(hooked)).gaps).toHaveLength(1);
    await runsOn(hooked, { runOn: ['tags'] });
    expect((await read(hooked)).gaps).toEqual([]);
    expect((await browser.api('POST', `${path}/workflows`, { branch: 'main' }, key())).status).toBe(201);
    await runsOn(hooked, { runOn: ['branches'] });
    expect((await read(hooked)).gaps).toHaveLength(1);
  });

  test('however often somebody checks, Bitbucket is asked once in a while', async () => {
    const { product, browser, path } = await setUp();
    product.sandbox.requests.clear();
    for (let round = 0; round < 5; round += 1) {
      await browser.api('POST', `${path}/activity/check`);
      await work(product);
    }
    const lists = product.sandbox
      .requests({ service: 'bitbucket' })
      .filter(({ path: at }) => at.endsWith('/refs/branches'));
    expect(lists).toHaveLength(1);
  });

  test('who checks a moment after a comparison gets another one as soon as it may be', async () => {
    const hooked = await setUp();
    const { product, browser, path } = hooked;
    const check = async () => {
      expect((await browser.api('POST', `${path}/activity/check`)).status).toBe(202);
      await work(product);
      return (await read(hooked)).comparedAt;
    };
    await sendDueJobs(product.deps);
    await work(product);
    const first = (await read(hooked)).comparedAt;
    expect(first).not.toBeNull();
    product.travel(1_000);
    expect(await check()).toBe(first);
    product.travel(10_000);
    await sendDueJobs(product.deps);
    await work(product);
    expect((await read(hooked)).comparedAt).not.toBe(first);
  });
});
