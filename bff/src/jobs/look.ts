/** Fresh looks as jobs: of many that are asked for at once, one that begins after all of them does for all. */
import { sql } from 'kysely';
import type { Tx } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import { lookAtRepository } from '../repository/look.ts';

export async function requestLook({ jobs }: Pick<Deps, 'jobs'>, tx: Tx, projectId: string): Promise<void> {
  // The clock that looks are dated by.
  const { rows } = await sql<{ since: Date }>`select now() as since`.execute(tx);
  await jobs.send(tx, 'look', { projectId, since: (rows[0]?.since ?? new Date()).toISOString() });
}

export async function workOnLook(deps: Deps, projectId: string, since: string): Promise<void> {
  const project = await deps.db
    .selectFrom('project')
    .select('lookStartedAt')
    .where('id', '=', projectId)
    .executeTakeFirst();
  const startedAt = project?.lookStartedAt?.getTime() ?? 0;
  if (startedAt < Date.parse(since)) await lookAtRepository(deps, projectId, { fresh: true });
}
