import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { type Browser, createBrowser } from '../test/browser.ts';
import { newEncryptionKey, type Product, startProduct } from '../test/product.ts';
import { createReadyProject } from '../test/projects.ts';
import { type EncryptionKey, parseEncryptionKeys } from './config.ts';
import { type Db, openDatabase } from './db/connect.ts';
import { migrate } from './db/migrate.ts';
import { checkKeys } from './encryption-keys.ts';
import { resealAll, SEALED_COLUMNS } from './reseal.ts';
import { createSealer, SealError, type Sealer } from './seal.ts';

/**
 * A walk through everything that stores a secret: grants, a verifier and a way back under way, a connection that waits,
 * a deploy key and a webhook.
 */
async function walkThrough(product: Product): Promise<Browser> {
  const greta = createBrowser(product);
  await greta.signIn('github', 'gretav', 'sign-up');
  await greta.grant('bitbucket', 'nora');
  const second = createBrowser(product);
  await second.signIn('bitbucket', 'greta-v');
  await createBrowser(product).signIn('gitlab', 'kaspar', 'sign-up');
  await createBrowser(product).start('github', { page: 'log-in', returnTo: '/account' });
  await createReadyProject(product);
  return greta;
}

type Cell = { table: string; column: string; value: string };

/** Every text in the database, whatever the column's type, wherever it stands. */
async function dump(db: Db): Promise<Cell[]> {
  const columns = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' order by 1, 2`.execute(db.withoutPlugins());
  const cells: Cell[] = [];
  for (const { table_name: table, column_name: column } of columns.rows) {
    const { rows } = await sql<{ value: string }>`
      select ${sql.ref(column)}::text as value from ${sql.table(table)}
      where ${sql.ref(column)} is not null`.execute(db.withoutPlugins());
    cells.push(...rows.map(({ value }) => ({ table, column, value })));
  }
  return cells;
}

const sealedCells = async (db: Db) => (await dump(db)).filter(({ value }) => value.startsWith('v1.'));
const keysOf = (texts: string) => parseEncryptionKeys(texts) as EncryptionKey[];

/** What the product has to keep secret, read as it reads it itself. */
async function openEverything({ deps: { db } }: Product, sealer: Sealer): Promise<string[]> {
  const secrets: string[] = [];
  for (const { table, id, column } of SEALED_COLUMNS) {
    const { rows } = await sql<{ id: string; value: string }>`
      select ${sql.ref(id)} as id, ${sql.ref(column)} as value from ${sql.table(table)}
      where ${sql.ref(column)} is not null order by 1`.execute(db.withoutPlugins());
    secrets.push(...rows.map((row) => sealer.open(row.value, `${table}/${row.id}/${column}`)));
  }
  return secrets;
}

test('every column that holds sealed text is among those that are sealed anew, and each of them is in use', async () => {
  const product = await startProduct();
  await walkThrough(product);
  const found = new Set(
    (await sealedCells(product.deps.db)).map(({ table, column }) => `${table}.${column}`),
  );
  found.delete('key_check.sealed');
  expect([...found].sort()).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort());
});

/** Tokens, codes, verifiers, cookies: whatever opens a door. */
async function doorOpeners(product: Product, browsers: Browser[]): Promise<string[]> {
  const opened = await openEverything(product, product.deps.sealer);
  const tokens: unknown[] = opened.flatMap((text) =>
    text.startsWith('{') ? Object.values<unknown>(JSON.parse(text)) : [text],
  );
  const cookies = browsers.flatMap((browser) => [...browser.cookies().values()]);
  const clients = product.sandbox.world.data.clients.map(({ secret }) => secret);
  return [...tokens, ...cookies, ...clients].filter(
    (value): value is string => typeof value === 'string' && value.length > 10,
  );
}

