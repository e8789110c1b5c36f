/** Creating a project on a repository that the person administers. */
import { randomUUID } from 'node:crypto';
import { isUniqueViolation } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { lockRoles } from '../organizations/membership.ts';
import type { ProblemCode } from '../problem.ts';
import { askAs, proveAdmin } from '../repository/grant.ts';
import { problemOfRefusal } from '../repository/refused.ts';
import { runSoon, startOperationIn } from '../repository/repair/start.ts';
import { nameKey, readProjectName } from './project-name.ts';
import { columnsOf, type ProjectSettings } from './write-settings.ts';

type NewProject = {
  organizationId: string;
  /** Who creates it becomes its token owner. */
  profileId: string;
  /** `fullName`: `workspace/slug`, as it was typed. */
  repository: { uuid: string } | { fullName: string };
  name: string;
  /** What it begins with; the rest is as the database sets it. */
  settings?: Partial<ProjectSettings>;
  idempotencyKey: string;
};
type Made = { ok: true; name: string; projectId: string; operationId: string };
type Result = Made | { ok: false; problem: ProblemCode; detail?: string };

/**
 * Asks whether the person has the right now, then makes the project with its key and webhook on the way: one
 * transaction, so that neither is there without the other. The same key finds the same project.
 */
export async function createProject(deps: Deps, wanted: NewProject): Promise<Result> {
  const name = readProjectName(wanted.name);
  if (!name.ok) return { ok: false, problem: 'invalid-project-name', detail: name.why };
  const { profileId, organizationId } = wanted;
  const made = await findMade(deps, wanted);
  if (made) return made;
  if (await isTaken(deps, organizationId, name.value)) return { ok: false, problem: 'project-name-taken' };

  const repository = await askAs(deps, profileId, (token, access) =>
    access.readRepository(token, wanted.repository),
  );
  if (!repository.ok) return { ok: false, problem: problemOfRefusal(repository.why) };
  const { uuid, fullName, defaultBranch } = repository.value;
  const proof = await proveAdmin(deps, profileId, { uuid, fullName });
  if (proof.kind !== 'admin') return { ok: false, problem: problemOfRefusal(proof) };

  const id = randomUUID();
  const createdAt = deps.now();
  let operationId: string;
  try {
    const started = await deps.db.transaction().execute(async (tx) => {
      // Held, so that nobody creates one after they were removed.
      const role = (await lockRoles(tx, organizationId)).get(profileId);
      if (!role) return 'not-found';
      if (role === 'member') return 'not-allowed';
      await tx
        .insertInto('project')
        .values({
          id,
          organizationId,
          name: name.value,
          nameKey: nameKey(name.value),
          createdBy: profileId,
          createdAt,
          state: 'creating',
          provider: 'bitbucket',
          repositoryUuid: uuid,
          repositoryName: fullName,
          seenName: fullName,
          defaultBranch,
          ...columnsOf(wanted.settings ?? {}),
          tokenOwnerId: profileId,
          lookHolder: null,
          lookUntil: null,
          lookStartedAt: null,
          lookFinishedAt: null,
          lookDueAt: createdAt,
          reconcileAt: null,
        })
        .execute();
      return startOperationIn(tx, deps, {
        projectId: id,
        kind: 'create',
        subjects: ['deploy-key', 'webhook'],
        requestedBy: profileId,
        idempotencyKey: wanted.idempotencyKey,
      });
    });
    if (typeof started === 'string') return { ok: false, problem: started };
    if (!started.ok) throw new Error(`A new project cannot start: ${started.problem}`);
    operationId = started.operationId;
    runSoon(deps, operationId);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // The other of two that were sent at once may have made it.
    return (await findMade(deps, wanted)) ?? { ok: false, problem: 'project-name-taken' };
  }
  deps.log.info({ organization: organizationId, project: id, by: profileId }, 'project created');
  return { ok: true, name: name.value, projectId: id, operationId };
}

/** What the same click made before, whatever became of it. */
async function findMade({ db }: Deps, wanted: NewProject): Promise<Result | null> {
  const row = await db
    .selectFrom('operation')
    .innerJoin('project', 'project.id', 'operation.projectId')
    .select(['operation.id as operationId', 'project.id as projectId', 'project.organizationId'])
    .select(['project.name', 'project.nameKey', 'project.repositoryUuid', 'project.repositoryName'])
    .where('operation.kind', '=', 'create')
    .where('operation.requestedBy', '=', wanted.profileId)
    .where('operation.idempotencyKey', '=', wanted.idempotencyKey)
    .executeTakeFirst();
  if (!row) return null;
  const { repository } = wanted;
  const same =
    row.organizationId === wanted.organizationId &&
    ('uuid' in repository
      ? row.repositoryUuid === repository.uuid
      : row.repositoryName.toLowerCase() === repository.fullName.toLowerCase()) &&
    row.nameKey === nameKey(wanted.name.trim());
  const { name, projectId, operationId } = row;
  return same ? { ok: true, name, projectId, operationId } : { ok: false, problem: 'idempotency-mismatch' };
}

/** Said before anybody is asked; the unique index has the last word. */
async function isTaken({ db }: Deps, organizationId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('project')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where('nameKey', '=', nameKey(name))
    .where('state', '<>', 'deleted')
    .executeTakeFirst();
  return row !== undefined;
}
