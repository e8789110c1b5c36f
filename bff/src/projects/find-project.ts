/** The project that an address names, as the person who asks belongs to its organization. */
import { createMiddleware } from 'hono/factory';
import type { SelectQueryBuilder } from 'kysely';
import type { Db, Tx } from '../db/connect.ts';
import type { ProjectRow, Role, Tables } from '../db/schema.ts';
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

/**
 * To someone who is no member, and when it was deleted, it is as if it were not there. `endedSince`: one that was deleted,
 * or could not be made, after that time is found when nothing else has the name.
 */
async function findProject(
  db: Db,
  names: { organization: string; project: string; profileId: string; endedSince?: Date },
): Promise<FoundProject | undefined> {
  if (!isProjectName(names.project)) return undefined;
  const membership = await findMembership(db, names.organization, names.profileId);
  if (!membership) return undefined;
  const named = selectNamed(db, membership.id, names.project);
  const living = await named.where('state', '<>', 'deleted').executeTakeFirst();
  const project = living ?? (names.endedSince && (await findEnded(named, names.endedSince)));
  if (!project) return undefined;
  const { id, slug, name, role } = membership;
  return { project, organization: { id, slug, name }, role };
}

/** The project of this name, without case, in an organization that the caller belongs to. */
export async function findNamedProject(
  db: Db,
  { organizationId, name }: { organizationId: string; name: string },
): Promise<ProjectRow | undefined> {
  if (!isProjectName(name)) return undefined;
  return selectNamed(db, organizationId, name).where('state', '<>', 'deleted').executeTakeFirst();
}

function selectNamed(db: Db, organizationId: string, name: string) {
  return db
    .selectFrom('project')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('nameKey', '=', nameKey(name));
}

function findEnded(named: SelectQueryBuilder<Tables, 'project', ProjectRow>, since: Date) {
  return named
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('operation')
          .select('operation.id')
          .whereRef('operation.projectId', '=', 'project.id')
          .where('operation.kind', 'in', ['create', 'delete'])
          .where('operation.finishedAt', '>', since),
      ),
    )
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst();
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

/** The project of this name among all organizations of a person, when it is the only one there. */
export async function findOnlyProject(
  db: Db,
  { name, profileId }: { name: string; profileId: string },
): Promise<{ name: string; organization: string } | undefined> {
  if (!isProjectName(name)) return undefined;
  const [only, second] = await db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organizationId')
    .innerJoin('membership', 'membership.organizationId', 'project.organizationId')
    .select(['project.name', 'organization.slug as organization'])
    .where('project.nameKey', '=', nameKey(name))
    .where('project.state', '<>', 'deleted')
    .where('membership.profileId', '=', profileId)
    .limit(2)
    .execute();
  return second ? undefined : only;
}

export type ProjectEnv = { Variables: SessionEnv['Variables'] & { found: FoundProject } };

/** How long it can still be learned what became of a project that is no more. */
const REMEMBERED = 10 * 60_000;

/**
 * Finds the project of `:org` and `:project`; to change it takes more than being a member. `follow` also finds one that
 * ended lately: whoever deletes it comes to see what was removed, and may come too late.
 */
export function requireProject({ db, now }: Pick<Deps, 'db' | 'now'>, wanted: 'look' | 'follow' | 'change') {
  return createMiddleware<ProjectEnv>(async (c, next) => {
    const found = await findProject(db, {
      organization: c.req.param('org') ?? '',
      project: c.req.param('project') ?? '',
      profileId: c.var.session.profileId,
      ...(wanted === 'follow' ? { endedSince: new Date(now().getTime() - REMEMBERED) } : {}),
    });
    if (!found) return problem(c, 'not-found');
    if (wanted === 'change' && found.role === 'member') return problem(c, 'not-allowed');
    c.set('found', found);
    return next();
  });
}
