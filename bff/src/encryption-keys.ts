/** Where the encryption keys come from, and the proof at start that they open what is stored. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
  // `wx`: of two processes that start at once, one writes and both read the same key.
  await writeFile(path, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const keys = parseEncryptionKeys((await readFile(path, 'utf8')).trim());
  if (typeof keys === 'string')
    throw new Error(`${path} does not hold an encryption key. Restore it from a backup.`);
  return keys;
}

/**
 * Proves that the keys belong to this database before anything else is read or written, or throws with a sentence for
 * the operator. The known text is sealed anew with the newest key only when everything else is: see `reseal.ts`.
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
  try {
    if (sealer.open(sealed, PLACE) === KNOWN_TEXT) return sealer;
  } catch {
    // Said below; the cause would only repeat it.
  }
  throw new Error(
    'The encryption keys (ENCRYPTION_KEYS, or the file in DATA_DIR) do not open what is stored in this database. Put the key that was used before at the end of the list.',
  );
}

/** Seals the known text with the newest key: from now on the older ones may be left out. */
export async function resealKeyCheck(db: Db, sealer: Sealer): Promise<void> {
  await db
    .updateTable('keyCheck')
    .set({ sealed: sealer.seal(KNOWN_TEXT, PLACE) })
    .where('id', '=', 1)
    .where('sealed', 'not like', `${sealer.newestPrefix}%`)
    .execute();
}
