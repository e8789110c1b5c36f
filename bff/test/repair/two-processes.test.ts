/**
 * RP-02, RP-04: two real processes on one PostgreSQL, the provider reached over HTTP. The one that repairs is stopped, or
 * killed, while requests of its are on their way there or back; the other one finishes, and then the first wakes up.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connect.ts';
import type { Held, Moment } from './gate.ts';
import { createInstallation, type Installation, type OwnProject, type Running } from './installation.ts';

/** One project for each: its repair is cut off while this request is on its way, or its answer on the way back. */
const MOMENTS: Record<string, Moment> = {
  'key-not-sent': { method: 'POST', path: '/deploy-keys', when: 'before' },
  'key-made': { method: 'POST', path: '/deploy-keys', when: 'after' },
  'webhook-not-sent': { method: 'POST', path: '/hooks', when: 'before' },
  'webhook-made': { method: 'POST', path: '/hooks', when: 'after' },
  'webhook-verified': { method: 'GET', path: '/hooks/*', when: 'after' },
  'old-keys-listed': { method: 'GET', path: '/deploy-keys', when: 'after' },
  'old-key-not-removed': { method: 'DELETE', path: '/deploy-keys/*', when: 'before' },
  'old-webhook-removed': { method: 'DELETE', path: '/hooks/*', when: 'after' },
  looking: { method: 'GET', path: '', when: 'after' },
};

let installation: Installation;
let first: Running;
let second: Running;
let projects: OwnProject[];
beforeAll(async () => {
  installation = await createInstallation();
  first = await installation.start({ gated: true });
  projects = await installation.settle(first, Object.keys(MOMENTS));
  second = await installation.start({ gated: false });
});
afterAll(() => installation.end());

type Holding = { held: Held; when: Moment['when'] };

/** Repairs all projects in the first process, each up to its moment. */
async function repairUpToMoments(db: Db): Promise<Holding[]> {
  // Long enough after the last repair to be one of its own.
  await sql`update operation set finished_at = finished_at - interval '1 minute'`.execute(db);
  const holdings: Holding[] = [];
  for (const project of projects) {
    const moment = MOMENTS[project.name];
    if (!moment) throw new Error(`There is no moment ${project.name}.`);
    const held = installation.hold(project, moment);
    await installation.repair(first, project);
    await held.arrived;
    holdings.push({ held, when: moment.when });
  }
  return holdings;
}

/**
 * Stops the first process while requests of its are on their way, and no transaction is open: one that is would be ended
 * by the database, and its operation with another word than that somebody took over.
 */
async function stopFirst(db: Db): Promise<void> {
  for (;;) {
    first.process.signal('SIGSTOP');
    const { rows } = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`.execute(db);
    if (rows.length === 0) return;
    first.process.signal('SIGCONT');
    await delay(20);
  }
}

/** What the first process holds runs out, and the second one finishes it. */
async function secondFinishes(db: Db): Promise<void> {
  await sql`update operation set lease_until = now() - interval '1 second' where state = 'running'`.execute(
    db,
  );
  await sql`update project set look_until = now() - interval '1 second' where look_holder is not null`.execute(
    db,
  );
  await installation.areRepaired(second, projects);
}

/** The searches after a doubt become due, and come to their end. */
async function search(db: Db): Promise<void> {
  await sql`update project set reconcile_at = now() - interval '1 second', reconcile_round = 0`.execute(db);
  await installation
    .until(async () => {
      const { rows } = await sql<{ open: number }>`
        select (select count(*) from project where reconcile_round = 0)
          + (select count(*) from operation where state = 'running') as open`.execute(db);
      return Number(rows[0]?.open);
    })
    .toBe(0);
}

test('a process that is stopped in the midst of requests and wakes up when another has finished does no harm', () =>
  installation.inStore(async (db) => {
    const violations = installation.watch(db, projects);
    const holdings = await repairUpToMoments(db);
    await stopFirst(db);
    await secondFinishes(db);

    first.process.signal('SIGCONT');
    // It hears of what was done while it slept, and gives the other requests up.
    for (const { held, when } of holdings) if (when === 'after') held.release();
    await installation
      .until(async () => first.process.output().split('another process has taken over').length - 1)
      .toBe(projects.length);
    // Only now are they carried out.
    for (const { held } of holdings) held.release();
    await installation.gate.quiet();
    await search(db);
    expect(await violations()).toEqual([]);
    await installation.check(db, projects);
  }));

test('what a process was about to do when it was killed, another one finishes', () =>
  installation.inStore(async (db) => {
    const violations = installation.watch(db, projects);
    const holdings = await repairUpToMoments(db);
    first.process.signal('SIGKILL');
    expect(await first.process.ended).toBeNull();
    await secondFinishes(db);
    // What was still on its way arrives when everybody has forgotten it.
    for (const { held } of holdings) held.release();
    await installation.gate.quiet();
    await search(db);
    expect(await violations()).toEqual([]);
    await installation.check(db, projects);
  }));
