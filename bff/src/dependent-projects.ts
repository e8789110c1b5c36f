/** Which projects depend on a person or on their connection, and who could take them over. */
import type { Db } from './db/connect.ts';
import type { ProviderId } from './providers/provider.ts';

/** A project whose token owner somebody is. */
type DependentProject = {
  name: string;
  organization: string;
  /** Its Repository tab, below our own address. */
  url: string;
  successors: { screenName: string }[];
};

/** `on`: one organization, or one provider's connection wherever it is used. */
export async function findDependentProjects(
  db: Db,
  profileId: string,
  on: { organizationId: string } | { provider: ProviderId },
): Promise<DependentProject[]> {
  // The one provider that keeps repositories for projects.
  if ('provider' in on && on.provider !== 'bitbucket') return [];
  let query = db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organizationId')
    .select([
      'project.name',
      'project.organizationId',
      'organization.name as organization',
      'organization.slug',
    ])
    .where('project.tokenOwnerId', '=', profileId)
    .where('project.state', '<>', 'deleted')
    .orderBy('organization.name')
    .orderBy('project.nameKey');
  if ('organizationId' in on) query = query.where('project.organizationId', '=', on.organizationId);
  const projects = await query.execute();
  if (projects.length === 0) return [];
  const able = await db
    .selectFrom('membership')
    .innerJoin('profile', 'profile.id', 'membership.profileId')
    .innerJoin('connection', 'connection.profileId', 'membership.profileId')
    .select(['membership.organizationId', 'profile.screenName'])
    .where('membership.organizationId', 'in', [...new Set(projects.map((each) => each.organizationId))])
    .where('membership.role', 'in', ['owner', 'admin'])
    .where('membership.profileId', '<>', profileId)
    .where('connection.provider', '=', 'bitbucket')
    .where('connection.state', '=', 'connected')
    .orderBy('membership.createdAt')
    .orderBy('profile.id')
    .execute();
  return projects.map(({ name, organization, slug, organizationId }) => ({
    name,
    organization,
    url: `/organizations/${slug}/projects/${name}/settings/repository`,
    successors: able
      .filter((each) => each.organizationId === organizationId)
      .map(({ screenName }) => ({ screenName })),
  }));
}
