/** Runs what was missed: one workflow, for where the branch was found. */
import type { Tx } from '../db/connect.ts';
import type { GapRow, ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { createWorkflow } from './create.ts';

/** The caller holds the project's row. Returns the workflow's id; of a gap that was run before, that one's. */
export async function runGap(
  deps: Pick<Deps, 'jobs' | 'now'>,
  tx: Tx,
  project: Pick<ProjectRow, 'id' | 'repositoryUuid' | 'pipelineFile'>,
  gap: GapRow,
  requestedBy: string | null,
): Promise<string | null> {
  if (gap.state !== 'suspected' && gap.state !== 'open') return gap.workflowId;
  const { branch: refName, oldHash, newHash } = gap;
  const draft = { refType: 'branch', refName, oldHash, newHash, origin: 'gap', requestedBy } as const;
  const workflowId = await createWorkflow(deps, tx, project, draft);
  await tx.updateTable('gap').set({ state: 'run', workflowId }).where('id', '=', gap.id).execute();
  return workflowId;
}
