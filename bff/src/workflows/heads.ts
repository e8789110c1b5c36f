/**
 * Pushes that were not announced: Bitbucket tries a delivery three times at once and then never again, and does not
 * send large ones at all. The heads of the branches, one call for a project, are held against what was last heard.
 * What is proved is where a branch was and where it is; how many pushes lie between nobody can tell.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from '../db/connect.ts';
import type { GapRow, ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { workOnDeliveries } from '../hooks/work.ts';
import { lockProject } from '../projects/lock-project.ts';
import { startsWorkflow } from '../projects/runs-on.ts';
import { bumpVersion } from '../projects/version.ts';
import type { BrokenCause } from '../repository/finding.ts';
import { askAs, type GrantRefusal } from '../repository/grant.ts';
import { announceChange } from '../repository/watch.ts';
import { forgetBranchHeads, noteBranchHead } from './branch-head.ts';
import { runGap } from './run-gap.ts';
import { backoff } from './workflow.ts';

type Head = { name: string; commit: string };
/** Bitbucket lists the first hundred, the most recently changed first: with fewer, the list is complete. */
const WHOLE_LIST = 100;
/** Two deliveries can overtake each other by this much. */
const OVERTAKING = 10 * 60_000;
/** An announcement may be under way for this long. */
export const GRACE = 2 * 60_000;
/** A comparison that was sent for is done by then, or was lost. */
export const COMPARING = 120_000;
const FIRST_RETRY = 12;

/** Compares a project's branches now. Never throws for what a provider does. */
export async function compareHeads(deps: Deps, projectId: string): Promise<void> {
  const { db } = deps;
  // Whatever has arrived is news, not a gap. Where that is too much for one go, the next round compares.
  if (!(await workOnDeliveries(deps, projectId))) {
    await db
      .updateTable('headComparison')
      .set({ dueAt: deps.now() })
      .where('projectId', '=', projectId)
      .execute();
    return;
  }
  const project = await db
    .selectFrom('project')
    .selectAll()
    .where('id', '=', projectId)
    .where('state', '=', 'ready')
    .executeTakeFirst();
  if (!project) return;
  const before = await readHeads(deps.db, project);
  const answer = project.tokenOwnerId
    ? await askAs(deps, project.tokenOwnerId, (token, access) =>
        access.listBranches(token, { uuid: project.repositoryUuid }),
      )
    : ({ ok: false, why: null } as const);
  if (!answer.ok) return later(deps, projectId, answer.why);
  await db.transaction().execute((tx) => note(deps, tx, project, before, answer.value));
  announceChange(deps, projectId);
}

async function readHeads(
  db: Tx | Deps['db'],
  { id, repositoryUuid }: ProjectRow,
): Promise<Map<string, HeadRow>> {
  const rows = await db
    .selectFrom('branchHead')
    .select(['name', 'hash', 'seenAt'])
    .where('projectId', '=', id)
    .where('repositoryUuid', '=', repositoryUuid)
    .execute();
  return new Map(rows.map((row) => [row.name, row]));
}
type HeadRow = { name: string; hash: string; seenAt: Date };

/** A fault is asked about again soon; what a person has to mend, with the next sweep. */
async function later({ db, now, config }: Deps, projectId: string, why: GrantRefusal | null): Promise<void> {
  const { attempts } = await db
    .updateTable('headComparison')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('projectId', '=', projectId)
    .returning('attempts')
    .executeTakeFirstOrThrow();
  const passing = why?.kind === 'fault' || why?.kind === 'doubtful';
  const asked = why?.kind === 'fault' ? (why.fault.retryAt?.getTime() ?? 0) : 0;
  const wait = passing
    ? Math.min(backoff(attempts) * FIRST_RETRY, config.sweepInterval)
    : config.sweepInterval;
  const dueAt = new Date(Math.max(now().getTime() + wait, asked));
  await db.updateTable('headComparison').set({ dueAt }).where('projectId', '=', projectId).execute();
}

async function note(
  deps: Deps,
  tx: Tx,
  { id: projectId, repositoryUuid }: ProjectRow,
  before: Map<string, HeadRow>,
  branches: Head[],
): Promise<void> {
  const project = await lockProject(tx, projectId);
  const comparison = await tx
    .selectFrom('headComparison')
    .select(['repositoryUuid', 'comparedAt', 'runMissed'])
    .where('projectId', '=', projectId)
    .executeTakeFirst();
  // The project moved to another repository while we asked, or so lately that what was compared before was the old one.
  if (comparison?.repositoryUuid !== repositoryUuid || project?.repositoryUuid !== repositoryUuid) return;
  const known = await readHeads(tx, project);
  const now = deps.now();
  // Where nothing is announced, no announcement can still be under way.
  const certain = comparison.runMissed || (await isDeaf(tx, projectId));
  for (const { name, commit } of branches) {
    const head = known.get(name);
    // A delivery came between the question and its answer, and may know better.
    if (head?.hash !== before.get(name)?.hash || head?.hash === commit) continue;
    const isNews = head ? !(await wasOvertaken(tx, projectId, head, commit)) : comparison.comparedAt !== null;
    // What starts nothing was not missed. Whatever was missed before, the branch is further by now.
    if (isNews && !startsWorkflow(project, { refType: 'branch', refName: name }).ok) {
      await passGaps(tx, project, [name]);
    } else if (isNews) {
      const state = certain ? 'open' : 'suspected';
      const lastKnownAt = lastKnown(head, comparison.comparedAt, known.size < WHOLE_LIST) ?? now;
      await noteGap(tx, {
        projectId,
        repositoryUuid,
        branch: name,
        oldHash: head?.hash ?? null,
        newHash: commit,
        lastKnownAt,
        foundAt: now,
        state,
      });
    }
    await noteBranchHead(tx, { projectId, repositoryUuid, name, hash: commit, seenAt: now });
  }
  if (branches.length < WHOLE_LIST) await forget(tx, project, before, known, branches);
  if (comparison.runMissed) await runAll(deps, tx, project);
  await tx
    .updateTable('headComparison')
    .set({ comparedAt: now, attempts: 0, runMissed: false, dueAt: nextDue(deps) })
    .where('projectId', '=', projectId)
    .execute();
  await bumpVersion(tx, projectId);
}

