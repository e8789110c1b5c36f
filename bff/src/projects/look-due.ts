/** News about a token owner: the projects that use their grant are looked at soon, not at the sweep's usual time. */
import type { Tx } from '../db/connect.ts';

/** `organizationId`: in this organization only. */
export async function makeLooksDue(
  tx: Tx,
  { tokenOwnerId, organizationId, at }: { tokenOwnerId: string; organizationId?: string; at: Date },
): Promise<void> {
  const due = tx.updateTable('project').set({ lookDueAt: at }).where('tokenOwnerId', '=', tokenOwnerId);
  await (organizationId === undefined ? due : due.where('organizationId', '=', organizationId)).execute();
}
