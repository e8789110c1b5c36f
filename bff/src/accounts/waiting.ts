/** Connections that wait for a person's word: the account is proved, but whose it should be is for them to say. */
import type { Db, Tx } from '../db/connect.ts';
import type { Tokens } from '../providers/oauth.ts';
import type { Account, ProviderId } from '../providers/provider.ts';
import type { Sealer } from '../seal.ts';
import { hashToken } from '../session/token.ts';

/** How long a connection waits for the person's word, in milliseconds. */
export const WAITING = 60 * 60_000;

export type Waiting = {
  id: string;
  kind: 'email-taken' | 'different-account';
  provider: ProviderId;
  account: Account;
  email: string | null;
  at: Date;
};

type StoredIdentity = { kind: Waiting['kind']; account: Account; email: string | null };

/** Keeps an account and its sealed tokens with the walk that brought them. */
export async function keepWaiting(
  db: Db | Tx,
  sealer: Sealer,
  input: { attemptId: string; profileId: string; identity: StoredIdentity; tokens: Tokens },
): Promise<void> {
  await db
    .updateTable('signInAttempt')
    .set({
      waitingProfileId: input.profileId,
      waitingIdentity: JSON.stringify(input.identity),
      waitingTokens: sealer.seal(
        JSON.stringify(input.tokens),
        `sign_in_attempt/${input.attemptId}/waiting_tokens`,
      ),
    })
    .where('id', '=', input.attemptId)
    .execute();
}

/** The newest connection that waits for this person in this browser. */
export async function findWaiting(
  db: Db,
  { profileId, browser, now }: { profileId: string; browser: string | undefined; now: Date },
): Promise<Waiting | null> {
  if (!browser) return null;
  const row = await waitingOf(db, profileId, browser, now).orderBy('consumedAt', 'desc').executeTakeFirst();
  if (!row?.waitingIdentity || !row.consumedAt) return null;
  const { kind, account, email } = row.waitingIdentity as StoredIdentity;
  return { id: row.id, kind, provider: row.provider, account, email, at: row.consumedAt };
}

/**
 * Takes a waiting connection out, once: of two confirmations only one gets it. Null when it is gone, belongs to another
 * person or came from another browser; those cannot be told apart from outside.
 */
export async function takeWaiting(
  tx: Tx,
  sealer: Sealer,
  { id, profileId, browser, now }: { id: string; profileId: string; browser: string; now: Date },
): Promise<{ provider: ProviderId; account: Account; tokens: Tokens; issuedAt: Date } | null> {
  const row = await waitingOf(tx, profileId, browser, now)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row?.waitingIdentity || !row.waitingTokens || !row.consumedAt) return null;
  await tx
    .updateTable('signInAttempt')
    .set({ waitingProfileId: null, waitingIdentity: null, waitingTokens: null, problem: null })
    .where('id', '=', id)
    .execute();
  const tokens = JSON.parse(sealer.open(row.waitingTokens, `sign_in_attempt/${id}/waiting_tokens`)) as Tokens;
  const { account } = row.waitingIdentity as StoredIdentity;
  return { provider: row.provider, account, tokens, issuedAt: row.consumedAt };
}

function waitingOf(db: Db | Tx, profileId: string, browser: string, now: Date) {
  return db
    .selectFrom('signInAttempt')
    .selectAll()
    .where('waitingProfileId', '=', profileId)
    .where('browserHash', '=', hashToken(browser))
    .where('consumedAt', '>', new Date(now.getTime() - WAITING));
}
