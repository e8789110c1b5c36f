/** RP-02, RP-08, DB-03: every request meets every fault, every table fails, and refusals leave what works alone. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FaultMode } from '../../sandbox/faults.ts';
import { revokeAccess, setPermission } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { createRig, type Rig, type Scene, strideOf } from './rig.ts';

vi.mock('../../src/repository/look.ts', () => ({ lookAtRepository: async () => undefined }));
vi.mock('node:timers/promises', () => ({
  setTimeout: () => new Promise((resolve) => setImmediate(resolve)),
}));

let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ deadline: 400 });
});
afterAll(() => rig.close());
beforeEach(() =>
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => rig.fetch(input, init)),
);
afterEach(() => vi.unstubAllGlobals());

const REQUESTS = [
  'GET /2.0/repositories/*/deploy-keys',
  'POST /2.0/repositories/*/deploy-keys',
  'GET /2.0/repositories/*/deploy-keys/*',
  'DELETE /2.0/repositories/*/deploy-keys/*',
  'GET /2.0/repositories/*/hooks',
  'POST /2.0/repositories/*/hooks',
  'GET /2.0/repositories/*/hooks/*',
  'DELETE /2.0/repositories/*/hooks/*',
] as const;
const MODES: FaultMode[] = [
  'reset',
  '500',
  '502',
  'hang',
  'answer-lost',
  'applied-late',
  'malformed',
  'empty',
  'wrong-type',
  '429',
  '429-retry-after',
  '404',
  '401',
  '403-scopes',
  'redirect-302',
];

/** Lets half a second of the outer world pass, in which late requests arrive. */
const arrivals = () => new Promise((resolve) => setTimeout(resolve, 600));

describe.each(MODES)('a request that meets %s', (mode) => {
  test.each([
    ['once', 1, strideOf({ server: 2, embedded: 12 })],
    ['four times', 4, strideOf({ server: 5, embedded: 12 })],
  ])('%s leaves one of each', async (_, times, stride) => {
    for (const [index, request] of REQUESTS.entries()) {
      if ((index + MODES.indexOf(mode)) % stride !== 0) continue;
      const scene = await rig.scene();
      scene.sandbox.faults.set(`bitbucket:${request}`, mode, { times });
      await scene.start(rig.createProcess());
      const label = `${request} ${mode} ${times}`;
      await scene.converge([31_000, 130_000, 130_000, 301_000, 301_000]);
      scene.sandbox.faults.clear();
      if (mode === 'applied-late') await arrivals();
      await scene.comeLate();
      await scene.check(label);
      const operation = await scene.operation();
      expect(operation.state, label).toMatch(/^(done|failed)$/);
      if (operation.state === 'failed') expect(operation.problem?.code, label).toBeTruthy();
    }
  });
});

