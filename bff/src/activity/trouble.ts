/** What is wrong with a project's repository as it was last seen: the cause of what the Activity page shows. */
import type { Db } from '../db/connect.ts';
import type { ProjectRow } from '../db/schema.ts';
import type { Cause } from '../repository/finding.ts';
import { becauseOf, findRoot } from '../repository/summary.ts';
import type { TroubleView } from './view.ts';

/** Null: nothing is proved broken, or nobody looked yet. Asks nobody. */
export async function readTrouble(
  db: Db,
  { id, state, tokenOwnerId }: ProjectRow,
  viewerId: string,
): Promise<TroubleView | null> {
  if (state !== 'ready') return null;
  const [findings, owner] = await Promise.all([
    db
      .selectFrom('finding')
      .select(['subject', 'state', 'cause', 'facts'])
      .where('projectId', '=', id)
      .execute(),
    tokenOwnerId === null
      ? undefined
      : db.selectFrom('profile').select('screenName').where('id', '=', tokenOwnerId).executeTakeFirst(),
  ]);
  const rows = findings.map((row) => ({ ...row, cause: row.cause as Cause | null }));
  const root = findRoot(rows);
  if (!root?.cause) return null;
  return {
    cause: root.cause,
    subject: becauseOf(root, rows) === 'repository' ? 'repository' : root.subject,
    facts: root.facts,
    owner: owner?.screenName ?? null,
    you: tokenOwnerId === viewerId,
  };
}
