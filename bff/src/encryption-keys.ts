/** Where the encryption keys come from, and the proof at start that they open what is stored. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, type EncryptionKey, parseEncryptionKeys } from './config.ts';
import type { Db } from './db/connect.ts';
import { createSealer, type Sealer } from './seal.ts';

const FILE = 'encryption-keys';
const PLACE = 'key_check/1/sealed';
const KNOWN_TEXT = 'These keys open what is stored here.';

/** The configured keys; without any (never in production) those made once in the data folder, readable by its owner. */
export async function loadEncryptionKeys({ encryptionKeys, dataDir }: Config): Promise<EncryptionKey[]> {
  if (encryptionKeys) return encryptionKeys;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE);
  const made = `${randomBytes(32).toString('base64')}\n`;
  // Written aside and linked into place: of two processes that start at once, both read one whole file.
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, made, { mode: 0o600 });
  await link(aside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(aside);
  const keys = parseEncryptionKeys((await readFile(path, 'utf8')).trim());
  if (typeof keys === 'string')
    throw new Error(`${path} does not hold an encryption key. Restore it from a backup.`);
  return keys;
}

/**
 * Throws, with a sentence for the operator, when the database was written with other keys. Writes nothing, and needs no
 * migration to have run: it stands before everything else.
 */
export async function refuseForeignKeys(db: Db, keys: readonly EncryptionKey[]): Promise<void> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'key_check' || name === 'keyCheck')) return;
  const row = await db.selectFrom('keyCheck').select('sealed').where('id', '=', 1).executeTakeFirst();
  if (row) prove(createSealer(keys), row.sealed);
}

/**
 * Makes the sealer and leaves the known text for later starts. Throws like `refuseForeignKeys`: another process may have
 * been first. The text is sealed anew with the newest key only when everything else is: see `reseal.ts`.
 */
export async function checkKeys(db: Db, keys: readonly EncryptionKey[]): Promise<Sealer> {
  const sealer = createSealer(keys);
  await db
    .insertInto('keyCheck')
    .values({ id: 1, sealed: sealer.seal(KNOWN_TEXT, PLACE) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const { sealed } = await db
    .selectFrom('keyCheck')
    .select('sealed')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  prove(sealer, sealed);
  return sealer;
}

function prove(sealer: Sealer, sealed: string): void {
  try {
    if (sealer.open(sealed, PLACE) === KNOWN_TEXT) return;
  } catch {
    // Said below; the cause would only repeat it.
  }
  throw new Error(
    'The encryption keys (ENCRYPTION_KEYS, or the file in DATA_DIR) do not open what is stored in this database. Put the key that was used before at the end of the list.',
  );
}

/** Seals the known text with the newest key: from now on the older ones may be left out. False: it was already. */
export async function resealKeyCheck(db: Db, sealer: Sealer): Promise<boolean> {
  const moved = await db
    .updateTable('keyCheck')
    .set({ sealed: sealer.seal(KNOWN_TEXT, PLACE) })
    .where('id', '=', 1)
    .where('sealed', 'not like', `${sealer.newestPrefix}%`)
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}
