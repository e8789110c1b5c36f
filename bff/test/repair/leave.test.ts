/** LC-02, RP-05: a process that is asked to leave gives its repairs back, and whoever starts next goes on at once. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstallation, type Installation } from './installation.ts';

let installation: Installation;
beforeEach(async () => {
  installation = await createInstallation();
});
afterEach(() => installation.end());

test('asked to leave, a process begins no new step of a repair, keeps nothing, and the next one finishes', async () => {
  const process = await installation.start({ gated: true });
  const projects = await installation.settle(process, ['making', 'removing']);
  const [making, removing] = projects;
  if (!making || !removing) throw new Error('There were to be two projects.');
  const holds = [
    installation.hold(making, { method: 'POST', path: '/deploy-keys', when: 'after' }),
    installation.hold(making, { method: 'POST', path: '/hooks', when: 'after' }),
    installation.hold(removing, { method: 'DELETE', path: '/deploy-keys/*', when: 'before' }),
    installation.hold(removing, { method: 'DELETE', path: '/hooks/*', when: 'before' }),
  ];
  for (const project of projects) await installation.repair(process, project);
  for (const { arrived } of holds) await arrived;
  const asked = projects.map((project) => installation.asked(project));
  process.process.signal('SIGTERM');
  await process.process.says('shutting down');
  for (const { release } of holds) release();
  expect(await process.process.ended).toBe(0);
  expect(projects.map((project) => installation.asked(project))).toEqual(asked);

  const held = await installation.inStore((db) =>
    db
      .selectFrom('operation')
      .select(['kind', 'leaseUntil', 'notBefore', 'problem'])
      .where('state', '=', 'running')
      .execute(),
  );
  const free = { kind: 'repair', leaseUntil: null, notBefore: null, problem: null };
  expect(held).toEqual([free, free]);

  const next = await installation.start({ gated: false });
  await installation.areRepaired(next, projects);
  next.process.signal('SIGTERM');
  expect(await next.process.ended).toBe(0);
  await installation.inStore((db) => installation.check(db, projects));
});
