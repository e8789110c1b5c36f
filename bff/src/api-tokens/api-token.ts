/** Tokens for the command line. Each acts as the person who made it, for as long as it is not revoked. */
import { randomUUID } from 'node:crypto';
import type { Db } from '../db/connect.ts';
import { hashToken, newToken } from '../session/token.ts';
import { readVisibleText } from '../visible-text.ts';

/** Tells people and secret scanners what it is. */
const PREFIX = 'sem_';
const LONGEST_NAME = 60;
/** Enough for every machine of a person; somebody who needs more forgot some. */
const MOST = 20;
/** Writing at every request would cost more than the precision is worth. */
const TOUCH_EVERY = 60_000;

export type ApiTokenView = { id: string; name: string; createdAt: string; lastUsedAt: string | null };
export type ApiTokensView = {
  tokens: ApiTokenView[];
  /** Where `sem` connects to: host, and port if it is not the scheme's own. */
  host: string;
  /** Whether that is https, which is all that `sem` speaks. */
  https: boolean;
};
/** Who a token acts as. */
export type Caller = { profileId: string; tokenId: string };

/** Whether a text can be a token of ours at all; everything else is not looked up. */
export function isApiToken(text: string): boolean {
  return /^sem_[A-Za-z0-9_-]{43}$/.test(text);
}

/** The name as it will be stored, or the sentence that says why it cannot be. */
export function readTokenName(text: string) {
  return readVisibleText(text, LONGEST_NAME);
}

/** All tokens of a person, the newest first. */
export async function listApiTokens(db: Db, profileId: string): Promise<ApiTokenView[]> {
  const rows = await db
    .selectFrom('apiToken')
    .select(['id', 'name', 'createdAt', 'lastUsedAt'])
    .where('profileId', '=', profileId)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(({ id, name, createdAt, lastUsedAt }) => ({
    id,
    name,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
}

/** Makes a token and returns its text, which is stored nowhere and cannot be shown again. */
export async function createApiToken(
  db: Db,
  { profileId, name, now }: { profileId: string; name: string; now: Date },
): Promise<{ id: string; text: string } | 'too-many-tokens'> {
  return db.transaction().execute(async (tx) => {
    // One after the other, so that two at once cannot both be the last one.
    await tx.selectFrom('profile').select('id').where('id', '=', profileId).forUpdate().execute();
    const { count } = await tx
      .selectFrom('apiToken')
      .select((eb) => eb.fn.countAll().as('count'))
      .where('profileId', '=', profileId)
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST) return 'too-many-tokens';
    const id = randomUUID();
    const text = PREFIX + newToken();
    await tx
      .insertInto('apiToken')
      .values({ id, profileId, name, tokenHash: hashToken(text), createdAt: now, lastUsedAt: null })
      .execute();
    return { id, text };
  });
}

/** Ends a token on every replica at once. False when this person has no such token. */
export async function revokeApiToken(
  db: Db,
  { profileId, id }: { profileId: string; id: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('apiToken')
    .where('id', '=', id)
    .where('profileId', '=', profileId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** Whoever a token acts as, or null when there is no such token. Notes that it was used, to the minute. */
export async function findCaller(db: Db, text: string, now: Date): Promise<Caller | null> {
  const row = await db
    .selectFrom('apiToken')
    .select(['id as tokenId', 'profileId', 'lastUsedAt'])
    .where('tokenHash', '=', hashToken(text))
    .executeTakeFirst();
  if (!row) return null;
  const { lastUsedAt, ...caller } = row;
  if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() >= TOUCH_EVERY) {
    const stale = new Date(now.getTime() - TOUCH_EVERY);
    await db
      .updateTable('apiToken')
      .set({ lastUsedAt: now })
      .where('id', '=', caller.tokenId)
      // Of many requests at once one writes.
      .where((eb) => eb.or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<=', stale)]))
      .execute();
  }
  return caller;
}
