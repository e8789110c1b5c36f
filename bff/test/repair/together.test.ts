/** RP-03, RP-04: several clicks, several processes, and processes that wake up after others have finished their work. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readOperation } from '../../src/repository/repair/read-operation.ts';
import { createRig, type Rig, strideOf } from './rig.ts';

vi.mock('../../src/repository/look.ts', () => ({ lookAtRepository: async () => undefined }));
vi.mock('node:timers/promises', () => ({
  setTimeout: () => new Promise((resolve) => setImmediate(resolve)),
}));

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());
beforeEach(() =>
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => rig.fetch(input, init)),
);
afterEach(() => vi.unstubAllGlobals());

const STRIDE = strideOf({ server: 2, embedded: 8 });
/** How often a race is run. */
const TIMES = 20 / strideOf({ server: 2, embedded: 4 });

test('a process that was stopped at any boundary and wakes up when another has finished does no harm', async () => {
  const undisturbed = await rig.scene();
  const counted = rig.createProcess();
  await undisturbed.start(counted);
  for (let stopAt = 1; stopAt <= counted.passed.length; stopAt += STRIDE) {
    const name = counted.passed[stopAt - 1] ?? '';
    const scene = await rig.scene();
    const zombie = rig.createProcess({ stopAt });
    const end = scene.start(zombie).catch(() => null);
    await zombie.stopped(end);
    await scene.converge([31_000, 31_000]);
    zombie.thaw();
    await end;
    await scene.converge();
    await scene.comeLate([26 * 60 * 60_000]);
    await scene.check(`stopped at ${stopAt}: ${name}`);
  }
});

test('two processes that wake up in the midst of one another do no harm', async () => {
  const undisturbed = await rig.scene();
  const counted = rig.createProcess();
  await undisturbed.start(counted);
  const { length } = counted.passed;
  for (let stopAt = 5; stopAt < length; stopAt += 6 * STRIDE) {
    for (let again = 4; again < length; again += 14 * STRIDE) {
      const scene = await rig.scene();
      const first = rig.createProcess({ stopAt });
      const firstEnd = scene.start(first).catch(() => null);
      await first.stopped(firstEnd);
      await sql`update operation set lease_until = now() - interval '1 second' where state = 'running'`.execute(
        rig.outside,
      );
      const other = rig.createProcess({ stopAt: again }, rig.second);
      const otherEnd = scene.reconcile(other);
      await other.stopped(otherEnd);
      first.thaw();
      await firstEnd;
      other.thaw();
      await otherEnd;
      await scene.converge();
      await scene.comeLate([26 * 60 * 60_000]);
      await scene.check(`stopped at ${stopAt}, the other at ${again}`);
    }
  }
});

test('two replicas that take over at the same time share one operation', async () => {
  for (let killAt = 8; killAt < 60; killAt += 4 * STRIDE) {
    const scene = await rig.scene();
    await scene.start(rig.createProcess({ killAt })).catch(() => null);
    await sql`update operation set lease_until = now() - interval '1 second' where state = 'running'`.execute(
      rig.outside,
    );
    const replicas = [rig.createProcess(), rig.createProcess({}, rig.second), rig.createProcess()];
    const taken = await Promise.all(replicas.map((replica) => scene.reconcile(replica)));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
    await scene.converge();
    await scene.check(`two after ${killAt}`);
  }
});

