/** Makes workflow requests, in one transaction with the jobs that work on them. */
import { randomUUID } from 'node:crypto';
import type { Tx } from '../db/connect.ts';
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { RefType } from '../hooks/payload.ts';

export type WorkflowDraft = {
  refType: RefType;
  refName: string;
  oldHash: string | null;
  newHash: string;
} & (
  | { origin: 'push'; deliveryId: string }
  /** `requestedBy` null: the service itself, after the webhook was repaired. */
  | { origin: 'gap'; requestedBy: string | null }
  | { origin: 'person'; requestedBy: string; idempotencyKey: string }
);

/** Returns its id; null when the same click made one before. `jobs.ready()` comes before the transaction. */
export async function createWorkflow(
  deps: Pick<Deps, 'jobs' | 'now'>,
  tx: Tx,
  project: Pick<ProjectRow, 'id' | 'repositoryUuid' | 'pipelineFile'>,
  draft: WorkflowDraft,
): Promise<string | null> {
  const workflowId = await recordWorkflow(deps, tx, project, draft);
  if (workflowId) await deps.jobs.send(tx, 'workflow', { workflowId });
  return workflowId;
}

/** For who makes several, and sends the jobs of all of them in one statement. */
export async function recordWorkflow(
  { now }: Pick<Deps, 'now'>,
  tx: Tx,
  project: Pick<ProjectRow, 'id' | 'repositoryUuid' | 'pipelineFile'>,
  draft: WorkflowDraft,
): Promise<string | null> {
  const id = randomUUID();
  const made = await tx
    .insertInto('workflow')
    .values({
      ...draft,
      id,
      projectId: project.id,
      repositoryUuid: project.repositoryUuid,
      pipelineFile: project.pipelineFile,
      state: 'created',
      nextTryAt: now(),
      createdAt: now(),
    })
    .onConflict((conflict) => conflict.columns(['projectId', 'requestedBy', 'idempotencyKey']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return made ? id : null;
}
