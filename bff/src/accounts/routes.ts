/** The account page's addresses: who one is, and one's connections. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import { findDependentProjects } from '../dependent-projects.ts';
import type { Deps } from '../deps.ts';
import { problem } from '../problem.ts';
import { findProvider } from '../providers/configured.ts';
import { readBrowserCookie, setSessionCookie } from '../session/cookies.ts';
import { requireSession } from '../session/middleware.ts';
import { startSession } from '../session/session.ts';
import { readAccount, readConnection, readConnections } from './account.ts';
import { lookAtConnection } from './check.ts';
import { confirmWaiting, discardWaiting } from './confirm-waiting.ts';
import { disconnect } from './disconnect.ts';
import { readScreenName } from './screen-name.ts';

const AccountChange = z.strictObject({ screenName: z.string() });

export function accountRoutes(deps: Deps) {
  const { db, now } = deps;
  const session = requireSession(deps);

  return new Hono()
    .get('/account', session, async (c) => {
      return c.json(await readAccount(deps, c.var.session.profileId, readBrowserCookie(c)), 200);
    })
    .patch('/account', session, readBody(AccountChange), async (c) => {
      const { profileId } = c.var.session;
      const screenName = readScreenName(c.req.valid('json').screenName);
      if (!screenName.ok) return problem(c, 'invalid-screen-name', screenName.why);
      await db
        .updateTable('profile')
        .set({ screenName: screenName.value })
        .where('id', '=', profileId)
        .execute();
      return c.json(await readAccount(deps, profileId, readBrowserCookie(c)), 200);
    })
    .post('/connections/:provider/check', session, async (c) => {
      const provider = findProvider(deps.providers, c.req.param('provider'));
      if (!provider) return problem(c, 'provider-not-configured');
      const { profileId } = c.var.session;
      const rows = await readConnections(deps, profileId);
      const connection = rows.find((row) => row.provider === provider.facts.id);
      if (connection) await lookAtConnection(deps, connection.id);
      return c.json(await readConnection(deps, profileId, provider), 200);
    })
    .get('/connections/:provider/impact', session, async (c) => {
      const provider = findProvider(deps.providers, c.req.param('provider'));
      if (!provider) return problem(c, 'provider-not-configured');
      const { profileId } = c.var.session;
      const connection = await readConnection(deps, profileId, provider);
      if (!connection.account) return problem(c, 'not-connected');
      const projects = await findDependentProjects(db, profileId, { provider: provider.facts.id });
      return c.json({ projects, lastWayIn: connection.lastWayIn }, 200);
    })
    .delete('/connections/:provider', session, async (c) => {
      const provider = findProvider(deps.providers, c.req.param('provider'));
      if (!provider) return problem(c, 'provider-not-configured');
      const { profileId } = c.var.session;
      const result = await disconnect(deps, { profileId, provider });
      if (result !== 'done') return problem(c, result);
      await renewSession(c, profileId);
      return c.json(await readConnection(deps, profileId, provider), 200);
    })
    .post('/waiting-connections/:id/confirm', session, async (c) => {
      const who = waitingFor(c, c.var.session.profileId);
      if (!who) return problem(c, 'waiting-gone');
      const result = await confirmWaiting(deps, who);
      if (result !== 'done') return problem(c, result);
      await renewSession(c, who.profileId);
      // It may have waited for long: what it is worth now, its provider has to say.
      const rows = await readConnections(deps, who.profileId);
      await Promise.all(rows.map((row) => lookAtConnection(deps, row.id)));
      return c.json(await readAccount(deps, who.profileId, who.browser), 200);
    })
    .delete('/waiting-connections/:id', session, async (c) => {
      const who = waitingFor(c, c.var.session.profileId);
      if (!who) return problem(c, 'waiting-gone');
      const result = await discardWaiting(deps, who);
      if (result !== 'done') return problem(c, result);
      return c.json(await readAccount(deps, who.profileId, who.browser), 200);
    });

  async function renewSession(c: Context, profileId: string): Promise<void> {
    setSessionCookie(c, await startSession(db, profileId, now()));
  }
}

function waitingFor(c: Context, profileId: string) {
  const browser = readBrowserCookie(c);
  const id = c.req.param('id') ?? '';
  return browser && z.uuid().safeParse(id).success ? { id, profileId, browser } : null;
}
