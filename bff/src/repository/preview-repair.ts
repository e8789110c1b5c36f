/** What Repair would change, from what is stored: nobody is asked. */
import type { Db } from '../db/connect.ts';
import type { FoundProject } from '../projects/find-project.ts';
import type { Repairable } from './finding.ts';
import { nameOf, titleOf } from './repair/generations.ts';

export type RepairPreview = {
  subjects: {
    subject: Repairable;
    makes: { title: string };
    removes: { title: string; fingerprint?: string; url?: string }[];
  }[];
  /** Whose grant it would use; null: nobody's works, as far as is known. */
  uses: { screenName: string; you: boolean } | null;
};

export async function previewRepair(
  db: Db,
  { project, organization }: FoundProject,
  ask: { profileId: string; subjects: Repairable[] },
): Promise<RepairPreview> {
  const [credentials, able, broken] = await Promise.all([
    db
      .selectFrom('credential')
      .select(['kind', 'title', 'match'])
      .where('projectId', '=', project.id)
      .where('repositoryUuid', '=', project.repositoryUuid)
      .where('state', 'in', ['present', 'active', 'retiring'])
      .orderBy('createdAt')
      .execute(),
    connectedMembers(db, organization.id, [project.tokenOwnerId ?? ask.profileId, ask.profileId]),
    db
      .selectFrom('finding')
      .select('cause')
      .where('projectId', '=', project.id)
      .where('subject', '=', 'token-owner')
      .where('state', '=', 'broken')
      .executeTakeFirst(),
  ]);
  const owner = able.find(({ id }) => id === project.tokenOwnerId);
  const self = able.find(({ id }) => id === ask.profileId);
  // A connection can live while its account has lost its right on the repository.
  const ownerFits = broken === undefined;
  const title = titleOf(organization.slug, project.name);
  const subjects = ask.subjects.map((subject) => ({
    subject,
    makes: { title },
    removes: credentials
      .filter(({ kind }) => kind === subject)
      .map((each) =>
        subject === 'deploy-key'
          ? { title: each.title, fingerprint: nameOf(each) }
          : { title: each.title, url: nameOf(each) },
      ),
  }));
  const user = ownerFits ? (owner ?? self) : self;
  return {
    subjects,
    uses: user ? { screenName: user.screenName, you: user.id === ask.profileId } : null,
  };
}

/** Those of them who belong to the organization and have a connection that lives, as far as is known. */
function connectedMembers(db: Db, organizationId: string, profileIds: string[]) {
  return db
    .selectFrom('membership')
    .innerJoin('profile', 'profile.id', 'membership.profileId')
    .innerJoin('connection', 'connection.profileId', 'membership.profileId')
    .select(['profile.id', 'profile.screenName'])
    .where('membership.organizationId', '=', organizationId)
    .where('membership.profileId', 'in', profileIds)
    .where('connection.provider', '=', 'bitbucket')
    .where('connection.state', '=', 'connected')
    .execute();
}
