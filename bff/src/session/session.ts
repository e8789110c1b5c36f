/** Sessions live on the server; the cookie only finds them. Every replica sees an end at once. */
import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../db/connect.ts';
import { hashToken, newToken } from './token.ts';

/** Without a request for this long a session ends. */
const IDLE = 14 * 86_400_000;
/** However busy, a session ends after this. */
const ABSOLUTE = 90 * 86_400_000;
/** Writing at every request would cost more than the precision is worth. */
const TOUCH_EVERY = 5 * 60_000;

export type Session = { id: string; profileId: string };

/** Starts a session and returns the value for the cookie, which is stored nowhere. */
export async function startSession(db: Db | Tx, profileId: string, now: Date): Promise<string> {
  const token = newToken();
  await db
    .insertInto('session')
    .values({ id: randomUUID(), tokenHash: hashToken(token), profileId, createdAt: now, seenAt: now })
    .execute();
  return token;
}

/** The live session of a cookie's value, or null when there is none or its time is over. */
export async function findSession(db: Db, token: string, now: Date): Promise<Session | null> {
  const row = await db
    .selectFrom('session')
    .selectAll()
    .where('tokenHash', '=', hashToken(token))
    .executeTakeFirst();
  if (!row) return null;
  const idle = now.getTime() - row.seenAt.getTime();
  if (idle > IDLE || now.getTime() - row.createdAt.getTime() > ABSOLUTE) return null;
  if (idle > TOUCH_EVERY)
    await db.updateTable('session').set({ seenAt: now }).where('id', '=', row.id).execute();
  return { id: row.id, profileId: row.profileId };
}

/** Ends one session, named by its cookie's value. Ending it twice is fine. */
export async function endSession(db: Db | Tx, token: string): Promise<void> {
  await db.deleteFrom('session').where('tokenHash', '=', hashToken(token)).execute();
}

/** Ends every session of a person, on every device. */
export async function endAllSessions(db: Db | Tx, profileId: string): Promise<void> {
  await db.deleteFrom('session').where('profileId', '=', profileId).execute();
}

/** Deletes what no cookie can revive. */
export async function purgeSessions(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('session')
    .where((eb) =>
      eb.or([
        eb('seenAt', '<', new Date(now.getTime() - IDLE)),
        eb('createdAt', '<', new Date(now.getTime() - ABSOLUTE)),
      ]),
    )
    .execute();
}
