/** Operations as pages show them. */
import type { Db } from '../../db/connect.ts';
import type { OperationRow } from '../../db/schema.ts';
import type { OperationView } from '../view.ts';
import { explainProblem } from './problem.ts';

/** How long one that ended is of interest, and how many a list shows. */
const RECENT = 10 * 60_000;
const LISTED = 50;

/** The running operation, or the last one when it ended within the last ten minutes. Searches in the background are none. */
export async function readOperation(db: Db, projectId: string, now: Date): Promise<OperationView | null> {
  const row = await rows(db, projectId).where('operation.kind', '!=', 'sweep').limit(1).executeTakeFirst();
  if (!row) return null;
  const isOld = row.finishedAt !== null && now.getTime() - row.finishedAt.getTime() > RECENT;
  return isOld ? null : view(row);
}

/** The newest first, at most 50; of the searches in the background only those that removed something. */
export async function listOperations(db: Db, projectId: string): Promise<OperationView[]> {
  const found = await rows(db, projectId)
    .where((eb) => eb.or([eb('operation.kind', '!=', 'sweep'), eb('operation.result', 'is not', null)]))
    .limit(LISTED)
    .execute();
  return found.map(view);
}

/** One that a person asked for; such a row stays. */
export async function findOperation(db: Db, id: string): Promise<OperationView> {
  return view(await operations(db).where('operation.id', '=', id).executeTakeFirstOrThrow());
}

function operations(db: Db) {
  return db
    .selectFrom('operation')
    .leftJoin('profile', 'profile.id', 'operation.requestedBy')
    .selectAll('operation')
    .select('profile.screenName as by');
}

function rows(db: Db, projectId: string) {
  return operations(db)
    .where('operation.projectId', '=', projectId)
    .orderBy('operation.createdAt', 'desc')
    .orderBy('operation.id');
}

function view(row: OperationRow & { by: string | null }): OperationView {
  const { id, kind, subjects, state, by, steps, problem } = row;
  return {
    id,
    kind,
    subjects,
    state,
    by,
    startedAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    steps,
    waitingUntil: state === 'running' ? (row.notBefore?.toISOString() ?? null) : null,
    problem: problem && { code: problem.code, message: explainProblem(problem) },
    done: row.result?.done ?? [],
    leftovers: row.result?.leftovers ?? [],
  };
}
