/** RP-01, RP-02, RP-05, RP-07: whatever ends at whatever moment, afterwards there is one of each, and never was there none. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRig, type Plan, type Process, type Rig, type Scene, strideOf } from './rig.ts';

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

type Kind = 'repair' | 'create' | 'move' | 'delete';
/** The number of the first boundary of those that are tried, so that kinds which share a step do not try the same ones. */
const KINDS: [Kind, number, { server: number; embedded: number }][] = [
  ['repair', 1, { server: 1, embedded: 12 }],
  ['create', 2, { server: 2, embedded: 12 }],
  ['move', 3, { server: 3, embedded: 16 }],
  ['delete', 1, { server: 1, embedded: 12 }],
];

function begin(kind: Kind) {
  return rig.scene({ state: kind === 'create' ? 'creating' : 'ready' });
}

function go(scene: Scene, kind: Kind, process: Process) {
  if (kind === 'delete') scene.served = { 'deploy-key': false, webhook: false };
  return scene.start(process, { kind });
}

/** The boundaries of an undisturbed run. */
async function boundariesOf(kind: Kind): Promise<string[]> {
  const scene = await begin(kind);
  const process = rig.createProcess();
  await go(scene, kind, process);
  await scene.check(kind, kind === 'delete' ? 0 : 1);
  return process.passed;
}

describe.each(KINDS)('%s', (kind, from, usual) => {
  const left = kind === 'delete' ? 0 : 1;
  const stride = strideOf(usual);

  async function survive(plan: Plan, label: string) {
    const scene = await begin(kind);
    const process = rig.createProcess(plan);
    await go(scene, kind, process).catch(() => null);
    if (!(await scene.hasBegun())) {
      // Killed before anything was written: nothing has happened.
      await scene.check(label, kind === 'create' ? 0 : 1);
      return;
    }
    await scene.converge();
    if (plan.late) await scene.comeLate();
    await scene.check(label, left);
    const { state } = await scene.operation();
    expect(state, label).toBe('done');
    if (kind === 'move') expect(await scene.home(), label).toBe(scene.elsewhere);
  }

  test('survives being killed at every boundary', async () => {
    const boundaries = await boundariesOf(kind);
    expect(boundaries.length).toBeGreaterThan(20);
    for (let killAt = stride === 1 ? 1 : from; killAt <= boundaries.length; killAt += stride) {
      await survive({ killAt }, `killed at ${killAt}: ${boundaries[killAt - 1]}`);
    }
  });

  test('survives a request that is carried out when everybody has forgotten it', async () => {
    const boundaries = await boundariesOf(kind);
    const changes = [...boundaries.entries()].filter(([, name]) => /^before (POST|PUT|DELETE)/.test(name));
    expect(changes.length).toBeGreaterThan(1);
    for (const [index, name] of changes) {
      await survive({ killAt: index + 1, late: true }, `late at ${index + 1}: ${name}`);
    }
  });
});
