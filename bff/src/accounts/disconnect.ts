/** Takes a connection away: identity and tokens here, and the permission at the provider where it has a call for that. */
import type { Deps } from '../deps.ts';
import { makeLooksDue } from '../projects/look-due.ts';
import type { Provider } from '../providers/provider.ts';
import { endAllSessions } from '../session/session.ts';
import { isLastWayIn } from './account.ts';

/**
 * `last-way-in`: refused, nothing changed. On success every session of the person has ended, since whoever came in
 * through this connection has no claim any more; the caller starts a new one for the browser that asked.
 */
export async function disconnect(
  deps: Deps,
  { profileId, provider }: { profileId: string; provider: Provider },
): Promise<'done' | 'not-connected' | 'last-way-in'> {
  const result = await deps.db.transaction().execute(async (tx) => {
    // All connections of the person are locked, so that two tabs cannot each take away the other's last way in.
    const rows = await tx
      .selectFrom('connection')
      .selectAll()
      .where('profileId', '=', profileId)
      .forUpdate()
      .execute();
    const connection = rows.find((row) => row.provider === provider.facts.id);
    if (!connection) return 'not-connected';
    if (isLastWayIn(deps, rows, provider.facts.id)) return 'last-way-in';
    const grant = await tx
      .deleteFrom('grant')
      .where('connectionId', '=', connection.id)
      .returning('accessToken')
      .executeTakeFirst();
    const place = `grant/${connection.id}/access_token` as const;
    const accessToken = grant && deps.sealer.open(grant.accessToken, place);
    await tx.deleteFrom('connection').where('id', '=', connection.id).execute();
    await makeLooksDue(tx, { tokenOwnerId: profileId, at: deps.now() });
    await endAllSessions(tx, profileId);
    return { accessToken, connectionId: connection.id };
  });
  if (typeof result === 'string') return result;
  deps.log.info({ connection: result.connectionId, provider: provider.facts.id }, 'disconnected');
  const { accessToken } = result;
  const { withdraw } = provider;
  // Afterwards: the person's part is done, and the page tells where to revoke the app at the provider.
  if (accessToken && withdraw) deps.background.run('withdraw', () => withdraw(accessToken));
  return 'done';
}
