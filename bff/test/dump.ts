/** What stands in the database, for tests that say what must not change. */
import { sql } from 'kysely';
import type { Product } from './product.ts';

/** Every row of every table as text, sorted; two equal dumps are two equal databases. */
export async function dump({ deps: { db } }: Product): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = 'public' and tablename not like 'kysely%' order by tablename`.execute(db);
  const content: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const rows = await sql<{ line: string }>`
      select to_jsonb(each)::text as line from ${sql.table(name)} as each order by 1`.execute(db);
    content[name] = rows.rows.map(({ line }) => line);
  }
  return content;
}

/** The same without the walks to providers: a refused walk leaves its sentence there, and nothing anywhere else. */
export async function dumpWithoutWalks(product: Product): Promise<Record<string, string[]>> {
  const { sign_in_attempt: _walks, ...rest } = await dump(product);
  return rest;
}
