/** Who is looking, and what this installation offers: what every page needs before anything else. */
import { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { withSession } from './session/middleware.ts';

export function viewerRoutes(deps: Deps) {
  const { config, db, providers } = deps;
  return new Hono().get('/session', withSession(deps), async (c) => {
    const profileId = c.var.session?.profileId;
    const [profile, organizations] = profileId
      ? await Promise.all([
          db
            .selectFrom('profile')
            .select(['id', 'screenName', 'email', 'avatarUrl'])
            .where('id', '=', profileId)
            .executeTakeFirstOrThrow(),
          db
            .selectFrom('membership')
            .innerJoin('organization', 'organization.id', 'membership.organizationId')
            .select(['organization.slug', 'organization.name', 'membership.role'])
            .where('membership.profileId', '=', profileId)
            .orderBy('membership.createdAt')
            .execute(),
        ])
      : [null, []];
    return c.json(
      {
        profile,
        organizations,
        providers: [...providers.values()].map(({ facts }) => ({
          id: facts.id,
          name: facts.name,
          beta: facts.beta,
        })),
        sandboxUrl: config.sandboxUrl,
        supportUrl: config.supportUrl,
      },
      200,
    );
  });
}
