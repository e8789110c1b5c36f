/** Goes on with what other processes left, and searches projects when that is due. Any number of replicas share the work. */
import { randomUUID } from 'node:crypto';
import type { Tx } from '../../db/connect.ts';
import type { ProjectRow } from '../../db/schema.ts';
import type { Deps } from '../../deps.ts';
import { ROUNDS, waitOf } from './due.ts';
import { claim } from './lease.ts';
import { runOperation } from './run.ts';
import { firstSteps } from './steps.ts';

/** Operations that one round takes, and searches that it begins. */
const AT_ONCE = 10;
/** What a deleted project could not get rid of is given up after so many searches, one a day: its secret goes too. */
const LAST_ROUND = ROUNDS + 30;
const SUBJECTS = ['deploy-key', 'webhook'] as const;

/** Takes over the operations that nobody carries out and that need not wait; returns how many, when they have ended. */
export async function reconcileOperations(deps: Deps): Promise<number> {
  await beginSearches(deps);
  const taken: Promise<void>[] = [];
  while (taken.length < AT_ONCE && deps.lifecycle.accepting) {
    const lease = await claim(deps.db, deps.now());
    if (!lease) break;
    taken.push(runOperation(deps, lease));
  }
  await Promise.all(taken);
  return taken.length;
}

async function beginSearches(deps: Deps): Promise<void> {
  if (!deps.lifecycle.accepting) return;
  await deps.db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('project')
      .selectAll()
      .where('reconcileAt', '<=', deps.now())
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('operation')
              .select('operation.id')
              .whereRef('operation.projectId', '=', 'project.id')
              .where('operation.state', '=', 'running'),
          ),
        ),
      )
      .orderBy('reconcileAt')
      .limit(AT_ONCE)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const project of due) await beginSearch(tx, deps, project);
  });
}

async function beginSearch(tx: Tx, deps: Deps, project: ProjectRow): Promise<void> {
  const round = project.reconcileRound;
  const isOver = project.state === 'deleted' && (await isDone(tx, project));
  const next = isOver ? null : new Date(deps.now().getTime() + waitOf(round + 1));
  await tx
    .updateTable('project')
    .set({ reconcileAt: next, reconcileRound: round + 1 })
    .where('id', '=', project.id)
    .execute();
  if (isOver) return;
  await tx
    .insertInto('operation')
    .values({
      id: randomUUID(),
      projectId: project.id,
      kind: 'sweep',
      subjects: [...SUBJECTS],
      idempotencyKey: randomUUID(),
      bodyHash: '',
      state: 'running',
      steps: JSON.stringify(firstSteps('sweep', SUBJECTS)),
      createdAt: deps.now(),
    })
    .execute();
}

/** Whether a deleted project need not be searched any more. */
async function isDone(tx: Tx, { id, reconcileRound }: ProjectRow): Promise<boolean> {
  const left = tx
    .updateTable('credential')
    .set({ state: 'gone', material: null })
    .where('projectId', '=', id)
    .where('state', '=', 'retiring');
  if (reconcileRound >= LAST_ROUND) {
    await left.execute();
    return true;
  }
  if (reconcileRound < ROUNDS) return false;
  const retiring = await tx
    .selectFrom('credential')
    .select('id')
    .where('projectId', '=', id)
    .where('state', '=', 'retiring')
    .limit(1)
    .execute();
  return retiring.length === 0;
}
