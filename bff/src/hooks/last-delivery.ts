import type { Db } from '../db/connect.ts';

/** When a project last heard of anything: proof of its webhook at no cost. Null: never. */
export async function readLastDelivery(db: Db, projectId: string): Promise<Date | null> {
  const row = await db
    .selectFrom('delivery')
    .select('receivedAt')
    .where('projectId', '=', projectId)
    .orderBy('receivedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.receivedAt ?? null;
}
