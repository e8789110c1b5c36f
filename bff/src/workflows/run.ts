/** What a person runs by hand: the head of a branch, or a push that was missed. */
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { ProblemCode } from '../problem.ts';
import { bumpVersion } from '../projects/version.ts';
import { askAs, type GrantRefusal } from '../repository/grant.ts';
import { announceChange } from '../repository/watch.ts';
import { createWorkflow } from './create.ts';
import { runGap } from './run-gap.ts';

export type RunResult =
  | { ok: true; workflowId: string }
  | { ok: false; problem: RunProblem; detail?: string };
type RunProblem = Extract<
  ProblemCode,
  | 'not-found'
  | 'grant-needed'
  | 'no-admin-right'
  | 'scope-missing'
  | 'provider-fault'
  | 'idempotency-mismatch'
>;

/** Asks where the branch is now. The same click sent twice makes one workflow. */
export async function runBranch(
  deps: Deps,
  project: ProjectRow,
  ask: { branch: string; requestedBy: string; idempotencyKey: string },
): Promise<RunResult> {
  const before = await findEarlier(deps, project, ask);
  if (before) return before;
  if (!project.tokenOwnerId) return refuse({ kind: 'no-grant', reason: 'not-connected', endedAt: null });
  const head = await askAs(deps, project.tokenOwnerId, (token, access) =>
    access.readBranch(token, { uuid: project.repositoryUuid }, ask.branch),
  );
  if (!head.ok) return refuse(head.why, ask.branch);
  const { branch: refName, requestedBy, idempotencyKey } = ask;
  await deps.jobs.ready();
  const id = await deps.db.transaction().execute(async (tx) => {
    const made = await createWorkflow(deps, tx, project, {
      refType: 'branch',
      refName,
      oldHash: null,
      newHash: head.value.commit,
      origin: 'person',
      requestedBy,
      idempotencyKey,
    });
    await bumpVersion(tx, project.id);
    return made;
  });
  announceChange(deps, project.id);
  if (id) return { ok: true, workflowId: id };
  // The other one of two that came at once was first.
  return (await findEarlier(deps, project, ask)) ?? { ok: false, problem: 'idempotency-mismatch' };
}

async function findEarlier(
  { db }: Deps,
  project: ProjectRow,
  ask: { branch: string; requestedBy: string; idempotencyKey: string },
): Promise<RunResult | null> {
  const row = await db
    .selectFrom('workflow')
    .select(['id', 'refName'])
    .where('projectId', '=', project.id)
    .where('requestedBy', '=', ask.requestedBy)
    .where('idempotencyKey', '=', ask.idempotencyKey)
    .executeTakeFirst();
  if (!row) return null;
  return row.refName === ask.branch
    ? { ok: true, workflowId: row.id }
    : { ok: false, problem: 'idempotency-mismatch' };
}

function refuse(why: GrantRefusal, branch?: string): RunResult {
  switch (why.kind) {
    case 'not-found':
      return { ok: false, problem: 'not-found', detail: `Bitbucket shows no branch ${branch}.` };
    case 'no-grant':
      return { ok: false, problem: 'grant-needed' };
    case 'forbidden':
      return { ok: false, problem: 'no-admin-right' };
    case 'scope-missing':
      return { ok: false, problem: 'scope-missing' };
    default:
      return { ok: false, problem: 'provider-fault' };
  }
}

/** Runs what was missed. Once: whoever is second gets the workflow of the first. */
export async function runMissed(
  deps: Deps,
  project: ProjectRow,
  gapId: string,
  requestedBy: string,
): Promise<RunResult> {
  await deps.jobs.ready();
  const workflowId = await deps.db.transaction().execute(async (tx) => {
    await bumpVersion(tx, project.id);
    const gap = await tx
      .selectFrom('gap')
      .selectAll()
      .where('id', '=', gapId)
      .where('projectId', '=', project.id)
      .where('repositoryUuid', '=', project.repositoryUuid)
      .forUpdate()
      .executeTakeFirst();
    return gap ? runGap(deps, tx, project, gap, requestedBy) : null;
  });
  announceChange(deps, project.id);
  // One that was announced after all has nothing to run.
  return workflowId ? { ok: true, workflowId } : { ok: false, problem: 'not-found' };
}
