/** When each provider last accepted our OAuth client: a witness that tells a dead grant from a wrong client. */
import type { Db } from '../db/connect.ts';
import { clientFingerprint } from '../providers/oauth.ts';
import type { Provider } from '../providers/provider.ts';

/** Remembers that the token endpoint issued tokens to this client. */
export async function noteClientAccepted(db: Db, provider: Provider, now: Date): Promise<void> {
  const row = { provider: provider.facts.id, fingerprint: clientFingerprint(provider), acceptedAt: now };
  await db
    .insertInto('oauthClient')
    .values(row)
    .onConflict((conflict) => conflict.columns(['provider', 'fingerprint']).doUpdateSet({ acceptedAt: now }))
    .execute();
}

/** When the provider last accepted this very client, id and secret; null: never yet. */
export async function clientAcceptedAt(db: Db, provider: Provider): Promise<Date | null> {
  const row = await db
    .selectFrom('oauthClient')
    .select('acceptedAt')
    .where('provider', '=', provider.facts.id)
    .where('fingerprint', '=', clientFingerprint(provider))
    .executeTakeFirst();
  return row?.acceptedAt ?? null;
}
