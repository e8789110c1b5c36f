/** A project's version: it grows with everything that the project's pages show, so that pages know when to ask anew. */
import { sql } from 'kysely';
import type { Db, Tx } from '../db/connect.ts';

/** Ends every write that a page shows, in the same transaction. */
export async function bumpVersion(tx: Db | Tx, projectId: string): Promise<void> {
  await tx
    .updateTable('project')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', projectId)
    .execute();
}
