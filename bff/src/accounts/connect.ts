/** Ties an account at a provider to a profile, with the grant that came with it. */
import { randomUUID } from 'node:crypto';
import type { Tx } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import { makeLooksDue } from '../projects/look-due.ts';
import type { Tokens } from '../providers/oauth.ts';
import type { Account, Provider } from '../providers/provider.ts';
import { missingScopes, storeGrant } from './grant.ts';

export type NewConnection = {
  profileId: string;
  provider: Provider;
  account: Account;
  tokens: Tokens;
  /** When the provider vouched for the account and issued the tokens. */
  at: Date;
};

/**
 * Connects, connects again, or puts another account in the place of the one before: a profile has one connection for
 * each provider. Fails with a unique violation when the account is another profile's.
 */
export async function connectAccount(
  tx: Tx,
  { sealer, config }: Pick<Deps, 'sealer' | 'config'>,
  input: NewConnection,
) {
  const { profileId, provider, account, tokens, at } = input;
  const proved = {
    accountId: account.accountId,
    nickname: account.nickname,
    accountUrl: account.url,
    state: 'connected',
    reason: null,
    reasonAt: null,
    confirmedAt: at,
    checkedAt: at,
    fault: null,
    faultRetryAt: null,
    missingScopes: missingScopes(provider, tokens.scopes ?? []),
    sweepAt: new Date(at.getTime() + config.sweepInterval),
  } as const;

  const before = await tx
    .selectFrom('connection')
    .select(['id', 'accountId', 'state', 'connectedAt'])
    .where('profileId', '=', profileId)
    .where('provider', '=', provider.facts.id)
    .forUpdate()
    .executeTakeFirst();

  const connectionId = before?.id ?? randomUUID();
  if (before) {
    const goesOn = before.state === 'connected' && before.accountId === account.accountId;
    const connectedAt = goesOn ? before.connectedAt : at;
    await tx
      .updateTable('connection')
      .set({ ...proved, connectedAt })
      .where('id', '=', connectionId)
      .execute();
  } else {
    const identity = { id: connectionId, profileId, provider: provider.facts.id, connectedAt: at };
    await tx
      .insertInto('connection')
      .values({ ...identity, ...proved })
      .execute();
  }
  await storeGrant(tx, { sealer, connectionId, tokens, now: at });
  await makeLooksDue(tx, { tokenOwnerId: profileId, at });
}
