/** Once for each test run: a PostgreSQL server with a migrated database in it for the tests to copy. */
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { installJobs } from '../src/jobs/jobs.ts';
import { createLogger } from '../src/log.ts';
import { createDatabase, startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `inject('store')`: which of the product's two stores the tests run on (see vitest.config.ts). */
    store: 'embedded' | 'server';
    /** `inject('postgres')`: connection string of the server's maintenance database. */
    postgres: string;
    /** `inject('migrated')`: name of the migrated database, a template for `createDatabase`. */
    migrated: string;
  }
}

export default async function setup(project: TestProject) {
  const server = await startPostgres();
  try {
    const { url } = await createDatabase(server.url);
    const { db, store, close } = await openDatabase({ url, dataDir: null });
    try {
      await migrate(db);
      await installJobs(store, createLogger('silent'));
    } finally {
      await close();
    }
    project.provide('postgres', server.url);
    project.provide('migrated', new URL(url).pathname.slice(1));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return () => server.stop();
}
