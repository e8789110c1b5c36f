/**
 * Brings every stored secret under the newest key while the service runs. Each is replaced only if it is still what was
 * read, so a token that is rotated meanwhile wins; a process that dies half-way leaves nothing that does not open.
 */
import { sql } from 'kysely';
import type { Db } from './db/connect.ts';
import type { Deps } from './deps.ts';
import { resealKeyCheck } from './encryption-keys.ts';
import { SealError } from './seal.ts';

/** Every column that holds sealed text. A new one has to be named here; a test holds this against the schema. */
export const SEALED_COLUMNS = [
  { table: 'grant', id: 'connection_id', column: 'access_token' },
  { table: 'grant', id: 'connection_id', column: 'refresh_token' },
  { table: 'credential', id: 'id', column: 'material' },
  { table: 'sign_in_attempt', id: 'id', column: 'return_to' },
  { table: 'sign_in_attempt', id: 'id', column: 'verifier' },
  { table: 'sign_in_attempt', id: 'id', column: 'waiting_tokens' },
] as const;

type SealedColumn = (typeof SEALED_COLUMNS)[number];

const BATCH = 100;

/** Returns how many secrets were sealed anew, and how many did not open and were left as they are. */
export async function resealAll(
  deps: Pick<Deps, 'db' | 'sealer' | 'log'>,
): Promise<{ resealed: number; unopened: number }> {
  const total = { resealed: 0, unopened: 0 };
  for (const place of SEALED_COLUMNS) {
    const { resealed, unopened } = await resealColumn(deps, place);
    total.resealed += resealed;
    total.unopened += unopened;
  }
  const moved = total.unopened === 0 && (await resealKeyCheck(deps.db, deps.sealer));
  if (moved || total.resealed + total.unopened > 0) {
    deps.log.info(
      total,
      moved ? 'all secrets are sealed with the newest key' : 'secrets sealed with the newest key',
    );
  }
  return total;
}

async function resealColumn({ db, sealer, log }: Pick<Deps, 'db' | 'sealer' | 'log'>, place: SealedColumn) {
  const { table, id, column } = place;
  let resealed = 0;
  let unopened = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await outdated(db, place, sealer.newestPrefix, after);
    for (const row of rows) {
      after = row.id;
      try {
        const where = `${table}/${row.id}/${column}` as const;
        const sealed = sealer.seal(sealer.open(row.sealed, where), where);
        await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed}
          where ${sql.ref(id)} = ${row.id} and ${sql.ref(column)} = ${row.sealed}`.execute(db);
        resealed += 1;
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        log.error({ err: error }, 'a secret does not open with the given keys');
        unopened += 1;
      }
    }
    if (rows.length < BATCH) return { resealed, unopened };
  }
}

async function outdated(db: Db, { table, id, column }: SealedColumn, newestPrefix: string, after: string) {
  const found = await sql<{ id: string; sealed: string }>`
    select ${sql.ref(id)} as id, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${sql.ref(column)} not like ${`${newestPrefix}%`} and ${sql.ref(id)} > ${after}
    order by ${sql.ref(id)} limit ${BATCH}`.execute(db);
  return found.rows;
}