describe('clicks', () => {
  test('three with one key are one operation and one generation', async () => {
    for (let round = 0; round < TIMES; round += 1) {
      const scene = await rig.scene();
      const idempotencyKey = randomUUID();
      const replicas = [rig.createProcess(), rig.createProcess({}, rig.second), rig.createProcess()];
      const started = await Promise.all(replicas.map((replica) => scene.start(replica, { idempotencyKey })));
      expect(new Set(started.map((each) => each.ok && each.operationId)).size).toBe(1);
      const later = await scene.start(rig.createProcess(), { idempotencyKey });
      expect(later).toMatchObject({ ok: true, joined: true });
      expect((await scene.generations()).filter(({ kind }) => kind === 'webhook')).toHaveLength(2);
      await scene.check('one key');
    }
  });

  test('with different keys at the same time, and one soon after, are one operation', async () => {
    for (let round = 0; round < TIMES; round += 1) {
      const scene = await rig.scene();
      const replicas = [rig.createProcess(), rig.createProcess({}, rig.second), rig.createProcess()];
      const started = await Promise.all(replicas.map((replica) => scene.start(replica)));
      expect(new Set(started.map((each) => each.ok && each.operationId)).size).toBe(1);
      expect(started.every(({ ok }) => ok)).toBe(true);
      rig.travel(9_000);
      expect(await scene.start(rig.createProcess())).toMatchObject({ ok: true, joined: true });
      expect((await scene.generations()).filter(({ kind }) => kind === 'webhook')).toHaveLength(2);
      await scene.check('three keys');
    }
  });

  test('a later one is a repair of its own, and one after something was seen to break is so at once', async () => {
    const scene = await rig.scene();
    await scene.start(rig.createProcess());
    rig.travel(11_000);
    expect(await scene.start(rig.createProcess())).toMatchObject({ joined: false });
    await rig.outside
      .insertInto('finding')
      .values({
        projectId: scene.projectId,
        subject: 'webhook',
        state: 'broken',
        cause: 'webhook-removed',
        facts: '{}',
        checkedAt: new Date(),
      })
      .execute();
    expect(await scene.start(rig.createProcess())).toMatchObject({ joined: false });
    await scene.check('three repairs');
  });

  test('the same key for something else is refused, and so is something else while a repair runs', async () => {
    const scene = await rig.scene();
    const idempotencyKey = randomUUID();
    const process = rig.createProcess({ killAt: 12 });
    await scene.start(process, { idempotencyKey, subjects: ['webhook'] }).catch(() => null);
    const mismatch = { ok: false, problem: 'idempotency-mismatch' };
    expect(await scene.start(rig.createProcess(), { idempotencyKey, subjects: ['deploy-key'] })).toEqual(
      mismatch,
    );
    const running = { ok: false, problem: 'operation-running' };
    expect(await scene.start(rig.createProcess(), { kind: 'delete' })).toEqual(running);
    expect(await scene.start(rig.createProcess(), { subjects: ['deploy-key'] })).toEqual(running);
    await scene.converge();
    await scene.check('refused clicks');
  });
});

test('a search in the background gives way to a click', async () => {
  const scene = await rig.scene();
  await rig.outside.updateTable('project').set({ reconcileAt: new Date() }).execute();
  const asleep = rig.createProcess({ stopAt: 4 });
  const search = scene.reconcile(asleep);
  await asleep.stopped(search);
  expect(await scene.start(rig.createProcess())).toMatchObject({ ok: true, joined: false });
  asleep.thaw();
  await search;
  await scene.comeLate();
  await scene.check('given way');
});

test('a second copy of the webhook, a lost one and one of a past generation are found by the search', async () => {
  const scene = await rig.scene();
  await scene.start(rig.createProcess());
  const { world } = scene.sandbox;
  const [tombstone] = (await scene.generations()).filter(
    ({ kind, state }) => kind === 'webhook' && state === 'gone',
  );
  const [active] = (await scene.generations()).filter(
    ({ kind, state }) => kind === 'webhook' && state === 'active',
  );
  const own = world.data.hooks.find(({ url }) => url === active?.match);
  if (!own || !tombstone) throw new Error('Something was to be there.');
  world.data.hooks.push(
    { ...own, uuid: `{${randomUUID()}}` },
    { ...own, uuid: `{${randomUUID()}}`, url: tombstone.match },
  );
  rig.travel(25 * 3_600_000);
  await scene.reconcile();
  await scene.check('searched');
});

test('webhooks that lead to us and that no row knows are named in the log and left alone', async () => {
  const scene = await rig.scene();
  await scene.start(rig.createProcess());
  expect(rig.logs()).toContain('webhooks lead to us that we know nothing of');
  await scene.check('unknown ones');
});

test('an operation tells its progress, its wait and its end', async () => {
  const scene = await rig.scene();
  scene.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '429-retry-after', {
    times: 1,
    retryAfter: 90,
  });
  await scene.start(rig.createProcess());
  const waiting = await readOperation(rig.outside, scene.projectId, rig.base.now());
  expect(waiting).toMatchObject({ state: 'running', by: 'tomas', problem: { code: 'provider-fault' } });
  expect(Date.parse(waiting?.waitingUntil ?? '') - rig.base.now().getTime()).toBeGreaterThan(80_000);
  expect(
    waiting?.steps.filter(({ subject }) => subject === 'deploy-key').every(({ state }) => state === 'done'),
  ).toBe(true);
  rig.travel(91_000);
  await scene.reconcile();
  const done = await readOperation(rig.outside, scene.projectId, rig.base.now());
  expect(done).toMatchObject({ state: 'done', problem: null, waitingUntil: null, leftovers: [] });
  expect(done?.steps.every(({ state }) => state === 'done')).toBe(true);
  expect(done?.done.map(({ subject, removed }) => `${subject} ${removed.length}`)).toEqual([
    'deploy-key 1',
    'webhook 1',
  ]);
  rig.travel(11 * 60_000);
  expect(await readOperation(rig.outside, scene.projectId, rig.base.now())).toBeNull();
});
