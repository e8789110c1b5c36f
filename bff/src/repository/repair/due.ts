/** When a project is searched for what was made for it and nobody uses. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../db/connect.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** After a doubt, and then once a day: a lost request may be carried out long after it was given up. */
const WAITS = [MINUTE, 10 * MINUTE, 60 * MINUTE, DAY];
/** How often a deleted project is searched, when nothing of it is left that we know of. */
export const ROUNDS = WAITS.length;

/** Milliseconds from a search to the next. A twentieth of spread keeps projects apart that were made together. */
export function waitOf(round: number): number {
  return (WAITS[round] ?? DAY) * (0.975 + Math.random() / 20);
}

/** Nobody knows what became of a request: the searches begin anew. */
export async function noteDoubt(tx: Db | Tx, projectId: string, now: Date): Promise<void> {
  const at = new Date(now.getTime() + MINUTE);
  await tx
    .updateTable('project')
    .set({ reconcileRound: 0, reconcileAt: sql<Date>`least(coalesce(reconcile_at, ${at}), ${at})` })
    .where('id', '=', projectId)
    .execute();
}

/** The same when a process that carried out an operation ended, or broke off, between a request and its answer. */
export async function noteLostCalls(
  tx: Db | Tx,
  { operationId, projectId }: { operationId: string; projectId: string },
  now: Date,
): Promise<void> {
  const lost = await tx
    .selectFrom('upstreamCall')
    .select('seq')
    .where('operationId', '=', operationId)
    .where('outcome', 'is', null)
    .limit(1)
    .execute();
  if (lost.length > 0) await noteDoubt(tx, projectId, now);
}
