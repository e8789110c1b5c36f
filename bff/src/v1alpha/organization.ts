/** Which organization is meant: the one that the address names, or the only one that the token's owner belongs to. */
import { createMiddleware } from 'hono/factory';
import type { Role } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { findMembership, findMemberships } from '../organizations/membership.ts';
import type { CallerEnv } from './authenticate.ts';
import { refuse } from './refuse.ts';

export type OrganizationEnv = {
  Variables: CallerEnv['Variables'] & {
    organization: { id: string; slug: string; name: string; role: Role };
  };
};

/** Looked up for every request, so whoever is removed from an organization is out of it with the next one. */
export function requireOrganization({ config, db }: Pick<Deps, 'config' | 'db'>) {
  return createMiddleware<OrganizationEnv>(async (c, next) => {
    const { profileId } = c.var.caller;
    const named = c.req.param('org');
    const found =
      named === undefined
        ? await findMemberships(db, profileId)
        : [await findMembership(db, named, profileId)].filter((each) => each !== undefined);
    const [first, second] = found;
    if (first && second) {
      const names = found.map(({ slug }) => slug).join(', ');
      const way = `Connect with HOST/organizations/NAME, NAME being one of: ${names}.`;
      return refuse(c, 400, `Your token belongs to several organizations. ${way}`);
    }
    if (!first) {
      const none = `You belong to no organization yet. Create one at ${config.publicUrl}/organizations/new.`;
      return refuse(c, 404, named === undefined ? none : 'Not found');
    }
    const { id, slug, name, role } = first;
    c.set('organization', { id, slug, name, role });
    return next();
  });
}
