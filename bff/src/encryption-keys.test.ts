import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openFreshDatabase } from '../test/product.ts';
import { type Config, type EncryptionKey, parseEncryptionKeys, readConfig } from './config.ts';
import { checkKeys, loadEncryptionKeys, resealKeyCheck } from './encryption-keys.ts';
import { createSealer } from './seal.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function configure(env: Record<string, string> = {}): Promise<Config> {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'));
  folders.push(folder);
  const read = readConfig({ DATA_DIR: join(folder, 'data'), ...env });
  if (!read.ok) throw new Error(read.mistakes.join('\n'));
  return read.config;
}

const newText = () => randomBytes(32).toString('base64');
const keysOf = (...texts: string[]) => parseEncryptionKeys(texts.join(',')) as EncryptionKey[];

describe('KS-04 where keys come from', () => {
  test('given ones are used, and nothing is written', async () => {
    const text = newText();
    const config = await configure({ ENCRYPTION_KEYS: text });
    expect(await loadEncryptionKeys(config)).toEqual(keysOf(text));
    await expect(readdir(config.dataDir)).rejects.toThrow('ENOENT');
  });

  test('without any a random one is made once, and only its owner can read it', async () => {
    const [config, other] = [await configure(), await configure()];
    const made = await loadEncryptionKeys(config);
    expect(made).toHaveLength(1);
    expect(await loadEncryptionKeys(config)).toEqual(made);
    expect(await loadEncryptionKeys(other)).not.toEqual(made);
    const file = join(config.dataDir, 'encryption-keys');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(config.dataDir)).mode & 0o777).toBe(0o700);
    expect(keysOf((await readFile(file, 'utf8')).trim())).toEqual(made);
  });

  test('of many that start at once all use the same', async () => {
    const config = await configure();
    const all = await Promise.all(Array.from({ length: 10 }, () => loadEncryptionKeys(config)));
    expect(new Set(all.map((keys) => keys.map(({ id }) => id).join())).size).toBe(1);
  });

  test.each(['', 'nonsense', Buffer.alloc(32).toString('base64')])(
    'a file that holds no key (%j) is neither used nor replaced',
    async (content) => {
      const config = await configure();
      await loadEncryptionKeys(config);
      const file = join(config.dataDir, 'encryption-keys');
      await writeFile(file, content);
      await expect(loadEncryptionKeys(config)).rejects.toThrow(/does not hold an encryption key/);
      expect(await readFile(file, 'utf8')).toBe(content);
    },
  );
});

describe('KS-04 the proof at start', () => {
  const stored = async (db: Awaited<ReturnType<typeof openFreshDatabase>>['db']) =>
    (await db.selectFrom('keyCheck').selectAll().execute()).map(({ sealed }) => sealed);

  test('the first keys are taken, and the same ones from then on', async () => {
    const { db } = await openFreshDatabase();
    const keys = keysOf(newText());
    await checkKeys(db, keys);
    const [before] = await stored(db);
    const sealer = await checkKeys(db, keys);
    expect(sealer.newestPrefix).toBe(createSealer(keys).newestPrefix);
    expect(await stored(db)).toEqual([before]);
  });

  test('others are refused with a sentence for the operator, and nothing is written', async () => {
    const { db } = await openFreshDatabase();
    const right = newText();
    await checkKeys(db, keysOf(right));
    const before = await stored(db);
    const wrong = newText();
    const error = await checkKeys(db, keysOf(wrong, newText())).catch((reason: Error) => reason);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^The encryption keys .* do not open what is stored.*Put the key that was used before/,
      ),
    });
    expect(String(error)).not.toContain(wrong);
    expect(await stored(db)).toEqual(before);
    await checkKeys(db, keysOf(right));
  });

  test('a new key in front of the old one is accepted, alone only after everything was sealed with it', async () => {
    const { db } = await openFreshDatabase();
    const [old, newer] = [newText(), newText()];
    await checkKeys(db, keysOf(old));
    const sealer = await checkKeys(db, keysOf(newer, old));
    await expect(checkKeys(db, keysOf(newer))).rejects.toThrow(/ENCRYPTION_KEYS/);
    await resealKeyCheck(db, sealer);
    await checkKeys(db, keysOf(newer));
    await expect(checkKeys(db, keysOf(old))).rejects.toThrow(/ENCRYPTION_KEYS/);
  });

  test('a text that was changed, or is none of ours, is refused like a wrong key', async () => {
    const { db } = await openFreshDatabase();
    const keys = keysOf(newText());
    await checkKeys(db, keys);
    const elsewhere = createSealer(keys).seal('These keys open what is stored here.', 'grant/1/access_token');
    const otherWords = createSealer(keys).seal('other words', 'key_check/1/sealed');
    for (const sealed of ['', 'v1.x.y', elsewhere, otherWords]) {
      await db.updateTable('keyCheck').set({ sealed }).execute();
      await expect(checkKeys(db, keys)).rejects.toThrow(/ENCRYPTION_KEYS/);
      expect(await stored(db)).toEqual([sealed]);
    }
  });

  test('of several replicas that start at once with different keys one has the say', async () => {
    const { db } = await openFreshDatabase();
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => checkKeys(db, keysOf(newText()))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stored(db)).toHaveLength(1);
  });
});