describe('a definite refusal', () => {
  async function keepsTheOld(scene: Scene, before: string[], problem: string) {
    const operation = await scene.operation();
    expect(operation.problem?.code).toBe(problem);
    expect(operation.state).toBe('failed');
    const rows = await scene.generations();
    expect(
      rows
        .filter(({ state }) => state === 'active')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(before);
    expect(scene.violations).toEqual([]);
  }

  const activeOf = async (scene: Scene) => {
    const rows = await scene.generations();
    return rows
      .filter(({ state }) => state === 'active')
      .map(({ id }) => id)
      .sort();
  };

  test('of both people leaves the old ones serving, and a later repair works', async () => {
    const scene = await rig.scene();
    const before = await activeOf(scene);
    const { world } = scene.sandbox;
    const people = ['nora', 'tomas'].map((name) => personNamed(world, 'bitbucket', name).id);
    // Made by hand by others, so that taking the right does not take the key.
    for (const key of world.data.deployKeys) key.addedBy = '{somebody}';
    const workspace = world.data.workspaces.find(({ uuid }) => uuid === scene.repository.workspace);
    for (const member of workspace?.members ?? []) member.owner = false;
    for (const person of people) setPermission(world, scene.repository, person, 'read');
    scene.foreign.keys = structuredClone(
      world.data.deployKeys.filter(({ key }) => scene.foreign.keys.some((each) => each.key === key)),
    );
    await scene.start(rig.createProcess());
    await keepsTheOld(scene, before, 'not-admin');
    for (const person of people) setPermission(world, scene.repository, person, 'admin');
    await scene.start(rig.createProcess());
    await scene.check('a later repair');
  });

  test('of the key by SSH leaves the old key serving, and the new one goes', async () => {
    const scene = await rig.scene();
    const before = await activeOf(scene);
    scene.ssh.readRefs = async () => ({
      kind: 'refused',
      words: 'git@bitbucket.org: Permission denied (publickey).',
    });
    await scene.start(rig.createProcess(), { subjects: ['deploy-key'] });
    await keepsTheOld(scene, before, 'verification-failed');
    expect((await scene.operation()).problem?.words).toContain('Permission denied');
    await scene.check('refused by SSH');
  });

  test('of the host leaves the old key serving', async () => {
    const scene = await rig.scene();
    const before = await activeOf(scene);
    scene.ssh.fault = 'host-key-mismatch';
    await scene.start(rig.createProcess(), { subjects: ['deploy-key'] });
    await keepsTheOld(scene, before, 'host-key-mismatch');
    await scene.check('another host key');
  });

  test('of a creation removes what was made, and the project with it', async () => {
    const scene = await rig.scene({ state: 'creating' });
    scene.ssh.readRefs = async () => ({ kind: 'refused', words: 'Permission denied' });
    await scene.start(rig.createProcess(), { kind: 'create' });
    const project = await rig.outside.selectFrom('project').selectAll().executeTakeFirstOrThrow();
    expect(project.state).toBe('deleted');
    await scene.check('a failed creation', 0);
    expect((await scene.operation()).problem?.code).toBe('verification-failed');
  });
});

test('SSH that cannot be asked says nothing against a key that the API lists', async () => {
  const scene = await rig.scene();
  scene.ssh.fault = 'unreachable';
  await scene.start(rig.createProcess());
  expect((await scene.operation()).state).toBe('done');
  await scene.check('without SSH');
});

test("the grant of the person who asks serves when the token owner's is dead", async () => {
  const scene = await rig.scene();
  const { world } = scene.sandbox;
  const owner = personNamed(world, 'bitbucket', 'nora').id;
  // The owner's revocation takes the key away at Bitbucket.
  scene.served['deploy-key'] = false;
  for (const key of world.data.deployKeys)
    if (scene.foreign.keys.every((each) => each.key !== key.key)) key.addedBy = owner;
  revokeAccess(world, 'bitbucket', owner);
  await rig.outside
    .updateTable('connection')
    .set({ state: 'not-connected', reason: 'revoked' })
    .where('profileId', '=', scene.people.owner)
    .execute();
  await scene.start(rig.createProcess());
  expect((await scene.operation()).state).toBe('done');
  await scene.check('by the other grant');
  const rows = await scene.generations();
  expect(new Set(rows.filter(({ state }) => state === 'active').map(({ madeBy }) => madeBy))).toEqual(
    new Set([scene.people.admin]),
  );
});

test('a deletion that nobody may carry out names what is left, and the project is gone all the same', async () => {
  const scene = await rig.scene();
  await rig.outside.updateTable('connection').set({ state: 'not-connected', reason: 'revoked' }).execute();
  scene.served = { 'deploy-key': false, webhook: false };
  await scene.start(rig.createProcess(), { kind: 'delete' });
  const { state, result } = await scene.operation();
  expect(state).toBe('done');
  expect(result?.leftovers.map(({ subject, why }) => `${subject} ${why}`).sort()).toEqual([
    'deploy-key no-access',
    'webhook no-access',
  ]);
  const project = await rig.outside.selectFrom('project').selectAll().executeTakeFirstOrThrow();
  expect(project.state).toBe('deleted');
  expect(project.reconcileAt).not.toBeNull();
});

test('a key that the provider says it has and never lists is given up for another', async () => {
  const scene = await rig.scene();
  const { world } = scene.sandbox;
  const hidden: string[] = [];
  const doors = scene.sandbox.doors as { api: (request: Request) => Promise<Response> };
  const api = doors.api;
  doors.api = async (request) => {
    if (request.method === 'POST' && request.url.endsWith('/deploy-keys') && hidden.length < 3) {
      const { key } = (await request.clone().json()) as { key: string };
      hidden.push(key);
      return Response.json(
        { key: [{ message: 'Someone has already added that access key to this repository.' }] },
        { status: 400 },
      );
    }
    return api(request);
  };
  await scene.start(rig.createProcess());
  expect(new Set(hidden).size).toBe(1);
  expect((await scene.operation()).state).toBe('done');
  expect(world.data.deployKeys.some(({ key }) => hidden.includes(key))).toBe(false);
  await scene.check('another identity');
});

describe('DB-03 a table that refuses', () => {
  const TABLES = ['credential', 'operation', 'project', 'upstream_call'];
  const failing = async (table: string, verb: string, nth: number) => {
    await sql`create sequence if not exists proof_count`.execute(rig.outside);
    await sql`alter sequence proof_count restart`.execute(rig.outside);
    await sql
      .raw(`create or replace function proof_fail() returns trigger language plpgsql as $$
      begin if nextval('proof_count') = ${nth} then raise exception 'proof: refused'; end if; return new; end $$`)
      .execute(rig.outside);
    await sql
      .raw(`create trigger proof before ${verb} on ${table} for each row execute function proof_fail()`)
      .execute(rig.outside);
    return () => sql.raw(`drop trigger proof on ${table}`).execute(rig.outside);
  };

  test.each(TABLES.flatMap((table) => ['insert', 'update'].map((verb) => [table, verb] as const)))(
    '%s at its %s, once, leaves one of each',
    async (table, verb) => {
      for (let nth = 1; nth <= 12; nth += strideOf({ server: 3, embedded: 6 })) {
        const scene = await rig.scene();
        const stop = await failing(table, verb, nth);
        try {
          await scene.start(rig.createProcess()).catch(() => null);
          await scene.converge();
        } finally {
          await stop();
        }
        await scene.converge();
        await scene.comeLate();
        await scene.check(`${table} ${verb} ${nth}`);
      }
    },
  );
});
