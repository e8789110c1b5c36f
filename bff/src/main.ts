/** The process: reads the environment, opens what has to be open, serves, and leaves in order. */
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { type EncryptionKey, readConfig } from './config.ts';
import { type Database, openDatabase } from './db/connect.ts';
import { migrate } from './db/migrate.ts';
import { createDeps } from './deps.ts';
import { checkKeys, loadEncryptionKeys, refuseForeignKeys } from './encryption-keys.ts';
import { createJobs, installJobs } from './jobs/jobs.ts';
import { startWork } from './jobs/start.ts';
import { createLogger } from './log.ts';
import { readShell } from './shell.ts';
import { startHousekeeping } from './sweep/housekeeping.ts';

/** After readiness is withdrawn, balancers get this long to notice before connections are refused. */
const NOTICE = 1_000;
/** Requests under way get this long to finish. */
const DRAIN = 25_000;

/** A connection that has not agreed on TLS after so long is dropped; well within `DRAIN`, which it holds up. */
const HANDSHAKE = 10_000;

/** Signals this close together, in milliseconds, come from one press of a key. */
const ONE_KEYPRESS = 500;

const WEB_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));

await start().catch((error: unknown) => {
  // Before there is a server, the person at the terminal is the audience.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function start(): Promise<void> {
  const read = readConfig(process.env);
  if (!read.ok) {
    const list = read.mistakes.map((mistake) => `  - ${mistake}`).join('\n');
    throw new Error(`The configuration has ${read.mistakes.length} mistake(s):\n${list}`);
  }
  const { config } = read;
  const log = createLogger(config.logLevel);
  const shell = await readShell(WEB_ROOT);
  const database = await openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    onConnectionError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const keys = await loadEncryptionKeys(config);
  await prepare(database, keys, log).catch((error: unknown) => {
    throw isUnreachable(error)
      ? new Error(`The database of DATABASE_URL cannot be reached (${error.code}).`)
      : error;
  });
  const sealer = await checkKeys(database.db, keys);
  const jobs = createJobs(database.store, log);
  // Whoever delivers expects an answer within seconds from the first request on.
  await jobs.ready();
  const deps = createDeps({ config, log, database, jobs, sealer });
  const app = createApp(deps, shell);

  const door = { fetch: app.fetch, port: config.port, hostname: config.host };
  const server = config.tls
    ? serve({
        ...door,
        createServer,
        serverOptions: { ...config.tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE },
      })
    : serve(door);
  server.once('error', (error: NodeJS.ErrnoException) => {
    const inUse = error.code === 'EADDRINUSE';
    const why = inUse ? `Port ${config.port} is in use. Stop what runs there, or set PORT.` : error.message;
    process.stderr.write(`${why}\n`);
    process.exit(1);
  });
  let stopHousekeeping: () => Promise<void> = () => Promise.resolve();
  let stopWork: () => Promise<void> = () => Promise.resolve();
  server.once('listening', () => {
    // Not before: a process that has to give up at once must not be in the middle of spending a refresh token.
    stopHousekeeping = startHousekeeping(deps);
    stopWork = startWork(deps);
    if (deps.providers.size === 0) log.warn('no provider is configured: nobody can log in');
    log.info({ address: config.publicUrl, port: config.port, host: config.host }, 'listening');
  });
  let leavingSince: number | null = null;
  const leave = async (signal: string, exitCode: number) => {
    if (leavingSince !== null) {
      // A second signal means now; but one Ctrl-C arrives twice, from the terminal and from npm.
      if (performance.now() - leavingSince > ONE_KEYPRESS) process.exit(1);
      return;
    }
    leavingSince = performance.now();
    log.info({ signal }, 'shutting down');
    deps.lifecycle.accepting = false;
    setTimeout(() => {
      log.error('requests did not finish in time');
      process.exit(1);
    }, NOTICE + DRAIN).unref();
    await Promise.all([
      new Promise((resolve) => setTimeout(resolve, NOTICE)),
      stopHousekeeping(),
      stopWork(),
    ]);
    await new Promise((resolve) => {
      server.close(resolve);
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    });
    await deps.background.settled();
    await jobs.close();
    await database.close();
    log.info('stopped');
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => void leave('SIGTERM', 0));
  process.on('SIGINT', () => void leave('SIGINT', 0));
  // What nobody expected leaves the process in a state that nobody knows: say it, and make room for a new one.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      void leave(event, 1);
    });
  }
}

/** Keys first: with the wrong ones nothing is written, not even a migration. */
async function prepare({ db, store }: Database, keys: EncryptionKey[], log: Logger): Promise<void> {
  await refuseForeignKeys(db, keys);
  await migrate(db);
  await installJobs(store, log);
}

/** Several addresses of one name fail as an error without a message; the code is there in either case. */
function isUnreachable(error: unknown): error is Error & { code: string } {
  const codes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
  return error instanceof Error && 'code' in error && codes.test(String(error.code));
}
