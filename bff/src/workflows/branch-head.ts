/** Where a branch is, as far as we know: from a delivery, or from looking. */
import type { Tx } from '../db/connect.ts';

type BranchHead = { projectId: string; repositoryUuid: string; name: string; hash: string; seenAt: Date };

/** Writes down where it is now. */
export async function noteBranchHead(tx: Tx, head: BranchHead): Promise<void> {
  const { hash, seenAt } = head;
  await tx
    .insertInto('branchHead')
    .values(head)
    .onConflict((conflict) =>
      conflict.columns(['projectId', 'repositoryUuid', 'name']).doUpdateSet({ hash, seenAt }),
    )
    .execute();
}

/** Of branches that are no more. */
export async function forgetBranchHeads(
  tx: Tx,
  { projectId, repositoryUuid, names }: { projectId: string; repositoryUuid: string; names: string[] },
): Promise<void> {
  await tx
    .deleteFrom('branchHead')
    .where('projectId', '=', projectId)
    .where('repositoryUuid', '=', repositoryUuid)
    .where('name', 'in', names)
    .execute();
}
