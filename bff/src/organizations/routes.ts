/** Creating an organization, and reading one. */
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import { isUniqueViolation } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { problem } from '../problem.ts';
import { requireSession } from '../session/middleware.ts';
import { findMembership } from './membership.ts';
import { checkName, checkSlug } from './slug.ts';

const NewOrganization = z.strictObject({ name: z.string(), slug: z.string() });

export function organizationRoutes(deps: Deps) {
  const { db } = deps;
  return new Hono()
    .post('/organizations', requireSession(deps), readBody(NewOrganization), async (c) => {
      const body = c.req.valid('json');
      const name = checkName(body.name);
      if (!name.ok) return problem(c, 'invalid-name', name.why);
      const slug = checkSlug(body.slug);
      if (!slug.ok) return problem(c, 'invalid-slug', slug.why);
      const { profileId } = c.var.session;
      const id = randomUUID();
      const createdAt = deps.now();
      try {
        await db.transaction().execute(async (tx) => {
          await tx
            .insertInto('organization')
            .values({ id, name: name.value, slug: slug.value, createdAt })
            .execute();
          const owner = { organizationId: id, profileId, role: 'owner', createdAt } as const;
          await tx.insertInto('membership').values(owner).execute();
        });
      } catch (error) {
        if (isUniqueViolation(error)) return problem(c, 'slug-taken');
        throw error;
      }
      return c.json({ slug: slug.value }, 201);
    })
    .get('/organizations/:org', requireSession(deps), async (c) => {
      const organization = await findMembership(db, c.req.param('org'), c.var.session.profileId);
      if (!organization) return problem(c, 'not-found');
      const { slug, name, role, createdAt } = organization;
      return c.json({ slug, name, role, createdAt: createdAt.toISOString() }, 200);
    });
}