/** With these no push reaches us. One that lacks events, or that we may not look at, may well announce. */
const SILENT: readonly (string | null)[] = [
  'webhook-missing',
  'webhook-removed',
  'webhook-inactive',
  'webhook-wrong-url',
  'webhook-without-secret',
] satisfies BrokenCause[];

/** Whether nothing is announced to us, as the last look found it. */
async function isDeaf(tx: Tx, projectId: string): Promise<boolean> {
  const finding = await tx
    .selectFrom('finding')
    .select(['state', 'cause'])
    .where('projectId', '=', projectId)
    .where('subject', '=', 'webhook')
    .executeTakeFirst();
  return finding?.state === 'broken' && SILENT.includes(finding.cause);
}

/** When the branch was last seen where we knew it: a comparison of the whole list saw it there as well. */
function lastKnown(head: HeadRow | undefined, comparedAt: Date | null, whole: boolean): Date | null {
  if (!head) return comparedAt;
  return whole && comparedAt && comparedAt > head.seenAt ? comparedAt : head.seenAt;
}

/** A tenth of spread, so that projects made together do not stay together for ever. */
function nextDue({ now, config }: Deps): Date {
  return new Date(now().getTime() + config.sweepInterval * (0.95 + Math.random() / 10));
}

/** The announcement was here already, and a later one that came before it hid it. */
async function wasOvertaken(tx: Tx, projectId: string, head: HeadRow, commit: string): Promise<boolean> {
  const told = await tx
    .selectFrom('refChange')
    .select('seq')
    .where('projectId', '=', projectId)
    .where('refType', '=', 'branch')
    .where('refName', '=', head.name)
    .where('newHash', '=', commit)
    .where('receivedAt', '>', new Date(head.seenAt.getTime() - OVERTAKING))
    .executeTakeFirst();
  return told !== undefined;
}

type GapDraft = Omit<GapRow, 'id' | 'workflowId' | 'state'> & { state: 'suspected' | 'open' };

/** Of one branch there is one gap at a time: what moved further moved further from where it was last known. */
async function noteGap(tx: Tx, draft: GapDraft): Promise<void> {
  const { newHash, foundAt } = draft;
  const state = sql<'suspected' | 'open'>`case when gap.state = 'open' then 'open' else excluded.state end`;
  await tx
    .insertInto('gap')
    .values({ ...draft, id: randomUUID() })
    .onConflict((conflict) =>
      conflict
        .columns(['projectId', 'repositoryUuid', 'branch'])
        .where('state', 'in', ['suspected', 'open'])
        .doUpdateSet({ newHash, foundAt, state }),
    )
    .execute();
}

/** Branches that are no more. One that a delivery named since we asked is left alone. */
async function forget(
  tx: Tx,
  { id: projectId, repositoryUuid }: ProjectRow,
  before: Map<string, HeadRow>,
  known: Map<string, HeadRow>,
  branches: Head[],
): Promise<void> {
  const present = new Set(branches.map(({ name }) => name));
  const gone = [...known.values()].filter(
    ({ name, hash }) => !present.has(name) && before.get(name)?.hash === hash,
  );
  if (gone.length === 0) return;
  const names = gone.map(({ name }) => name);
  await forgetBranchHeads(tx, { projectId, repositoryUuid, names });
  await passGaps(tx, { id: projectId, repositoryUuid }, names);
}

/** What was missed of these branches can be run no more. */
async function passGaps(
  tx: Tx,
  { id, repositoryUuid }: Pick<ProjectRow, 'id' | 'repositoryUuid'>,
  branches: string[],
): Promise<void> {
  await tx
    .updateTable('gap')
    .set({ state: 'passed' })
    .where('projectId', '=', id)
    .where('repositoryUuid', '=', repositoryUuid)
    .where('branch', 'in', branches)
    .where('state', 'in', ['suspected', 'open'])
    .execute();
}

async function runAll(deps: Deps, tx: Tx, project: ProjectRow): Promise<void> {
  const gaps = await tx
    .selectFrom('gap')
    .selectAll()
    .where('projectId', '=', project.id)
    .where('repositoryUuid', '=', project.repositoryUuid)
    .where('state', 'in', ['suspected', 'open'])
    .orderBy('foundAt')
    .execute();
  for (const gap of gaps) {
    // One that starts nothing by now waits for settings that let it.
    if (startsWorkflow(project, { refType: 'branch', refName: gap.branch }).ok)
      await runGap(deps, tx, project, gap, null);
  }
}
