/** What comes of deliveries: workflows for what moved, and a fresh look where the repository itself changed. */
import { setImmediate as nextRound } from 'node:timers/promises';
import type { Tx } from '../db/connect.ts';
import type { DeliveryRow, ProjectRow } from '../db/schema.ts';
import { isDataError } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { requestLook } from '../jobs/look.ts';
import { lockProject } from '../projects/lock-project.ts';
import { startsWorkflow } from '../projects/runs-on.ts';
import { bumpVersion } from '../projects/version.ts';
import { announceChange } from '../repository/watch.ts';
import { forgetBranchHeads, noteBranchHead } from '../workflows/branch-head.ts';
import { recordWorkflow } from '../workflows/create.ts';
import { hasGaps, recordMove } from './moves.ts';
import { type DeliveryFacts, type IgnoredReason, type RefMove, readDelivery } from './payload.ts';

/** Milliseconds that one job works on a project's deliveries, while others wait; what is left then is another job's. */
const SHIFT = 2_000;
/** Deliveries that one transaction works on at most; and milliseconds after which it ends when a request waits for it. */
const MOST = 20;
const TURN = 20;

type ReceivedRow = DeliveryRow & { repositoryUuid: string };
/** What is the same for all deliveries of one transaction, and the jobs that it ends with. */
type About = { project: ProjectRow; hasGaps: boolean; made: { workflowId: string }[] };
type Result = { state: 'done' } | { state: 'ignored'; reason: IgnoredReason };

/**
 * Works on what a project received, in the order of its arrival; any number at once come one after the other. False: some
 * may be left, for another job.
 */
export async function workOnDeliveries(deps: Deps, projectId: string): Promise<boolean> {
  const { db, jobs, lifecycle } = deps;
  await jobs.ready();
  const began = performance.now();
  while (await workOnSome(deps, projectId)) {
    announceChange(deps, projectId);
    if (lifecycle.accepting && performance.now() - began < SHIFT) continue;
    await db.transaction().execute((tx) => jobs.send(tx, 'deliveries', { projectId }));
    return false;
  }
  return true;
}

async function readNext(tx: Tx, projectId: string): Promise<ReceivedRow[]> {
  return tx
    .selectFrom('delivery')
    .innerJoin('credential', 'credential.id', 'delivery.credentialId')
    .selectAll('delivery')
    .select('credential.repositoryUuid')
    .where('delivery.projectId', '=', projectId)
    .where('delivery.state', '=', 'received')
    .orderBy('delivery.seq')
    .limit(MOST)
    .execute();
}

/**
 * Works on as many as one transaction should hold, so that what is the same for all of them is done once. Returns
 * whether there was any.
 */
async function workOnSome(deps: Deps, projectId: string): Promise<boolean> {
  const { db, jobs } = deps;
  let taken: string | undefined;
  try {
    return await db.transaction().execute(async (tx) => {
      const project = await lockProject(tx, projectId);
      const deliveries = await readNext(tx, projectId);
      if (!project || deliveries.length === 0) return false;
      const began = performance.now();
      const about: About = { project, hasGaps: await hasGaps(deps, tx, projectId), made: [] };
      for (const delivery of deliveries) {
        taken = delivery.id;
        const { facts, ...result } = await workOn(deps, tx, about, delivery);
        await finish(deps, tx, delivery, result, facts);
        // So that requests are read, and can say that they wait.
        await nextRound();
        if (performance.now() - began > TURN && jobs.isAwaited()) break;
      }
      taken = undefined;
      await bumpVersion(tx, projectId);
      await jobs.send(tx, 'workflow', about.made);
      return true;
    });
  } catch (error) {
    // What the database cannot hold it cannot hold tomorrow either, and must not keep the others from their turn.
    if (!taken || !isDataError(error)) throw error;
    deps.log.error({ err: error, delivery: taken }, 'a delivery cannot be worked on');
    const delivery = { id: taken };
    await db.transaction().execute(async (tx) => {
      await finish(deps, tx, delivery, { state: 'ignored', reason: 'unexpected-shape' }, null);
      await bumpVersion(tx, projectId);
    });
    return true;
  }
}

async function finish(
  { now }: Deps,
  tx: Tx,
  delivery: Pick<DeliveryRow, 'id'>,
  result: Result,
  facts: DeliveryFacts | null,
): Promise<void> {
  await tx
    .updateTable('delivery')
    .set({ ...result, facts: facts && JSON.stringify(facts), workedAt: now() })
    .where('id', '=', delivery.id)
    .where('state', '=', 'received')
    .execute();
}

