/** Brings the schema to this version's, once, however many replicas start together. */
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Db } from './connect.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

/** Throws with a sentence for the operator when the schema is newer than this version, or a migration fails. */
export async function migrate(db: Db): Promise<void> {
  const migrations = await readMigrations();
  // Without the plugin: Kysely's own table names are written in snake case already.
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: async () => migrations },
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  if (error instanceof Error && /corrupted migrations/.test(error.message)) {
    throw new Error(
      'The database was written by another version of this service: it has migrations that this one does not know. Start that version or a newer one.',
      { cause: error },
    );
  }
  throw error;
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  const entries = files.map(async (name) => {
    const text = await readFile(new URL(name, FOLDER), 'utf8');
    return [name.replace(/\.sql$/, ''), { up: (db: Kysely<unknown>) => run(db, text) }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function run(db: Kysely<unknown>, text: string): Promise<void> {
  const statements = text
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter(Boolean);
  for (const statement of statements) await sql.raw(statement).execute(db);
}
