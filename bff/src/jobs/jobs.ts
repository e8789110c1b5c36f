/**
 * Background work that outlives the process: pg-boss on the product's own database, in a schema of its own, with the
 * embedded store as with a server. A job is sent in the transaction that gives it something to do, or after it where a
 * round finds what has no job; it carries nothing but an id, and doing it twice has to be the same as doing it once.
 */
import { fromKysely, fromPglite, type Job, type PGliteLike, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Store, Tx } from '../db/connect.ts';
import { aside } from '../db/turns.ts';

/** What each kind of job is about. */
export type JobData = {
  /** Deliveries of a project that nobody has worked on yet. */
  deliveries: { projectId: string };
  workflow: { workflowId: string };
  /** A fresh look at the repository, unless one began after this was asked for (ISO 8601, the database's clock). */
  look: { projectId: string; since: string };
  /** The branch heads against what was announced. */
  heads: { projectId: string };
};
export type JobName = keyof JobData;
export type JobHandlers = { [Name in JobName]: (data: JobData[Name]) => Promise<void> };

export type Jobs = {
  /** Resolves when jobs can be sent. Before the transaction that sends one, never inside. */
  ready(): Promise<void>;
  /** Sends jobs with the transaction, any number at the price of one; they start after the commit, or at `startAfter`. */
  send<Name extends JobName>(
    tx: Tx,
    name: Name,
    data: JobData[Name] | JobData[Name][],
    options?: { startAfter?: Date },
  ): Promise<void>;
  /** Whether a request waits for a transaction in the background to end: the embedded store has one session. */
  isAwaited(): boolean;
  /** Takes part in the work until `stop`. */
  work(handlers: JobHandlers): Promise<void>;
  /** Takes no new jobs, and waits for those under way. Sending goes on working until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
};

const SCHEMA = 'jobs';
/** Longer than any handler can take with all its deadlines; a job of a process that died starts again after it. */
const EXPIRES = 120;
/** Fetching and settling cost the embedded store more than most jobs do, so a worker takes several at once. */
const QUEUES: Record<JobName, { workers: number; batch: number }> = {
  deliveries: { workers: 1, batch: 50 },
  workflow: { workers: 2, batch: 8 },
  look: { workers: 1, batch: 20 },
  heads: { workers: 1, batch: 4 },
};
const NAMES = Object.keys(QUEUES) as JobName[];
/** Seconds between two questions for jobs, should a notification get lost. */
const POLL = 5;
/** A stop waits this long for jobs under way, in milliseconds; what is left starts again elsewhere. */
const PATIENCE = 20_000;

/**
 * Makes or upgrades the engine's tables and queues, however many replicas start together: the engine takes a lock for
 * each step.
 */
export async function installJobs(store: Store, log: Logger): Promise<void> {
  const boss = createBoss(store, log, { migrate: true, supervise: false, useListenNotify: false });
  await boss.start();
  try {
    for (const name of NAMES) {
      const options = {
        expireInSeconds: EXPIRES,
        retryLimit: 20,
        retryDelay: 2,
        retryBackoff: true,
        retryDelayMax: 600,
        deleteAfterSeconds: 3_600,
        notify: true,
      };
      await boss.createQueue(name, options);
      await boss.updateQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false, timeout: 1_000 });
  }
}

/** Opens nothing before it is asked for something. */
export function createJobs(store: Store, log: Logger): Jobs {
  let starting: Promise<PgBoss> | undefined;
  let worker: PgBoss | undefined;
  // One that only sends, so that the last requests of a shutdown can still leave their jobs.
  const sender = () => {
    starting ??= createBoss(store, log, { migrate: false, supervise: false, useListenNotify: false }).start();
    // The database may be away just now: the next one tries again.
    starting.catch(() => {
      starting = undefined;
    });
    return starting;
  };
  return {
    async ready() {
      await sender();
    },
    async send(tx, name, data, options = {}) {
      const boss = await sender();
      const several = Array.isArray(data) ? data : [data];
      if (several.length === 0) return;
      await boss.insert(
        name,
        several.map((each) => ({ data: each, ...options })),
        { db: fromKysely(tx.withoutPlugins()) },
      );
    },
    isAwaited: () => store.kind === 'embedded' && store.turns.isAwaited(),
    work: (handlers) =>
      aside(async () => {
        const boss = createBoss(store, log, { migrate: false, supervise: true, useListenNotify: true });
        worker = await boss.start();
        const begin = <Name extends JobName>(name: Name) => take(boss, log, name, handlers[name]);
        for (const name of NAMES) await begin(name);
      }),
    async stop() {
      await worker?.stop({ graceful: true, timeout: PATIENCE });
    },
    async close() {
      const started = await starting?.catch(() => undefined);
      await started?.stop({ graceful: false, timeout: 1_000 });
    },
  };
}

async function take<Name extends JobName>(
  boss: PgBoss,
  log: Logger,
  name: Name,
  handler: (data: JobData[Name]) => Promise<void>,
): Promise<void> {
  const { workers, batch } = QUEUES[name];
  const options = {
    localConcurrency: workers,
    batchSize: batch,
    pollingIntervalSeconds: POLL,
    notifyPollingIntervalSeconds: POLL,
    // Where a full batch was, there is more: nobody tells of it again.
    burstWhenBatchFull: true,
  };
  await boss.work<JobData[Name]>(name, options, async (jobs: Job<JobData[Name]>[]) => {
    // Several deliveries of a project are one job to do.
    const different = new Map(jobs.map(({ data }) => [JSON.stringify(data), data]));
    const done = await Promise.allSettled([...different.values()].map(handler));
    const failed = done.filter((each) => each.status === 'rejected');
    for (const { reason } of failed) log.error({ err: reason, job: name }, 'a job failed; it is tried again');
    // Those that were done have nothing left to do when they come again.
    if (failed.length > 0) throw new Error('see the log');
  });
}

function createBoss(
  store: Store,
  log: Logger,
  parts: { migrate: boolean; supervise: boolean; useListenNotify: boolean },
): PgBoss {
  const connection =
    store.kind === 'server'
      ? { connectionString: store.url, max: parts.useListenNotify ? 4 : 1, connectionTimeoutMillis: 5_000 }
      : { db: fromPglite(takingTurns(store)), backend: 'pglite' as const };
  const boss = new PgBoss({
    ...connection,
    ...parts,
    schema: SCHEMA,
    schedule: false,
    registerInstance: false,
    persistWarnings: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'the job engine met an error'));
  return boss;
}

/** The engine's own statements stand in line like everybody's. */
function takingTurns({ pglite, turns }: Extract<Store, { kind: 'embedded' }>): PGliteLike {
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    await turns.take();
    return work().finally(() => turns.pass());
  };
  return {
    query: (text, values) => inTurn(() => pglite.query(text, values)),
    exec: (text) => inTurn(() => pglite.exec(text)),
    listen: (channel, callback) => inTurn(() => pglite.listen(channel, callback)),
  };
}
