/** RP-06: what somebody did by hand to a key or webhook of ours. What is ours goes, what is another's stays. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { editHook, swapKey } from '../../sandbox/play-keys-and-hooks.ts';
import { createRig, type Rig, type Scene } from './rig.ts';

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

async function own(scene: Scene) {
  const { deployKeys, hooks } = scene.sandbox.world.data;
  const rows = await scene.generations();
  const key = deployKeys.find((each) => rows.some(({ match }) => match === each.key));
  const hook = hooks.find((each) => rows.some(({ match }) => match === each.url));
  if (!key || !hook) throw new Error('A key and a webhook were to be there.');
  return { key, hook };
}

test('a webhook of ours that somebody led to another URL is removed by a repair: one is left', async () => {
  const scene = await rig.scene();
  const { world } = scene.sandbox;
  const { hook } = await own(scene);
  scene.served.webhook = false;
  editHook(world, hook, { url: `https://elsewhere.example/${randomUUID()}` });
  await scene.start(rig.createProcess());
  expect(world.data.hooks.filter(({ uuid }) => uuid === hook.uuid)).toEqual([]);
  const others = world.data.hooks.filter(
    ({ uuid }) => !scene.foreign.hooks.some((each) => each.uuid === uuid),
  );
  expect(others).toHaveLength(1);
  await scene.check('led elsewhere');
});

test('another key under the number of ours is left alone by a repair', async () => {
  const scene = await rig.scene();
  const { world } = scene.sandbox;
  const { key } = await own(scene);
  scene.served['deploy-key'] = false;
  swapKey(world, key);
  scene.foreign.keys.push(structuredClone(key));
  scene.foreign.keys.sort((a, b) => a.id - b.id);
  await scene.start(rig.createProcess());
  expect(world.data.deployKeys).toContainEqual(key);
  await scene.check('swapped');
});
