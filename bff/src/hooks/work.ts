/** What comes of deliveries: workflows for what moved, and a fresh look where the repository itself changed. */
import type { Tx } from '../db/connect.ts';
import type { DeliveryRow, ProjectRow } from '../db/schema.ts';
import { isDataError } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { requestLook } from '../jobs/look.ts';
import { startsWorkflow } from '../projects/runs-on.ts';
import { bumpVersion } from '../projects/version.ts';
import { announceChange } from '../repository/watch.ts';
import { createWorkflow } from '../workflows/create.ts';
import { recordMove } from './moves.ts';
import { type DeliveryFacts, type IgnoredReason, type RefMove, readDelivery } from './payload.ts';

type Result = { state: 'done' } | { state: 'ignored'; reason: IgnoredReason };

/** Works on what a project received, in the order of its arrival; any number at once come one after the other. */
export async function workOnDeliveries(deps: Deps, projectId: string): Promise<void> {
  await deps.jobs.ready();
  while (await workOnNext(deps, projectId)) {
    announceChange(deps, projectId);
    await deps.jobs.calm();
  }
}

async function workOnNext(deps: Deps, projectId: string): Promise<boolean> {
  let taken: string | undefined;
  try {
    return await deps.db.transaction().execute(async (tx) => {
      const project = await tx
        .selectFrom('project')
        .selectAll()
        .where('id', '=', projectId)
        // Not against the receiver, which only refers to the row.
        .forNoKeyUpdate()
        .executeTakeFirst();
      const delivery = await tx
        .selectFrom('delivery')
        .selectAll()
        .where('projectId', '=', projectId)
        .where('state', '=', 'received')
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      if (!project || !delivery) return false;
      taken = delivery.id;
      const { facts, ...result } = await workOn(deps, tx, project, delivery);
      await finish(deps, tx, delivery, result, facts);
      return true;
    });
  } catch (error) {
    // What the database cannot hold it cannot hold tomorrow either, and must not keep the others from their turn.
    if (!taken || !isDataError(error)) throw error;
    deps.log.error({ err: error, delivery: taken }, 'a delivery cannot be worked on');
    const delivery = { id: taken, projectId };
    await deps.db
      .transaction()
      .execute((tx) => finish(deps, tx, delivery, { state: 'ignored', reason: 'unexpected-shape' }, null));
    return true;
  }
}

async function finish(
  { now }: Deps,
  tx: Tx,
  delivery: Pick<DeliveryRow, 'id' | 'projectId'>,
  result: Result,
  facts: DeliveryFacts | null,
): Promise<void> {
  await tx
    .updateTable('delivery')
    .set({ ...result, facts: facts && JSON.stringify(facts), workedAt: now() })
    .where('id', '=', delivery.id)
    .where('state', '=', 'received')
    .execute();
  await bumpVersion(tx, delivery.projectId);
}

async function workOn(
  deps: Deps,
  tx: Tx,
  project: ProjectRow,
  delivery: DeliveryRow,
): Promise<Result & { facts: DeliveryFacts | null }> {
  const read = readDelivery(delivery.event, Buffer.from(delivery.payload ?? '', delivery.encoding));
  if (!read.ok) return { state: 'ignored', reason: read.reason, facts: null };
  const { facts, kind } = read;
  const ignored = (reason: IgnoredReason) => ({ state: 'ignored', reason, facts }) as const;
  if (project.state === 'deleting' || project.state === 'deleted') return ignored('project-deleted');
  if (kind === 'unknown') return ignored('unknown-event');
  if (kind === 'pull-request') return ignored('pull-request');
  if (await isOfAnotherRepository(tx, project, delivery)) return ignored('other-repository');
  if (kind === 'repository') {
    await requestLook(deps, tx, project.id);
    return { state: 'done', facts };
  }
  const reason = await workOnPush(deps, tx, project, delivery, facts);
  return reason ? ignored(reason) : { state: 'done', facts };
}

/** A project that moved on still hears through the old repository's webhook for a moment. */
async function isOfAnotherRepository(tx: Tx, project: ProjectRow, delivery: DeliveryRow): Promise<boolean> {
  const { repositoryUuid } = await tx
    .selectFrom('credential')
    .select('repositoryUuid')
    .where('id', '=', delivery.credentialId)
    .executeTakeFirstOrThrow();
  return repositoryUuid.toLowerCase() !== project.repositoryUuid.toLowerCase();
}

/**
 * One workflow for each branch or tag that moved, or in its facts why the settings leave it out. A deletion moves a
 * branch to nowhere.
 */
async function workOnPush(
  deps: Deps,
  tx: Tx,
  project: ProjectRow,
  delivery: DeliveryRow,
  { moves, odd }: DeliveryFacts,
): Promise<IgnoredReason | null> {
  const teller = { projectId: project.id, credentialId: delivery.credentialId };
  let news = 0;
  let workflows = 0;
  let leftOut = 0;
  for (const [index, move] of moves.entries()) {
    if (!(await recordMove(tx, teller, move, { delivery, index }))) continue;
    news += 1;
    if (move.refType === 'branch') await noteHead(tx, project, move, delivery.receivedAt);
    if (move.newHash === null) continue;
    const starts = startsWorkflow(project, move);
    if (!starts.ok) {
      move.leftOut = starts.why;
      leftOut += 1;
      continue;
    }
    const { refType, refName, oldHash, newHash } = move;
    const draft = { refType, refName, oldHash, newHash, origin: 'push', deliveryId: delivery.id } as const;
    await createWorkflow(deps, tx, project, draft);
    workflows += 1;
  }
  if (workflows > 0) return null;
  if (moves.length === 0) return odd > 0 ? 'unexpected-shape' : 'nothing-moved';
  if (leftOut > 0) return 'left-out';
  return news > 0 ? 'only-deletions' : 'repeated';
}

/** Remembers where the branch is, and that a gap that led there was none. */
async function noteHead(
  tx: Tx,
  { id: projectId, repositoryUuid }: ProjectRow,
  { refName: name, oldHash, newHash: hash }: RefMove,
  seenAt: Date,
): Promise<void> {
  if (hash === null) {
    await tx
      .deleteFrom('branchHead')
      .where('projectId', '=', projectId)
      .where('repositoryUuid', '=', repositoryUuid)
      .where('name', '=', name)
      .execute();
  } else {
    await tx
      .insertInto('branchHead')
      .values({ projectId, repositoryUuid, name, hash, seenAt })
      .onConflict((conflict) =>
        conflict.columns(['projectId', 'repositoryUuid', 'name']).doUpdateSet({ hash, seenAt }),
      )
      .execute();
  }
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
