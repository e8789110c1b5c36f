import { Hono } from 'hono';
import { bearerToken, grantOf } from '../grants.ts';
import type { Place } from '../place.ts';
import { findPerson } from '../world.ts';

/** GitLab's API as far as reading one's profile goes. */
export function gitlabApi(place: Place): Hono {
  const { world, origins } = place;
  const app = new Hono({ strict: false });

  app.get('/user', (c) => {
    const token = bearerToken(c.req.header('authorization'));
    if (token === null) return c.json({ message: '401 Unauthorized' }, 401);
    const grant = grantOf(world, 'gitlab', token);
    const person = grant?.person ? findPerson(world, 'gitlab', grant.person) : undefined;
    if (!grant || !person) {
      return c.json(
        {
          error: 'invalid_token',
          error_description: 'Token was revoked. You have to re-authorize from the user.',
        },
        401,
      );
    }
    if (!grant.scopes.some((scope) => scope === 'read_user' || scope === 'api' || scope === 'read_api')) {
      return c.json(
        {
          error: 'insufficient_scope',
          error_description: 'The request requires higher privileges than provided by the access token.',
          scope: 'read_user api read_api',
        },
        403,
      );
    }
    const primary = person.emails.find((each) => each.primary);
    return c.json({
      id: Number(person.id),
      username: person.nickname,
      name: person.name,
      state: 'active',
      avatar_url: `${origins.gitlab}/sandbox/avatars/${person.id}.svg`,
      web_url: `${origins.gitlab}/${person.nickname}`,
      created_at: person.createdOn,
      email: primary?.email ?? null,
      // Null as long as the primary address was not confirmed.
      confirmed_at: primary?.confirmed ? person.createdOn : null,
      commit_email: primary?.email ?? null,
    });
  });

  app.all('*', (c) => c.json({ error: '404 Not Found' }, 404));
  return app;
}
