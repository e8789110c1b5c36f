/** Random lives of a project: clicks, kills, stops, faults, lost rights, hands that delete, and time; then peace. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, inject, test, vi } from 'vitest';
import type { FaultMode, FaultTarget } from '../../sandbox/faults.ts';
import { setPermission } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import type { Repairable } from '../../src/repository/finding.ts';
import { createRig, type Process, type Rig, type Scene } from './rig.ts';

vi.mock('../../src/repository/look.ts', () => ({ lookAtRepository: async () => undefined }));
vi.mock('node:timers/promises', () => ({
  setTimeout: () => new Promise((resolve) => setImmediate(resolve)),
}));

let rig: Rig;
beforeAll(async () => {
  rig = await createRig({ deadline: 1_000 });
});
afterAll(() => rig.close());
beforeEach(() =>
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => rig.fetch(input, init)),
);
afterEach(() => vi.unstubAllGlobals());

const MODES: FaultMode[] = [
  'reset',
  '500',
  'answer-lost',
  'malformed',
  'empty',
  'wrong-type',
  '429',
  '404',
  '403-scopes',
];
const PATHS = ['deploy-keys', 'deploy-keys/*', 'hooks', 'hooks/*'];

const subjects = fc.constantFrom<Repairable[]>(['deploy-key'], ['webhook'], ['deploy-key', 'webhook']);
const boundary = fc.option(fc.integer({ min: 1, max: 80 }), { nil: 0 });
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('click' as const),
      subjects,
      killAt: boundary,
      late: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('sleep' as const),
      subjects,
      stopAt: fc.integer({ min: 1, max: 80 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('go-on' as const), killAt: boundary, late: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      path: fc.constantFrom(...PATHS),
      mode: fc.constantFrom(...MODES),
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('right' as const),
      person: fc.constantFrom('nora', 'tomas'),
      admin: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('by-hand' as const),
      kind: fc.constantFrom<Repairable>('deploy-key', 'webhook'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('travel' as const),
      ms: fc.constantFrom(5_000, 31_000, 70_000, 660_000, 3_700_000, 90_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function live(events: Event[]): Promise<void> {
  const scene = await rig.scene();
  // Nora is an owner of the workspace, and so an admin whatever she was given by name.
  const workspace = scene.sandbox.world.data.workspaces.find(
    ({ uuid }) => uuid === scene.repository.workspace,
  );
  for (const member of workspace?.members ?? []) member.owner = false;
  const asleep: { process: Process; end: Promise<unknown> }[] = [];
  const wake = async () => {
    for (const { process, end } of asleep.splice(0)) {
      process.thaw();
      await end;
    }
  };
  for (const each of events) await happen(scene, each, asleep, wake);
  await wake();
  scene.sandbox.faults.clear();
  for (const person of ['nora', 'tomas']) setRight(scene, person, true);
  await scene.converge([31_000, 301_000, 301_000, 3_700_000, 301_000]);
  rig.travel(20_000);
  await scene.start(rig.createProcess());
  await scene.converge();
  await scene.comeLate();
  await scene.comeLate();
  await scene.check(JSON.stringify(events));
}

async function happen(
  scene: Scene,
  each: Event,
  asleep: { process: Process; end: Promise<unknown> }[],
  wake: () => Promise<void>,
) {
  switch (each.do) {
    case 'click':
      await scene
        .start(rig.createProcess({ killAt: each.killAt, late: each.late }), { subjects: each.subjects })
        .catch(ifKilled);
      return;
    case 'sleep': {
      const process = rig.createProcess({ stopAt: each.stopAt }, rig.second);
      const end = scene.start(process, { subjects: each.subjects }).catch(ifKilled);
      await process.stopped(end);
      asleep.push({ process, end });
      return;
    }
    case 'wake':
      return wake();
    case 'go-on':
      await sql`update operation set lease_until = now() - interval '1 second' where state = 'running' and lease_until is not null`.execute(
        rig.outside,
      );
      await scene.reconcile(rig.createProcess({ killAt: each.killAt, late: each.late })).catch(ifKilled);
      return;
    case 'fault': {
      const target: FaultTarget = `bitbucket:${each.method} /2.0/repositories/*/${each.path}`;
      scene.sandbox.faults.set(target, each.mode, { times: each.times });
      return;
    }
    case 'right':
      return setRight(scene, each.person, each.admin);
    case 'by-hand':
      return deleteByHand(scene, each.kind);
    case 'travel':
      return rig.travel(each.ms);
    case 'arrive':
      for (const request of scene.lateRequests.splice(0)) await request();
  }
}

function ifKilled(error: unknown): null {
  if (error instanceof Error && error.name === 'Killed') return null;
  throw error;
}

function setRight(scene: Scene, nickname: string, admin: boolean) {
  const { world } = scene.sandbox;
  // Who loses the right takes along the keys they added; the foreign one was added by somebody else.
  for (const key of world.data.deployKeys) {
    if (scene.foreign.keys.some((each) => each.key === key.key)) key.addedBy = '{somebody}';
  }
  for (const key of scene.foreign.keys) key.addedBy = '{somebody}';
  if (!admin) scene.served['deploy-key'] = false;
  setPermission(
    world,
    scene.repository,
    personNamed(world, 'bitbucket', nickname).id,
    admin ? 'admin' : 'read',
  );
}

async function deleteByHand(scene: Scene, kind: Repairable) {
  scene.served[kind] = false;
  const { data } = scene.sandbox.world;
  const own = new Set((await scene.generations()).map(({ match }) => match));
  if (kind === 'deploy-key') data.deployKeys = data.deployKeys.filter(({ key }) => !own.has(key));
  else data.hooks = data.hooks.filter(({ url }) => !own.has(url));
}

test('every life ends with one of each', async () => {
  const until = Date.now() + inject('minutes') * 60_000;
  let lives = 0;
  for (let seed = inject('seed'); Date.now() < until; seed += 1) {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 2, maxLength: 14 }), async (events) => {
        lives += 1;
        await live(events);
      }),
      { seed, numRuns: 25, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: false },
    );
  }
  console.log(`${lives} lives, from seed ${inject('seed')} on`);
});