describe('KS-02 at rest', () => {
  test('no token, verifier, cookie or client secret stands anywhere in the database', async () => {
    const product = await startProduct();
    const browser = await walkThrough(product);
    const secrets = await doorOpeners(product, [browser]);
    expect(secrets.length).toBeGreaterThan(10);
    const text = (await dump(product.deps.db)).map(({ value }) => value).join('\n');
    expect(text).toContain('greta.vogel@harbour.example');
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  test('nor anywhere in the files of the embedded database', async () => {
    const product = await startProduct();
    const browser = await walkThrough(product);
    const secrets = await doorOpeners(product, [browser]);
    const folder = await mkdtemp(join(tmpdir(), 'rest-'));
    try {
      // The same rows, through the same writer, into files.
      const { db, close } = await openDatabase({ url: null, dataDir: folder });
      await migrate(db);
      const copied = ['profile', 'connection', 'grant', 'session', 'sign_in_attempt', 'oauth_client'];
      for (const table of [...copied, 'organization', 'project', 'credential']) {
        const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(
          product.deps.db.withoutPlugins(),
        );
        for (const row of rows) {
          const columns = Object.keys(row).map((name) => sql.ref(name));
          const values = Object.values(row).map((value) =>
            value && typeof value === 'object' && !(value instanceof Date) && !Array.isArray(value)
              ? JSON.stringify(value)
              : value,
          );
          await sql`insert into ${sql.table(table)} (${sql.join(columns)}) values (${sql.join(values)})`.execute(
            db.withoutPlugins(),
          );
        }
      }
      await close();
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const contents = await Promise.all(
        files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
      );
      const everything = Buffer.concat(contents);
      expect(everything.includes('greta.vogel@harbour.example')).toBe(true);
      for (const secret of secrets) expect(everything.includes(secret)).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('KS-03 a new key', () => {
  /** The product as it stood under an old key, and its replica that has a newer key in front. */
  async function withNewKey() {
    const [old, newer] = [newEncryptionKey(), newEncryptionKey()];
    const product = await startProduct({ env: { ENCRYPTION_KEYS: old } });
    const browser = await walkThrough(product);
    const secrets = await openEverything(product, product.deps.sealer);
    const rotating = await product.replica({ ENCRYPTION_KEYS: `${newer},${old}` });
    const [oldKeys, newKeys] = [keysOf(old), keysOf(newer)];
    return { product, rotating, browser, secrets, newer, newKeys, oldKeys };
  }

  test('takes everything over while the service runs, and then the old one can go', async () => {
    const { product, rotating, browser, secrets, newer, newKeys } = await withNewKey();
    const result = await resealAll(rotating.deps);
    expect(result).toEqual({ resealed: secrets.length, unopened: 0 });
    for (const cell of await sealedCells(product.deps.db)) {
      expect(cell.value.startsWith(rotating.deps.sealer.newestPrefix), `${cell.table}.${cell.column}`).toBe(
        true,
      );
    }
    expect(await openEverything(product, createSealer(newKeys))).toEqual(secrets);

    const alone = await product.replica({ ENCRYPTION_KEYS: newer });
    browser.at(alone);
    alone.travel(3 * 3_600_000);
    for (const provider of ['github', 'bitbucket']) {
      const look = await browser.api('POST', `/api/connections/${provider}/check`);
      expect(await look.json()).toMatchObject({ state: 'connected', fault: null });
    }
  });

  test('finds nothing to do the second time', async () => {
    const { rotating } = await withNewKey();
    await resealAll(rotating.deps);
    expect(await resealAll(rotating.deps)).toEqual({ resealed: 0, unopened: 0 });
  });

  test('two replicas that take everything over at once do not disturb each other', async () => {
    const { product, rotating, secrets, newKeys } = await withNewKey();
    const other = await product.replica({
      ENCRYPTION_KEYS:
        rotating.deps.config.encryptionKeys?.map(({ bytes }) => bytes.toString('base64')).join() ?? '',
    });
    await Promise.all([resealAll(rotating.deps), resealAll(other.deps)]);
    expect(await openEverything(product, createSealer(newKeys))).toEqual(secrets);
  });

  test('a process that dies after any number of secrets leaves all of them to be opened, and the rest to be done', async () => {
    const { product, rotating, secrets, newer, newKeys, oldKeys } = await withNewKey();
    const both = createSealer([...newKeys, ...oldKeys]);
    for (let survived = 1; survived <= secrets.length; survived += 1) {
      let done = 0;
      const dying = {
        ...rotating.deps.sealer,
        seal: (...args: Parameters<typeof both.seal>) => {
          done += 1;
          if (done > 1) throw new Error('killed');
          return both.seal(...args);
        },
      };
      const dies = resealAll({ ...rotating.deps, sealer: dying });
      await (survived < secrets.length
        ? expect(dies).rejects.toThrow('killed')
        : dies.catch(() => undefined));
      expect(await openEverything(product, both), `after ${survived}`).toEqual(secrets);
      // The old key is still needed, and a start without it says so.
      if (survived < secrets.length) {
        await expect(checkKeys(product.deps.db, newKeys)).rejects.toThrow(/ENCRYPTION_KEYS/);
      }
    }
    await resealAll(rotating.deps);
    expect(await openEverything(product, createSealer(newKeys))).toEqual(secrets);
    await product.replica({ ENCRYPTION_KEYS: newer });
  });

  test('a token that is rotated meanwhile wins', async () => {
    const { product, rotating, newKeys, oldKeys } = await withNewKey();
    const { db } = product.deps;
    const { connectionId, refreshToken: before } = await db
      .selectFrom('grant')
      .select(['connectionId', 'refreshToken'])
      .where('refreshToken', 'is not', null)
      .orderBy('connectionId')
      .executeTakeFirstOrThrow();
    const place = `grant/${connectionId}/refresh_token` as const;
    const fresh = createSealer(oldKeys).seal('rotated-meanwhile', place);
    const rotate = () =>
      db.updateTable('grant').set({ refreshToken: fresh }).where('connectionId', '=', connectionId).execute();
    let between: Promise<unknown> | undefined;
    // Between reading and writing back, another process stores what the provider gave it.
    const meanwhile = db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        const read = result.rows.some((row) => row.id === connectionId && row.sealed === before);
        if (read) between ??= rotate();
        // The embedded database has one session, which this very query still holds: there the next in line is enough.
        if (inject('store') === 'server') await between;
        return result;
      },
    });
    await resealAll({ ...rotating.deps, db: meanwhile });
    expect(between).toBeDefined();
    await between;
    const row = await db
      .selectFrom('grant')
      .select('refreshToken')
      .where('connectionId', '=', connectionId)
      .executeTakeFirstOrThrow();
    const both = createSealer([...newKeys, ...oldKeys]);
    expect(both.open(row.refreshToken ?? '', place)).toBe('rotated-meanwhile');
    await resealAll(rotating.deps);
  });

  test('a secret that does not open is left as it is and said, the others go on, and the old key stays needed', async () => {
    const { product, rotating, secrets, newKeys } = await withNewKey();
    const { db } = product.deps;
    const [first, second] = await db.selectFrom('grant').selectAll().orderBy('connectionId').execute();
    if (!first || !second) throw new Error('There are not enough grants.');
    // Two rows that swapped their secrets: neither opens.
    await db
      .updateTable('grant')
      .set({ accessToken: second.accessToken })
      .where('connectionId', '=', first.connectionId)
      .execute();
    await db
      .updateTable('grant')
      .set({ accessToken: first.accessToken })
      .where('connectionId', '=', second.connectionId)
      .execute();
    expect(await resealAll(rotating.deps)).toEqual({ resealed: secrets.length - 2, unopened: 2 });
    const rows = await db
      .selectFrom('grant')
      .selectAll()
      .where('connectionId', '=', first.connectionId)
      .execute();
    expect(rows[0]?.accessToken).toBe(second.accessToken);
    expect(rotating.logs()).toContain('does not open');
    expect(() =>
      rotating.deps.sealer.open(second.accessToken, `grant/${first.connectionId}/access_token`),
    ).toThrow(SealError);
    await expect(checkKeys(db, newKeys)).rejects.toThrow(/ENCRYPTION_KEYS/);
  });

  test('more secrets than one batch holds are all taken over', async () => {
    const { product, rotating, oldKeys, newKeys } = await withNewKey();
    const { db } = product.deps;
    const old = createSealer(oldKeys);
    const template = await db
      .selectFrom('signInAttempt')
      .selectAll()
      .where('verifier', 'is not', null)
      .executeTakeFirstOrThrow();
    const copies = Array.from({ length: 230 }, () => {
      const id = crypto.randomUUID();
      const verifier = old.seal('verifier', `sign_in_attempt/${id}/verifier`);
      return { ...template, id, stateHash: id, verifier, problem: null, waitingIdentity: null };
    });
    await db.insertInto('signInAttempt').values(copies).execute();
    await resealAll(rotating.deps);
    await expect(openEverything(product, createSealer(newKeys))).resolves.toHaveLength(
      (await sealedCells(db)).length - 1,
    );
  });
});
