/** "Take over": the project uses the grant of the one who clicks from now on. */
import type { Deps } from '../deps.ts';
import { lockRoles } from '../organizations/membership.ts';
import type { ProblemCode } from '../problem.ts';
import type { FoundProject } from '../projects/find-project.ts';
import { bumpVersion } from '../projects/version.ts';
import { proveAdmin } from './grant.ts';
import { lookAtRepository } from './look.ts';
import { problemOfRefusal } from './refused.ts';

/** Proves the person's own right on the repository first; returns after the look that follows. */
export async function takeOver(
  deps: Deps,
  { project, organization }: FoundProject,
  profileId: string,
): Promise<'done' | ProblemCode> {
  const { id, repositoryUuid, seenName } = project;
  const proof = await proveAdmin(deps, profileId, { uuid: repositoryUuid, fullName: seenName });
  if (proof.kind !== 'admin') return problemOfRefusal(proof);
  const result = await deps.db.transaction().execute(async (tx) => {
    // Held, so that nobody takes over after they were removed.
    const role = (await lockRoles(tx, organization.id)).get(profileId);
    if (!role) return 'not-found';
    if (role === 'member') return 'not-allowed';
    const before = await tx
      .selectFrom('project')
      .select(['tokenOwnerId', 'repositoryUuid', 'state'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!before || before.state === 'deleted') return 'not-found';
    if (before.state === 'deleting') return 'operation-running';
    // Moved while the right was asked for: it was proved for another repository.
    if (before.repositoryUuid !== repositoryUuid) return 'repository-changed';
    await tx.updateTable('project').set({ tokenOwnerId: profileId }).where('id', '=', id).execute();
    await bumpVersion(tx, id);
    return { before: before.tokenOwnerId };
  });
  if (typeof result === 'string') return result;
  deps.log.info({ project: id, by: profileId, before: result.before }, 'project taken over');
  await lookAtRepository(deps, id, { fresh: true });
  return 'done';
}
