/**
 * The background's looks at connections: those that nobody looks at are seen to be revoked, and kept from dying of
 * disuse. Any number of replicas share the work: a row's due time is moved before it is worked on.
 */
import { sql } from 'kysely';
import { lookAtConnection } from '../accounts/check.ts';
import type { Deps } from '../deps.ts';

/** How many connections one round takes; with a round every few seconds far below any provider's limits. */
const BATCH = 5;
/** A grant unused for this long is refreshed: well before Bitbucket's three months, even with outages between. */
const RENEW_AFTER = 7 * 86_400_000;

/** Looks at the connections that are due; returns how many that were. */
export async function sweepConnections(deps: Deps): Promise<number> {
  const now = deps.now();
  const due = await claimDue(deps, now);
  for (const { id, issuedAt } of due) {
    // A refresh that begins now might not end before the process does, and would take the grant with it.
    if (!deps.lifecycle.accepting) break;
    const renew = issuedAt !== null && now.getTime() - issuedAt.getTime() >= RENEW_AFTER;
    // One that cannot be looked at (a token that does not open) must not cost the others their turn.
    await lookAtConnection(deps, id, { renew }).catch((error: unknown) => {
      deps.log.error({ err: error, connection: id }, 'a connection could not be looked at');
    });
  }
  return due.length;
}

async function claimDue({ db, config }: Deps, now: Date): Promise<{ id: string; issuedAt: Date | null }[]> {
  // A tenth of spread, so that connections made together do not stay together for ever.
  const next = new Date(now.getTime() + config.sweepInterval * (0.95 + Math.random() / 10));
  const claimed = await sql<{ id: string; issued_at: Date | null }>`
    update connection set sweep_at = ${next}
    where id in (
      select id from connection where state = 'connected' and sweep_at <= ${now}
      order by sweep_at limit ${BATCH} for update skip locked
    )
    returning id, (select issued_at from "grant" where connection_id = connection.id) as issued_at`.execute(
    db.withoutPlugins(),
  );
  return claimed.rows.map((row) => ({ id: row.id, issuedAt: row.issued_at }));
}
