/** The background's looks at projects that nobody looks at. Any number of replicas share them. */
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { lookAtRepository } from './look.ts';

/** How many projects one round takes: with a round every few seconds far below any provider's limits. */
const BATCH = 5;

/** Looks at the projects that are due; returns how many that were. A look by anyone moves a project's turn. */
export async function sweepProjects(deps: Deps): Promise<number> {
  const due = await claimDue(deps);
  for (const id of due) {
    if (!deps.lifecycle.accepting) break;
    // One that cannot be looked at (a key that does not open) must not cost the others their turn.
    await lookAtRepository(deps, id, { fresh: true }).catch((error: unknown) => {
      deps.log.error({ err: error, project: id }, 'a project could not be looked at');
    });
  }
  return due.length;
}

async function claimDue({ db, config, now }: Deps): Promise<string[]> {
  const at = now();
  const next = new Date(at.getTime() + config.sweepInterval);
  const claimed = await sql<{ id: string }>`
    update project set look_due_at = ${next}
    where id in (
      select id from project where state = 'ready' and look_due_at <= ${at}
      order by look_due_at limit ${BATCH} for update skip locked
    )
    returning id`.execute(db.withoutPlugins());
  return claimed.rows.map(({ id }) => id);
}
