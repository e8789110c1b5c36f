/** The product for request tests: on a fresh database, against a sandbox of its own that msw stands in front of. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, inject, vi } from 'vitest';
import { type MountedSandbox, mountSandbox } from '../sandbox/mount.ts';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { type Database, type Db, openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import { checkKeys } from '../src/encryption-keys.ts';
import { createJobs, installJobs } from '../src/jobs/jobs.ts';
import { createLogger } from '../src/log.ts';
import type { Shell } from '../src/shell.ts';
import { PUBLIC_URL } from './address.ts';
import { createDatabase } from './postgres.ts';
import { createWorldSsh, type WorldSsh } from './world-ssh.ts';

export { PUBLIC_URL };

export type Product = {
  app: ReturnType<typeof createApp>;
  deps: Deps;
  sandbox: MountedSandbox;
  /** SSH over the sandbox's world, with its knobs; replicas share it. */
  ssh: WorldSsh;
  /** Another process on the same database, with nothing else in common; `env` changes its configuration. */
  replica(env?: Record<string, string>): Promise<Product>;
  /** Moves the product's and the sandbox's clock. */
  travel(ms: number): void;
  /** Lets requests reach a server that really runs on this machine. */
  letThrough(origin: string): void;
  /** Everything that was logged so far, as text. */
  logs(): string;
};

export type ProductOptions = {
  env?: Record<string, string>;
  /** Milliseconds for one outbound call; tests of hanging providers take a short one. */
  outboundDeadline?: number;
  /** Origin of a server that really runs on this machine. */
  passThrough?: string;
};

const SHELL: Shell = { root: import.meta.dirname, html: '<!doctype html><head><!--first-data--></head>' };

const server = setupServer();
const cleanups: (() => Promise<unknown> | unknown)[] = [];
const unexpected: string[] = [];

beforeAll(() => {
  server.listen({
    onUnhandledFrame: ({ frame, defaults }) => {
      unexpected.push(frame.protocol);
      defaults.error();
    },
  });
  vi.spyOn(console, 'error').mockImplementation((...words) => {
    unexpected.push(words.join(' '));
  });
});

afterEach(async () => {
  // First of all, what goes on after an answer comes to its end.
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  server.resetHandlers();
  expect(unexpected.splice(0), 'requests to nowhere, or words on the console').toEqual([]);
});

afterAll(() => server.close());

/** Starts the product for one test; everything is taken down after it. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const sandbox = mountSandbox();
  cleanups.push(() => sandbox.close());
  server.use(...sandbox.handlers);
  if (options.passThrough) letThrough(options.passThrough);
  const env = {
    PUBLIC_URL,
    LOG_LEVEL: 'debug',
    ENCRYPTION_KEYS: newEncryptionKey(),
    ...sandbox.env,
    ...options.env,
  };
  const database = await openFreshDatabase();
  const clock = { offset: 0 };
  const ssh = createWorldSsh(sandbox.world);
  return assemble({ env, database, sandbox, ssh, clock, outboundDeadline: options.outboundDeadline });
}

/** Requests to a server that really runs on this machine. */
function letThrough(origin: string): void {
  server.use(http.all(`${origin}/*`, () => passthrough()));
}

/** A key as it stands in ENCRYPTION_KEYS. */
export function newEncryptionKey(): string {
  return randomBytes(32).toString('base64');
}

/** Opens a migrated, empty database of the store that this run tests. */
export async function openFreshDatabase() {
  if (inject('store') === 'server') {
    const { url, drop } = await createDatabase(inject('postgres'), inject('migrated'));
    cleanups.push(drop);
    const database = await openDatabase({ url, dataDir: null });
    cleanups.push(database.close);
    return { ...database, reopen: () => openReplica(url) };
  }
  embedded ??= openEmbedded();
  const database = await embedded;
  cleanups.push(() => empty(database.db));
  // The embedded database serves one process, so a second app shares its handle.
  return { ...database, reopen: async () => database };
}

/** Starting the embedded database takes seconds, so a test file has one and empties it after each test. */
let embedded: Promise<Database> | undefined;
afterAll(async () => (await embedded)?.close());

async function openEmbedded(): Promise<Database> {
  const database = await openDatabase({ url: null, dataDir: null });
  await migrate(database.db);
  await installJobs(database.store, createLogger('silent'));
  return database;
}

async function empty(db: Db): Promise<void> {
  const tables = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`.execute(
    db,
  );
  await sql`truncate ${sql.join(tables.rows.map(({ name }) => sql.table(name)))} cascade`.execute(db);
  await sql`delete from jobs.job`.execute(db);
}

async function openReplica(url: string) {
  const database = await openDatabase({ url, dataDir: null });
  cleanups.push(database.close);
  return database;
}

async function assemble(parts: {
  env: Record<string, string>;
  database: Awaited<ReturnType<typeof openFreshDatabase>>;
  sandbox: MountedSandbox;
  ssh: WorldSsh;
  clock: { offset: number };
  outboundDeadline: number | undefined;
}): Promise<Product> {
  const { env, database, sandbox, ssh, clock, outboundDeadline } = parts;
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.mistakes.join('\n'));
  const lines: string[] = [];
  const log = createLogger(read.config.logLevel, { write: (line) => void lines.push(line) });
  const sealer = await checkKeys(database.db, read.config.encryptionKeys ?? []);
  const jobs = createJobs(database.store, log);
  cleanups.push(jobs.close);
  const deps = createDeps({
    config: read.config,
    log,
    database,
    jobs,
    sealer,
    ssh,
    now: () => new Date(Date.now() + clock.offset),
    ...(outboundDeadline ? { outboundDeadline } : {}),
  });
  cleanups.push(() => deps.background.settled());
  return {
    app: createApp(deps, SHELL),
    deps,
    sandbox,
    ssh,
    replica: async (more = {}) =>
      assemble({
        ...parts,
        env: { ...env, ...more },
        database: { ...database, ...(await database.reopen()) },
      }),
    travel: (ms) => {
      clock.offset += ms;
      sandbox.world.travel(ms);
    },
    letThrough,
    logs: () => lines.join(''),
  };
}
