import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { createDatabase } from '../../test/postgres.ts';
import { type Database, type Db, openDatabase } from './connect.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An empty database, and how another process would open it: the embedded one has one process, so one handle. */
async function openEmpty(): Promise<{ first: Database; another: () => Promise<Database> }> {
  if (inject('store') === 'server') {
    const { url, drop } = await createDatabase(inject('postgres'));
    cleanups.push(drop);
    const another = async () => {
      const database = await openDatabase({ url, dataDir: null });
      cleanups.push(database.close);
      return database;
    };
    return { first: await another(), another };
  }
  const first = await openDatabase({ url: null, dataDir: null });
  cleanups.push(first.close);
  return { first, another: async () => first };
}

async function tables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely'));
}

const applied = async (db: Db) =>
  (await sql<{ name: string }>`select name from kysely_migration order by 1`.execute(db)).rows.map(
    ({ name }) => name,
  );

/** What the code believes to be there; a table forgotten here does not compile. */
const TABLES = Object.keys({
  apiToken: true,
  branchHead: true,
  connection: true,
  credential: true,
  delivery: true,
  finding: true,
  gap: true,
  grant: true,
  headComparison: true,
  invitation: true,
  keyCheck: true,
  membership: true,
  oauthClient: true,
  operation: true,
  organization: true,
  profile: true,
  project: true,
  refChange: true,
  session: true,
  signInAttempt: true,
  upstreamCall: true,
  workflow: true,
} satisfies Record<keyof Tables, true>) as (keyof Tables)[];
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe('DB-04', () => {
  test('an empty database gets every table that the code knows, and no other', async () => {
    const { first } = await openEmpty();
    await migrate(first.db);
    expect(await tables(first.db)).toEqual(TABLES.map(snake).sort());
    for (const table of TABLES) expect(await first.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });

  test('the second time nothing happens, and no row is touched', async () => {
    const { first } = await openEmpty();
    await migrate(first.db);
    const organization = { id: randomUUID(), name: 'Harbour', slug: 'harbour', createdAt: new Date() };
    await first.db.insertInto('organization').values(organization).execute();
    const before = await applied(first.db);
    await migrate(first.db);
    expect(await applied(first.db)).toEqual(before);
    expect(await first.db.selectFrom('organization').selectAll().execute()).toEqual([organization]);
  });

  test('six that start at once all come up, and the work is done once', async () => {
    const { first, another } = await openEmpty();
    const six = await Promise.all(Array.from({ length: 6 }, another));
    await Promise.all(six.map(({ db }) => migrate(db)));
    const once = await applied(first.db);
    expect(new Set(once).size).toBe(once.length);
    expect(await tables(first.db)).toHaveLength(TABLES.length);
  });

  test('a statement that fails leaves nothing half done, and the next start succeeds', async () => {
    const { first, another } = await openEmpty();
    // The last table of the first migration is in the way: everything before it was made in vain.
    await sql`create table key_check (in_the_way integer)`.execute(first.db);
    await expect(migrate(first.db)).rejects.toThrow(/key_check/);
    expect(await tables(first.db)).toEqual(['key_check']);
    expect(await applied(first.db)).toEqual([]);
    await sql`drop table key_check`.execute(first.db);
    await migrate((await another()).db);
    expect(await tables(first.db)).toHaveLength(TABLES.length);
  });

  test('a schema of a newer version is refused with a sentence for the operator, and left as it is', async () => {
    const { first, another } = await openEmpty();
    await migrate(first.db);
    await sql`insert into kysely_migration (name, timestamp) values ('9999_future', '2030-01-01')`.execute(
      first.db,
    );
    await sql`create table future (id integer)`.execute(first.db);
    await expect(migrate((await another()).db)).rejects.toThrow(
      /written by another version of this service.*Start that version or a newer one/,
    );
    expect(await tables(first.db)).toContain('future');
    expect(await applied(first.db)).toContain('9999_future');
  });
});

describe('what the schema itself holds', () => {
  async function person(db: Db, email = `${randomUUID()}@example.com`) {
    const id = randomUUID();
    await db
      .insertInto('profile')
      .values({
        id,
        screenName: 'Mika',
        email,
        emailKey: email.toLowerCase(),
        avatarUrl: null,
        createdAt: new Date(),
      })
      .execute();
    return id;
  }
  const connection = (profileId: string, accountId: string) => ({
    id: randomUUID(),
    profileId,
    provider: 'github' as const,
    accountId,
    nickname: 'mika',
    accountUrl: 'https://github.example/mika',
    state: 'connected' as const,
    connectedAt: new Date(),
    sweepAt: new Date(),
  });
  const insert = (db: Db, row: ReturnType<typeof connection> & { reason?: 'revoked' }) =>
    db.insertInto('connection').values(row).execute();

  test('one profile for an address, one connection for an account, one connection of a profile for a provider', async () => {
    const { first } = await openEmpty();
    const { db } = first;
    await migrate(db);
    const mika = await person(db, 'mika@example.com');
    await expect(person(db, 'MIKA@example.com')).rejects.toMatchObject({ code: '23505' });
    const other = await person(db);
    await insert(db, connection(mika, '1'));
    await expect(insert(db, connection(other, '1'))).rejects.toMatchObject({ code: '23505' });
    await expect(insert(db, connection(mika, '2'))).rejects.toMatchObject({ code: '23505' });
  });

  test('a connection that ended has a reason, and one that lives has none', async () => {
    const { first } = await openEmpty();
    const { db } = first;
    await migrate(db);
    const mika = await person(db);
    await expect(insert(db, { ...connection(mika, '1'), reason: 'revoked' })).rejects.toMatchObject({
      code: '23514',
    });
    await expect(
      db
        .insertInto('connection')
        .values({ ...connection(mika, '1'), state: 'not-connected' })
        .execute(),
    ).rejects.toMatchObject({ code: '23514' });
  });

  test('a profile takes everything of its own with it', async () => {
    const { first } = await openEmpty();
    const { db } = first;
    await migrate(db);
    const mika = await person(db);
    const row = connection(mika, '1');
    await insert(db, row);
    await db
      .insertInto('grant')
      .values({
        connectionId: row.id,
        accessToken: 'x',
        refreshToken: null,
        scopes: [],
        issuedAt: new Date(),
        expiresAt: null,
      })
      .execute();
    await db.deleteFrom('profile').where('id', '=', mika).execute();
    expect(await db.selectFrom('connection').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('grant').selectAll().execute()).toEqual([]);
  });
});
