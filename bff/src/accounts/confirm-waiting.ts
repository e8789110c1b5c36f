/** The person's word on a connection that waits: connect it to this profile, or forget it. */
import { isUniqueViolation } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { endAllSessions } from '../session/session.ts';
import { connectAccount } from './connect.ts';
import { takeWaiting } from './waiting.ts';

type Who = { id: string; profileId: string; browser: string };

/**
 * Connects the account that waits, in the place of another account of the same provider if there is one. All sessions of
 * the person end: whoever came in through the account that was there before has no claim any more.
 */
export async function confirmWaiting(
  deps: Deps,
  { id, profileId, browser }: Who,
): Promise<'done' | 'waiting-gone' | 'account-owned-by-another'> {
  try {
    const replaced = await deps.db.transaction().execute(async (tx) => {
      const waiting = await takeWaiting(tx, deps.sealer, { id, profileId, browser, now: deps.now() });
      const provider = waiting && deps.providers.get(waiting.provider);
      if (!waiting || !provider) return 'waiting-gone';
      const { account, tokens, issuedAt } = waiting;
      const before = await tx
        .selectFrom('connection')
        .leftJoin('grant', 'grant.connectionId', 'connection.id')
        .select(['connection.id', 'connection.accountId', 'grant.accessToken'])
        .where('connection.profileId', '=', profileId)
        .where('connection.provider', '=', provider.facts.id)
        .executeTakeFirst();
      const token =
        before?.accessToken && before.accountId !== account.accountId
          ? deps.sealer.open(before.accessToken, `grant/${before.id}/access_token`)
          : null;
      await connectAccount(tx, deps, { profileId, provider, account, tokens, at: issuedAt });
      await endAllSessions(tx, profileId);
      return { token, provider };
    });
    if (typeof replaced === 'string') return replaced;
    const { token, provider } = replaced;
    const { withdraw } = provider;
    if (token && withdraw) deps.background.run('withdraw', () => withdraw(token));
    return 'done';
  } catch (error) {
    // Someone else's profile was connected to this account while it waited. The transaction kept it waiting.
    if (isUniqueViolation(error)) return 'account-owned-by-another';
    throw error;
  }
}

/** Forgets the account that waits, and asks the provider to forget the grant. */
export async function discardWaiting(deps: Deps, who: Who): Promise<'done' | 'waiting-gone'> {
  const waiting = await deps.db
    .transaction()
    .execute((tx) => takeWaiting(tx, deps.sealer, { ...who, now: deps.now() }));
  if (!waiting) return 'waiting-gone';
  const connected = await deps.db
    .selectFrom('connection')
    .select('id')
    .where('provider', '=', waiting.provider)
    .where('accountId', '=', waiting.account.accountId)
    .executeTakeFirst();
  // GitHub withdraws all tokens of a person at once, and by now someone may be connected with others of them.
  const withdraw = deps.providers.get(waiting.provider)?.withdraw;
  if (!connected && withdraw) deps.background.run('withdraw', () => withdraw(waiting.tokens.accessToken));
  return 'done';
}
