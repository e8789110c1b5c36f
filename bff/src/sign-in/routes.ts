/** Logging in and out: the walk to a provider and back. */
import { Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import type { StartPage } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { isInvitation } from '../pages.ts';
import { problem } from '../problem.ts';
import { findProvider } from '../providers/configured.ts';
import { safeReturnTo } from '../return-to.ts';
import {
  clearSessionCookie,
  ensureBrowserCookie,
  readBrowserCookie,
  readSessionCookie,
  setSessionCookie,
} from '../session/cookies.ts';
import { requireSession, withSession } from '../session/middleware.ts';
import { endAllSessions, endSession, startSession } from '../session/session.ts';
import { readAttempt } from './attempt.ts';
import { type Finished, finishSignIn } from './finish.ts';
import type { SignInProblem } from './outcome.ts';
import { startSignIn } from './start.ts';

const Start = z.strictObject({ page: z.enum(['sign-up', 'log-in']), returnTo: z.string().optional() });

const ADDRESS: Record<StartPage, string> = { 'sign-up': '/signup', 'log-in': '/login', account: '/account' };

/** The page's own addresses, below `/api`. */
export function signInRoutes(deps: Deps) {
  return new Hono()
    .post('/sign-in/:provider', readBody(Start), async (c) => {
      const provider = findProvider(deps.providers, c.req.param('provider'));
      if (!provider) return problem(c, 'provider-not-configured');
      const { page, returnTo } = c.req.valid('json');
      const browser = ensureBrowserCookie(c);
      const walk = {
        page,
        profileId: null,
        returnTo: safeReturnTo(returnTo, deps.config.publicUrl),
        browser,
      };
      return c.json({ location: await startSignIn(deps, provider, walk) }, 200);
    })
    .post('/connections/:provider/grant', requireSession(deps), async (c) => {
      const provider = findProvider(deps.providers, c.req.param('provider'));
      if (!provider) return problem(c, 'provider-not-configured');
      const browser = ensureBrowserCookie(c);
      const walk = { page: 'account', profileId: c.var.session.profileId, returnTo: null, browser } as const;
      return c.json({ location: await startSignIn(deps, provider, walk) }, 200);
    })
    .get('/sign-in-attempts/:id', async (c) => {
      const browser = readBrowserCookie(c);
      const id = c.req.param('id');
      const known = browser && z.uuid().safeParse(id).success;
      const attempt = known ? await readAttempt(deps.db, id, browser, deps.now()) : undefined;
      const provider = attempt && deps.providers.get(attempt.provider);
      if (!attempt || !provider) return problem(c, 'not-found');
      return c.json(
        {
          id: attempt.id,
          provider: attempt.provider,
          providerName: provider.facts.name,
          authorizedAppsUrl: provider.config.webUrl + provider.facts.authorizedAppsPath,
          page: attempt.page,
          at: (attempt.consumedAt ?? attempt.startedAt).toISOString(),
          problem: attempt.problem as SignInProblem | null,
        },
        200,
      );
    })
    .post('/log-out', requireSession(deps), async (c) => {
      // Everywhere: a person who logs out because a device was lost must not have to find that device first.
      await endAllSessions(deps.db, c.var.session.profileId);
      clearSessionCookie(c);
      c.header('Clear-Site-Data', '"storage"');
      return c.json({}, 200);
    });
}

/** The address that providers send people back to. */
export function callbackRoutes(deps: Deps) {
  return new Hono().get('/auth/:provider/callback', withSession(deps), async (c) => {
    // Something that only looks at the address must not spend it.
    if (c.req.raw.method === 'HEAD') return c.body(null, 204);
    const provider = findProvider(deps.providers, c.req.param('provider'));
    if (!provider) return c.redirect('/login?attempt=unknown', 303);
    const finished = await finishSignIn(deps, {
      provider,
      callback: new URL(c.req.url).searchParams,
      browser: readBrowserCookie(c),
      sessionProfileId: c.var.session?.profileId ?? null,
    });
    if (!finished.ok) {
      // Without a session the account page would only send them on to log in, and the sentence would be lost.
      const page = finished.page === 'account' && !c.var.session ? 'log-in' : finished.page;
      const query = new URLSearchParams({ attempt: finished.attemptId ?? 'unknown' });
      if (finished.returnTo) query.set('return-to', finished.returnTo);
      return c.redirect(`${ADDRESS[page]}?${query}`, 303);
    }
    // Always a new session, never the one that was there before: a planted cookie gains nothing.
    const before = readSessionCookie(c);
    if (before) await endSession(deps.db, before);
    setSessionCookie(c, await startSession(deps.db, finished.profileId, deps.now()));
    return c.redirect(await nextPage(deps, finished), 303);
  });
}

async function nextPage(
  { db }: Deps,
  { profileId, created, attempt }: Finished & { ok: true },
): Promise<string> {
  if (attempt.page === 'account') return ADDRESS.account;
  // Someone new has no organization to go to, unless an invitation brought them here.
  if (attempt.returnTo && (!created || isInvitation(attempt.returnTo))) return attempt.returnTo;
  const organization = await db
    .selectFrom('membership')
    .innerJoin('organization', 'organization.id', 'membership.organizationId')
    .select('organization.slug')
    .where('membership.profileId', '=', profileId)
    .orderBy('membership.createdAt')
    .executeTakeFirst();
  return organization ? `/organizations/${organization.slug}` : '/organizations/new';
}