async function workOn(
  deps: Deps,
  tx: Tx,
  about: About,
  delivery: ReceivedRow,
): Promise<Result & { facts: DeliveryFacts | null }> {
  const read = readDelivery(delivery.event, Buffer.from(delivery.payload ?? '', delivery.encoding));
  if (!read.ok) return { state: 'ignored', reason: read.reason, facts: null };
  const { facts, kind } = read;
  const { project } = about;
  const ignored = (reason: IgnoredReason) => ({ state: 'ignored', reason, facts }) as const;
  if (project.state === 'deleting' || project.state === 'deleted') return ignored('project-deleted');
  if (kind === 'unknown') return ignored('unknown-event');
  if (kind === 'pull-request') return ignored('pull-request');
  // A project that moved on still hears through the old repository's webhook for a moment.
  if (delivery.repositoryUuid.toLowerCase() !== project.repositoryUuid.toLowerCase())
    return ignored('other-repository');
  if (kind === 'repository') {
    await requestLook(deps, tx, project.id);
    return { state: 'done', facts };
  }
  const reason = await workOnPush(deps, tx, about, delivery, facts);
  return reason ? ignored(reason) : { state: 'done', facts };
}

/**
 * One workflow for each branch or tag that moved, or in its facts why the settings leave it out. A deletion moves a
 * branch to nowhere.
 */
async function workOnPush(
  deps: Deps,
  tx: Tx,
  { project, hasGaps, made }: About,
  delivery: DeliveryRow,
  { moves, odd }: DeliveryFacts,
): Promise<IgnoredReason | null> {
  const teller = { projectId: project.id, credentialId: delivery.credentialId, hasGaps };
  let news = 0;
  let workflows = 0;
  let leftOut = 0;
  for (const [index, move] of moves.entries()) {
    if (!(await recordMove(tx, teller, move, { delivery, index }))) continue;
    news += 1;
    if (move.refType === 'branch') {
      await noteHead(tx, project, move, delivery.receivedAt);
      if (hasGaps) await noteAnnounced(tx, project, move);
    }
    if (move.newHash === null) continue;
    const starts = startsWorkflow(project, move);
    if (!starts.ok) {
      move.leftOut = starts.why;
      leftOut += 1;
      continue;
    }
    const { refType, refName, oldHash, newHash } = move;
    const draft = { refType, refName, oldHash, newHash, origin: 'push', deliveryId: delivery.id } as const;
    const workflowId = await recordWorkflow(deps, tx, project, draft);
    if (workflowId) made.push({ workflowId });
    workflows += 1;
  }
  if (workflows > 0) return null;
  if (moves.length === 0) return odd > 0 ? 'unexpected-shape' : 'nothing-moved';
  if (leftOut > 0) return 'left-out';
  return news > 0 ? 'only-deletions' : 'repeated';
}

/** Remembers where the branch is. */
async function noteHead(
  tx: Tx,
  { id: projectId, repositoryUuid }: ProjectRow,
  { refName: name, newHash: hash }: RefMove,
  seenAt: Date,
): Promise<void> {
  if (hash === null) await forgetBranchHeads(tx, { projectId, repositoryUuid, names: [name] });
  else await noteBranchHead(tx, { projectId, repositoryUuid, name, hash, seenAt });
}

/** A gap that led where the branch is now was none. */
async function noteAnnounced(
  tx: Tx,
  { id: projectId, repositoryUuid }: ProjectRow,
  { refName: name, oldHash, newHash: hash }: RefMove,
): Promise<void> {
  const gap = await tx
    .selectFrom('gap')
    .select(['id', 'oldHash', 'newHash'])
    .where('projectId', '=', projectId)
    .where('repositoryUuid', '=', repositoryUuid)
    .where('branch', '=', name)
    .where('state', 'in', ['suspected', 'open'])
    .executeTakeFirst();
  if (!gap || (hash !== null && gap.newHash !== hash)) return;
  // The last of several pushes was announced: those before it are still missing.
  const isShorter = hash !== null && oldHash !== null && oldHash !== gap.oldHash;
  const state = hash === null ? 'passed' : 'announced';
  await tx
    .updateTable('gap')
    .set(isShorter ? { newHash: oldHash } : { state })
    .where('id', '=', gap.id)
    .execute();
}
