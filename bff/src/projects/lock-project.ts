import type { Tx } from '../db/connect.ts';
import type { ProjectRow } from '../db/schema.ts';

/**
 * The project's row, held until the transaction ends: whoever changes what hangs on it takes turns here. Whoever only
 * refers to it, as the receiver of deliveries does, waits for nobody.
 */
export function lockProject(tx: Tx, projectId: string): Promise<ProjectRow | undefined> {
  return tx.selectFrom('project').selectAll().where('id', '=', projectId).forNoKeyUpdate().executeTakeFirst();
}
