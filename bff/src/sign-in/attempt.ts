/** One walk to a provider and back: started once, bound to a browser, a provider and a page, ended once. */
import { randomUUID } from 'node:crypto';
import { WAITING } from '../accounts/waiting.ts';
import type { Db, Tx } from '../db/connect.ts';
import type { StartPage } from '../db/schema.ts';
import type { ProviderId } from '../providers/provider.ts';
import type { Sealer } from '../seal.ts';
import { hashToken, newToken } from '../session/token.ts';
import type { SignInProblem } from './outcome.ts';

/** How long a person may take at the provider. */
const WALK = 10 * 60_000;

export type Attempt = {
  id: string;
  provider: ProviderId;
  page: StartPage;
  profileId: string | null;
  returnTo: string | null;
  verifier: string | null;
};

/** Records the start and returns the state for the address bar of the provider. */
export async function startAttempt(
  { db, sealer, now }: { db: Db; sealer: Sealer; now: () => Date },
  input: Omit<Attempt, 'id'> & { browser: string },
): Promise<string> {
  const id = randomUUID();
  const state = newToken();
  const { browser, verifier, returnTo, ...rest } = input;
  await db
    .insertInto('signInAttempt')
    .values({
      id,
      ...rest,
      stateHash: hashToken(state),
      browserHash: hashToken(browser),
      verifier: verifier && sealer.seal(verifier, `sign_in_attempt/${id}/verifier`),
      // It may be the link of an invitation, which lets in whoever has it.
      returnTo: returnTo && sealer.seal(returnTo, `sign_in_attempt/${id}/return_to`),
      startedAt: now(),
    })
    .execute();
  return state;
}

/** `unknown`: no such walk in this browser at this provider; nothing was touched, and nothing can be said of it. */
export type Consumed =
  | { kind: 'ok' | 'replayed' | 'expired'; attempt: Attempt; state: string }
  | { kind: 'unknown' };

/** Ends a walk by its callback. Of any number of callbacks with one state, on any replica, one gets `ok`. */
export async function consumeAttempt(
  { db, sealer, now }: { db: Db; sealer: Sealer; now: () => Date },
  input: { state: string[]; browser: string; provider: ProviderId },
): Promise<Consumed> {
  const [state, ...more] = input.state;
  if (!state || more.length > 0) return { kind: 'unknown' };
  const row = await db
    .selectFrom('signInAttempt')
    .selectAll()
    .where('stateHash', '=', hashToken(state))
    .where('browserHash', '=', hashToken(input.browser))
    .where('provider', '=', input.provider)
    .executeTakeFirst();
  if (!row) return { kind: 'unknown' };

  const { id, provider, page, profileId } = row;
  const at = now();
  const taken = await db
    .updateTable('signInAttempt')
    .set({ consumedAt: at })
    .where('id', '=', id)
    .where('consumedAt', 'is', null)
    .executeTakeFirst();
  const verifier = row.verifier && sealer.open(row.verifier, `sign_in_attempt/${id}/verifier`);
  const returnTo = row.returnTo && sealer.open(row.returnTo, `sign_in_attempt/${id}/return_to`);
  const attempt = { id, provider, page, profileId, returnTo, verifier };
  if (taken.numUpdatedRows === 0n) return { kind: 'replayed', attempt, state };
  if (at.getTime() - row.startedAt.getTime() > WALK) return { kind: 'expired', attempt, state };
  return { kind: 'ok', attempt, state };
}

/** Keeps what went wrong for the page that the person comes back to. */
export async function recordProblem(db: Db | Tx, attemptId: string, problem: SignInProblem): Promise<void> {
  await db
    .updateTable('signInAttempt')
    .set({ problem: JSON.stringify(problem) })
    .where('id', '=', attemptId)
    .execute();
}

/** The newest walk of this browser to this provider that has not ended yet; nothing is spent by looking. */
export async function findOpenAttempt(
  { db, now }: { db: Db; now: () => Date },
  { browser, provider }: { browser: string; provider: ProviderId },
): Promise<{ page: StartPage } | undefined> {
  return db
    .selectFrom('signInAttempt')
    .select('page')
    .where('browserHash', '=', hashToken(browser))
    .where('provider', '=', provider)
    .where('consumedAt', 'is', null)
    .where('startedAt', '>', new Date(now().getTime() - WALK))
    .orderBy('startedAt', 'desc')
    .executeTakeFirst();
}

/** A callback that came twice gets a record of its own: the first one's result must stay as it is. */
export async function recordReplay(
  { db, now }: { db: Db; now: () => Date },
  { provider, page, profileId }: Attempt,
  browser: string,
): Promise<string> {
  const id = randomUUID();
  const at = now();
  await db
    .insertInto('signInAttempt')
    .values({
      id,
      stateHash: hashToken(newToken()),
      browserHash: hashToken(browser),
      provider,
      page,
      profileId,
      startedAt: at,
      consumedAt: at,
      problem: JSON.stringify({ code: 'attempt-replayed' } satisfies SignInProblem),
    })
    .execute();
  return id;
}

/** What the page may know of a walk: only in the browser that made it, and only for a while. */
export async function readAttempt(db: Db, id: string, browser: string, now: Date) {
  return db
    .selectFrom('signInAttempt')
    .select(['id', 'provider', 'page', 'problem', 'startedAt', 'consumedAt'])
    .where('id', '=', id)
    .where('browserHash', '=', hashToken(browser))
    .where('startedAt', '>', new Date(now.getTime() - WALK - WAITING))
    .executeTakeFirst();
}

/** Deletes walks whose time is over, with the tokens that still wait in them. */
export async function purgeAttempts(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('signInAttempt')
    .where('startedAt', '<=', new Date(now.getTime() - WALK - WAITING))
    .execute();
}
