/** Who is asking. Identity comes from the session cookie alone; no header, query or body adds to it. */
import { createMiddleware } from 'hono/factory';
import type { Deps } from '../deps.ts';
import { problem } from '../problem.ts';
import { readSessionCookie } from './cookies.ts';
import { findSession, type Session } from './session.ts';

export type SessionEnv = { Variables: { session: Session } };
export type MaybeSessionEnv = { Variables: { session: Session | null } };

/** Finds the session, if there is one. */
export function withSession({ db, now }: Pick<Deps, 'db' | 'now'>) {
  return createMiddleware<MaybeSessionEnv>(async (c, next) => {
    const token = readSessionCookie(c);
    c.set('session', token ? await findSession(db, token, now()) : null);
    await next();
  });
}

/** Lets only logged-in people through; everyone else gets 401 `not-logged-in`. */
export function requireSession({ db, now }: Pick<Deps, 'db' | 'now'>) {
  return createMiddleware<SessionEnv>(async (c, next) => {
    const token = readSessionCookie(c);
    const session = token ? await findSession(db, token, now()) : null;
    if (!session) return problem(c, 'not-logged-in');
    c.set('session', session);
    return next();
  });
}
