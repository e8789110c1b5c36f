/** Opens the database: a PostgreSQL server, or an embedded PGlite in a folder that this process alone may open. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import {
  CamelCasePlugin,
  Kysely,
  PGliteAdapter,
  PGliteDialect,
  PGliteDriver,
  PostgresDialect,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { lockFolder } from './folder-lock.ts';
import type { Tables } from './schema.ts';
import { createTurns, type Turns } from './turns.ts';

/** Inside a transaction use only the transaction: PGlite has one session, and the outer handle would wait for ever. */
export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

export type Database = {
  db: Db;
  /** What is open, for the job engine: it keeps its own tables in the same database, and its own connections. */
  store: Store;
  close(): Promise<void>;
};

export type Store = { kind: 'server'; url: string } | { kind: 'embedded'; pglite: PGlite; turns: Turns };

export type DatabaseOptions = {
  /** Null: embedded. */
  url: string | null;
  /** Where the embedded database lives; null keeps it in memory. */
  dataDir: string | null;
  /** An idle connection to the server broke; the pool replaces it by itself. */
  onConnectionError?: (error: Error) => void;
};

/** PostgreSQL gives up on a statement after this many milliseconds, so that a stuck one cannot hold a request. */
const STATEMENT_TIMEOUT = 10_000;
const INT8 = 20;

/** Throws `FolderLockedError` when another process holds the embedded database. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url ? openServer(options.url, options.onConnectionError) : openEmbedded(options.dataDir);
}

function openServer(url: string, onConnectionError?: (error: Error) => void): Database {
  // int8 arrives as text by default; PGlite gives numbers, and none of ours comes near 2^53.
  pg.types.setTypeParser(INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT,
    query_timeout: STATEMENT_TIMEOUT + 1_000,
    lock_timeout: STATEMENT_TIMEOUT,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
    keepAlive: true,
  });
  pool.on('error', (error) => onConnectionError?.(error));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: plugins() });
  return { db, store: { kind: 'server', url }, close: () => db.destroy() };
}

async function openEmbedded(dataDir: string | null): Promise<Database> {
  const folder = dataDir === null ? null : join(dataDir, 'postgres');
  if (folder) await mkdir(folder, { recursive: true, mode: 0o700 });
  // PGlite does not lock its folder: a second process would silently overwrite what the first one acknowledged.
  const unlock = folder ? lockFolder(folder) : () => undefined;
  try {
    const pglite = await createPGlite(folder);
    const turns = createTurns();
    const db = new Kysely<Tables>({ dialect: new SharedSession(pglite, turns), plugins: plugins() });
    return {
      db,
      store: { kind: 'embedded', pglite, turns },
      close: async () => {
        await db.destroy();
        if (!pglite.closed) await pglite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function createPGlite(folder: string | null): Promise<PGlite> {
  // The default of 128 MB of shared buffers costs memory and gains nothing for one process.
  const settings = { postgresqlconf: ['shared_buffers=16MB'] };
  return folder ? PGlite.create(join(folder, 'cluster'), settings) : PGlite.create(settings);
}

/** Kysely would let whoever comes first go first; here it is whoever's turn it is. */
class SharedSession extends PGliteDialect {
  readonly #driver: PGliteDriver;

  constructor(pglite: PGlite, turns: Turns) {
    super({ pglite });
    this.#driver = new TurnTakingDriver(pglite, turns);
  }

  override createAdapter(): PGliteAdapter {
    return new TurnTakingAdapter();
  }

  override createDriver(): PGliteDriver {
    return this.#driver;
  }
}

class TurnTakingAdapter extends PGliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class TurnTakingDriver extends PGliteDriver {
  readonly #turns: Turns;

  constructor(pglite: PGlite, turns: Turns) {
    super({ pglite });
    this.#turns = turns;
  }

  override async acquireConnection() {
    await this.#turns.take();
    return super.acquireConnection();
  }

  override async releaseConnection() {
    this.#turns.pass();
  }
}

function plugins() {
  return [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
}
