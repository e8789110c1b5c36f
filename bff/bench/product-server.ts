/** The product's server with one more address: behind all of its middleware, it reads a body and answers 200. */
import { serve } from '@hono/node-server';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { createDeps } from '../src/deps.ts';
import { checkKeys, loadEncryptionKeys } from '../src/encryption-keys.ts';
import { createJobs, installJobs } from '../src/jobs/jobs.ts';
import { startWork } from '../src/jobs/start.ts';
import { createLogger } from '../src/log.ts';

const read = readConfig(process.env);
if (!read.ok) throw new Error(read.mistakes.join('\n'));
const { config } = read;
const log = createLogger(config.logLevel);
const database = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir });
await migrate(database.db);
await installJobs(database.store, log);
const sealer = await checkKeys(database.db, await loadEncryptionKeys(config));
const jobs = createJobs(database.store, log);
await jobs.ready();
const deps = createDeps({ config, log, database, jobs, sealer });
const app = createApp(deps, null);
app.post('/bench/not-storing', async (c) => {
  await c.req.raw.arrayBuffer();
  return c.json({ status: 'stored' }, 200);
});
serve({ fetch: app.fetch, port: config.port, hostname: config.host }, () => {
  if (!process.env.NO_WORK) startWork(deps);
  process.stdout.write('listening\n');
});
