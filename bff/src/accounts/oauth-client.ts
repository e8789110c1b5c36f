/** What the other grants of our OAuth client met lately: tells one dead grant from a spell in which all are refused. */
import type { Db } from '../db/connect.ts';
import { clientFingerprint } from '../providers/oauth.ts';
import type { Provider } from '../providers/provider.ts';
import { SPELL } from './judge-refusal.ts';

/** Remembers that the provider refreshed a grant of this very client, id and secret. */
export async function noteRefreshed(db: Db, provider: Provider, now: Date): Promise<void> {
  const row = { provider: provider.facts.id, fingerprint: clientFingerprint(provider), refreshedAt: now };
  await db
    .insertInto('oauthClient')
    .values(row)
    .onConflict((conflict) => conflict.columns(['provider', 'fingerprint']).doUpdateSet({ refreshedAt: now }))
    .execute();
}

/** Whether another grant was refused within the length of a spell, and none was refreshed since. */
export async function isInSpell(
  db: Db,
  provider: Provider,
  connectionId: string,
  now: Date,
): Promise<boolean> {
  const [refused, client] = await Promise.all([
    db
      .selectFrom('grant')
      .innerJoin('connection', 'connection.id', 'grant.connectionId')
      .select((eb) => eb.fn.max('grant.lastRefusedAt').as('at'))
      .where('connection.provider', '=', provider.facts.id)
      .where('grant.connectionId', '!=', connectionId)
      .executeTakeFirst(),
    db
      .selectFrom('oauthClient')
      .select('refreshedAt')
      .where('provider', '=', provider.facts.id)
      .where('fingerprint', '=', clientFingerprint(provider))
      .executeTakeFirst(),
  ]);
  const lastRefusal = refused?.at?.getTime();
  if (lastRefusal === undefined || now.getTime() - lastRefusal >= SPELL) return false;
  return !client || client.refreshedAt.getTime() <= lastRefusal;
}
