/** The projects of an organization, one page after the other, as the organization's own page lists them. */
import type { Db } from '../db/connect.ts';
import type { ProjectRow } from '../db/schema.ts';

const PAGE_SIZE = 100;
const LAST_PAGE = 100;

/** The number of a page, or the sentence that says why it is none; not given, it is the first. */
export function readPage(
  text: string | undefined,
): { ok: true; page: number } | { ok: false; message: string } {
  if (text === undefined) return { ok: true, page: 1 };
  if (!/^[+-]?\d+$/.test(text)) return { ok: false, message: 'page must be a number' };
  const page = Number(text);
  if (page < 1) return { ok: false, message: 'page must be at least 1' };
  if (page > LAST_PAGE) return { ok: false, message: `page must be at most ${LAST_PAGE}` };
  return { ok: true, page };
}

/** By name, without case. Past the end there are none. */
export async function listPage(
  db: Db,
  { organizationId, page }: { organizationId: string; page: number },
): Promise<{ projects: ProjectRow[]; hasMore: boolean }> {
  const rows = await db
    .selectFrom('project')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('state', '<>', 'deleted')
    .orderBy('nameKey')
    .offset((page - 1) * PAGE_SIZE)
    // One more than are shown tells whether there are more; none are promised beyond the last page.
    .limit(PAGE_SIZE + 1)
    .execute();
  return { projects: rows.slice(0, PAGE_SIZE), hasMore: rows.length > PAGE_SIZE && page < LAST_PAGE };
}
