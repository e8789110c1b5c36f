/** A grant is dead: its tokens go, and the connection says why. */
import type { EndReason } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { makeLooksDue } from '../projects/look-due.ts';

/**
 * Ends the connection's grant of this version. False when that version is no longer there: someone granted access
 * again, refreshed or disconnected meanwhile, and then nothing is changed.
 */
export async function endGrant(
  { db, log, now }: Pick<Deps, 'db' | 'log' | 'now'>,
  { connectionId, version, reason }: { connectionId: string; version: number; reason: EndReason },
): Promise<boolean> {
  const at = now();
  const ended = await db.transaction().execute(async (tx) => {
    // The connection first, as everyone else does: the other way round two transactions wait for each other.
    await tx.selectFrom('connection').select('id').where('id', '=', connectionId).forUpdate().execute();
    const deleted = await tx
      .deleteFrom('grant')
      .where('connectionId', '=', connectionId)
      .where('version', '=', version)
      .executeTakeFirst();
    if (deleted.numDeletedRows === 0n) return false;
    const { profileId } = await tx
      .updateTable('connection')
      .set({ state: 'not-connected', reason, reasonAt: at, checkedAt: at, fault: null, faultRetryAt: null })
      .where('id', '=', connectionId)
      .returning('profileId')
      .executeTakeFirstOrThrow();
    await makeLooksDue(tx, { tokenOwnerId: profileId, at });
    return true;
  });
  if (ended) log.info({ connection: connectionId, reason }, 'connection ended');
  return ended;
}
