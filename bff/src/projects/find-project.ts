/** The project that an address names, as the person who asks belongs to its organization. */
import { createMiddleware } from 'hono/factory';
import type { Db, Tx } from '../db/connect.ts';
import type { ProjectRow, Role } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { findMembership } from '../organizations/membership.ts';
import { problem } from '../problem.ts';
import type { SessionEnv } from '../session/middleware.ts';
import { isProjectName, nameKey } from './project-name.ts';

export type FoundProject = {
  project: ProjectRow;
  organization: { id: string; slug: string; name: string };
  role: Role;
};

/** To someone who is no member, and when it was deleted, it is as if it were not there. */
export async function findProject(
  db: Db,
  names: { organization: string; project: string; profileId: string },
): Promise<FoundProject | undefined> {
  if (!isProjectName(names.project)) return undefined;
  const membership = await findMembership(db, names.organization, names.profileId);
  if (!membership) return undefined;
  const project = await db
    .selectFrom('project')
    .selectAll()
    .where('organizationId', '=', membership.id)
    .where('nameKey', '=', nameKey(names.project))
    .where('state', '<>', 'deleted')
    .executeTakeFirst();
  if (!project) return undefined;
  const { id, slug, name, role } = membership;
  return { project, organization: { id, slug, name }, role };
}

/** The same by its id: how a stream that is open sees whether it may go on, and what came of the project. */
export async function findProjectById(
  db: Db | Tx,
  { projectId, profileId }: { projectId: string; profileId: string },
): Promise<FoundProject | undefined> {
  const row = await db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organizationId')
    .innerJoin('membership', 'membership.organizationId', 'project.organizationId')
    .selectAll('project')
    .select(['organization.slug', 'organization.name as organizationName', 'membership.role'])
    .where('project.id', '=', projectId)
    .where('membership.profileId', '=', profileId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { slug, organizationName: name, role, ...project } = row;
  return { project, organization: { id: project.organizationId, slug, name }, role };
}

export type ProjectEnv = { Variables: SessionEnv['Variables'] & { found: FoundProject } };

/** Finds the project of `:org` and `:project`; to change it takes more than being a member. */
export function requireProject({ db }: Pick<Deps, 'db'>, wanted: 'look' | 'change') {
  return createMiddleware<ProjectEnv>(async (c, next) => {
    const found = await findProject(db, {
      organization: c.req.param('org') ?? '',
      project: c.req.param('project') ?? '',
      profileId: c.var.session.profileId,
    });
    if (!found) return problem(c, 'not-found');
    if (wanted === 'change' && found.role === 'member') return problem(c, 'not-allowed');
    c.set('found', found);
    return next();
  });
}
