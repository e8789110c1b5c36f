import type { Context } from 'hono';
import { Hono } from 'hono';
import { authenticate, basicCredentials, bearerToken, dropGrants, grantOf } from '../grants.ts';
import type { Place } from '../place.ts';
import { revokeAccess } from '../play.ts';
import type { Grant } from '../state.ts';
import { findPerson } from '../world.ts';

const docs = 'https://docs.github.com/rest';

/** api.github.com, as far as reading one's profile and giving a grant back go; `base` is the path it is served under. */
export function githubApi(place: Place, base: string): Hono {
  const { world, origins } = place;
  const app = new Hono({ strict: false }).basePath(base);
  const refusal = (c: Context, status: 401 | 404 | 422, message: string) =>
    c.json({ message, documentation_url: docs, status: String(status) }, status);

  function credentials(c: Context): Grant | null {
    const header = c.req.header('authorization')?.replace(/^token /i, 'Bearer ');
    const token = bearerToken(header);
    const grant = token === null ? null : grantOf(world, 'github', token);
    if (grant) c.header('X-OAuth-Scopes', grant.scopes.join(', '));
    return grant;
  }

  app.get('/user', (c) => {
    const grant = credentials(c);
    const person = grant?.person ? findPerson(world, 'github', grant.person) : undefined;
    if (!person) return refusal(c, 401, 'Bad credentials');
    return c.json({
      login: person.nickname,
      id: Number(person.id),
      avatar_url: `${origins.github}/sandbox/avatars/${person.id}.svg`,
      html_url: `${origins.github}/${person.nickname}`,
      type: 'User',
      name: person.name,
      // Only an address that its owner made public; nobody here did.
      email: null,
      created_at: person.createdOn,
    });
  });

  app.get('/user/emails', (c) => {
    const grant = credentials(c);
    const person = grant?.person ? findPerson(world, 'github', grant.person) : undefined;
    if (!grant || !person) return refusal(c, 401, 'Bad credentials');
    if (!grant.scopes.some((scope) => scope === 'user:email' || scope === 'user'))
      return refusal(c, 404, 'Not Found');
    return c.json(
      person.emails.map((each) => ({
        email: each.email,
        primary: each.primary,
        verified: each.confirmed,
        visibility: each.primary ? 'private' : null,
      })),
    );
  });

  /** The grant of the token in the body, when the application itself asks. */
  async function named(c: Context) {
    const client = authenticate(world, 'github', basicCredentials(c.req.header('authorization')));
    if (!client || client.id !== c.req.param('client')) return null;
    const body: unknown = await c.req.json().catch(() => null);
    const token =
      typeof body === 'object' && body !== null && 'access_token' in body ? body.access_token : null;
    const grant = typeof token === 'string' ? grantOf(world, 'github', token) : null;
    return { client, grant: grant?.client === client.id ? grant : null };
  }
  app.delete('/applications/:client/grant', async (c) => {
    const found = await named(c);
    if (!found) return refusal(c, 404, 'Not Found');
    if (!found.grant?.person) return refusal(c, 422, 'Validation Failed');
    revokeAccess(world, 'github', found.grant.person, found.client.id);
    return c.body(null, 204);
  });
  app.delete('/applications/:client/token', async (c) => {
    const found = await named(c);
    if (!found) return refusal(c, 404, 'Not Found');
    const { grant } = found;
    if (!grant) return refusal(c, 422, 'Validation Failed');
    dropGrants(world, (each) => each.id === grant.id);
    return c.body(null, 204);
  });

  app.notFound((c) => refusal(c, 404, 'Not Found'));
  return app;
}
