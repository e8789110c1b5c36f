/** One process for one folder, held by the operating system, so that a killed process leaves nothing locked. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process has this folder open. */
export class FolderLockedError extends Error {
  override name = 'FolderLockedError';
  constructor(folder: string) {
    super(
      `The data in ${folder} is in use by another running process. Stop that one first, give this one a DATA_DIR of its own, or set DATABASE_URL to run several on one PostgreSQL server.`,
    );
  }
}

const SQLITE_BUSY = 5;

/** A handle that nobody refers to is collected as garbage, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the folder's lock and returns how to release it. Throws `FolderLockedError` at once when it is taken.
 * SQLite is here for its file lock alone: it is the one portable lock in Node.js that dies with its process.
 */
export function lockFolder(folder: string): () => void {
  const path = realpathSync(folder);
  const file = new DatabaseSync(join(path, 'in-use.lock'), { timeout: 0 });
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive;');
  } catch (error) {
    file.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new FolderLockedError(path);
    }
    throw error;
  }
  held.add(file);
  return () => {
    if (held.delete(file)) file.close();
  };
}
