import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './connect.ts';
import { FolderLockedError, lockFolder } from './folder-lock.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  await rm(folder, { recursive: true });
});

/** A process of its own that runs this program, and the lines it says. */
function run(program: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line(): Promise<string> {
      const { value, done } = await lines.next();
      if (done) throw new Error('The process ended without a word.');
      return value;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** Takes the lock and holds it until it is killed. */
const holder = () => `
  import { lockFolder } from ${module('./folder-lock.ts')};
  lockFolder(${JSON.stringify(folder)});
  console.log('locked');
  process.stdin.resume();`;

describe('DB-05 a folder', () => {
  test('that another process holds is refused at once, with words for the operator', async () => {
    const other = run(holder());
    expect(await other.line()).toBe('locked');
    expect(() => lockFolder(folder)).toThrow(FolderLockedError);
    expect(() => lockFolder(folder)).toThrow(/in use by another running process.*DATA_DIR.*DATABASE_URL/);
    expect(() => lockFolder(folder)).toThrow(folder);
  });

  test('is the same folder under another name', async () => {
    const other = run(holder());
    await other.line();
    const alias = `${folder}-alias`;
    await symlink(folder, alias);
    try {
      expect(() => lockFolder(alias)).toThrow(FolderLockedError);
    } finally {
      await rm(alias);
    }
  });

  test('is free again when its process was killed', async () => {
    const other = run(holder());
    await other.line();
    await kill(other.child);
    const unlock = lockFolder(folder);
    unlock();
  });

  test('is free again when it was given back, and held in between', () => {
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(FolderLockedError);
    unlock();
    lockFolder(folder)();
  });

  test('that does not exist is no lock but an error', () => {
    expect(() => lockFolder(join(folder, 'nowhere'))).toThrow('ENOENT');
  });

  test('of two that race for it one gets it', async () => {
    const racer = `
      import { lockFolder } from ${module('./folder-lock.ts')};
      process.stdin.once('data', () => {
        try { lockFolder(${JSON.stringify(folder)}); console.log('locked'); }
        catch (error) { console.log(error.name); }
      });
      console.log('at the start');`;
    const racers = Array.from({ length: 3 }, () => run(racer));
    for (const { line } of racers) await line();
    for (const { child } of racers) child.stdin?.write('go\n');
    const results = await Promise.all(racers.map(({ line }) => line()));
    expect(results.sort()).toEqual(['FolderLockedError', 'FolderLockedError', 'locked']);
  });
});

describe('DB-05 the embedded database', () => {
  const writer = () => `
    import { openDatabase } from ${module('./connect.ts')};
    const { db } = await openDatabase({ url: null, dataDir: ${JSON.stringify(folder)} });
    const { sql } = await import('kysely');
    await sql\`create table if not exists note (id integer primary key)\`.execute(db);
    for (let id = 1; ; id += 1) {
      await sql\`insert into note values (\${id})\`.execute(db);
      console.log(id);
    }`;

  test('keeps all that it acknowledged when its process is killed, and lets nobody else in before', async () => {
    const other = run(writer());
    let acknowledged = 0;
    while (acknowledged < 50) acknowledged = Number(await other.line());
    await expect(openDatabase({ url: null, dataDir: folder })).rejects.toThrow(FolderLockedError);
    // It went on writing: the one that was refused did no harm.
    acknowledged = Number(await other.line());
    await kill(other.child);

    const { db, close } = await openDatabase({ url: null, dataDir: folder });
    const { rows } = await sql<{ id: number }>`select id from note order by id`.execute(db);
    await close();
    expect(rows.slice(0, acknowledged).map(({ id }) => id)).toEqual(
      Array.from({ length: acknowledged }, (_, index) => index + 1),
    );
  });

  test('can be opened again after it was closed', async () => {
    for (const round of [1, 2]) {
      const { db, close } = await openDatabase({ url: null, dataDir: folder });
      await sql`create table if not exists note (id integer)`.execute(db);
      await sql`insert into note values (${round})`.execute(db);
      const { rows } = await sql`select * from note`.execute(db);
      expect(rows).toHaveLength(round);
      await close();
    }
  });
});
