/** A person's API tokens, as the account page shows, makes and revokes them. A token itself opens none of these. */
import { Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import type { Deps } from '../deps.ts';
import { problem } from '../problem.ts';
import { requireSession } from '../session/middleware.ts';
import {
  type ApiTokensView,
  createApiToken,
  listApiTokens,
  readTokenName,
  revokeApiToken,
} from './api-token.ts';

const NewToken = z.strictObject({ name: z.string() });

export function apiTokenRoutes(deps: Deps) {
  const { config, db, now } = deps;
  const session = requireSession(deps);
  const { host, protocol } = new URL(config.publicUrl);

  return (
    new Hono()
      .get('/api-tokens', session, async (c) => c.json(await read(c.var.session.profileId), 200))
      // Without an Idempotency-Key: the answer to a repetition would have to show the token again, and so to keep it.
      // The page's button works once at a time; a token that was made twice after all is listed and can be revoked.
      .post('/api-tokens', session, readBody(NewToken), async (c) => {
        const { profileId } = c.var.session;
        const name = readTokenName(c.req.valid('json').name);
        if (!name.ok) return problem(c, 'invalid-name', name.why);
        const made = await createApiToken(db, { profileId, name: name.value, now: now() });
        if (made === 'too-many-tokens')
          return problem(c, made, 'Revoke one that is not used any more first.');
        return c.json({ ...made, ...(await read(profileId)) }, 201);
      })
      .delete('/api-tokens/:id', session, async (c) => {
        const { profileId } = c.var.session;
        const id = c.req.param('id');
        const revoked = z.uuid().safeParse(id).success && (await revokeApiToken(db, { profileId, id }));
        return revoked ? c.json(await read(profileId), 200) : problem(c, 'not-found');
      })
  );

  async function read(profileId: string): Promise<ApiTokensView> {
    return { tokens: await listApiTokens(db, profileId), host, https: protocol === 'https:' };
  }
}
