/** "Check for missed pushes": compares the branch heads now, or in a moment when that was done a moment ago. */
import { sql } from 'kysely';
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { COMPARING } from '../workflows/heads.ts';

/** However often people press, Bitbucket is asked once in this time. */
const ENOUGH = 10_000;

export async function requestComparison(
  { db, jobs, now }: Deps,
  { id: projectId, repositoryUuid }: ProjectRow,
): Promise<void> {
  await jobs.ready();
  await db.transaction().execute(async (tx) => {
    const dueAt = new Date(now().getTime() + COMPARING);
    const claimed = await tx
      .insertInto('headComparison')
      .values({ projectId, repositoryUuid, webhookId: null, comparedAt: null, dueAt })
      .onConflict((conflict) =>
        conflict
          .column('projectId')
          .doUpdateSet({ dueAt })
          .where((eb) =>
            eb.or([
              eb('headComparison.comparedAt', 'is', null),
              eb('headComparison.comparedAt', '<', new Date(now().getTime() - ENOUGH)),
            ]),
          ),
      )
      .returning('projectId')
      .executeTakeFirst();
    if (claimed) return jobs.send(tx, 'heads', { projectId });
    // What was pushed since then is not missed: it falls due as soon as it may.
    await tx
      .updateTable('headComparison')
      .set((eb) => ({
        dueAt: sql<Date>`least(${eb.ref('dueAt')}, ${eb.ref('comparedAt')} + ${ENOUGH} * interval '1 millisecond')`,
      }))
      .where('projectId', '=', projectId)
      .execute();
  });
}
