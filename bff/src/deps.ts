/** What the app needs from outside itself, built once from the configuration. */
import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { type Background, createBackground } from './background.ts';
import type { Config } from './config.ts';
import type { Db } from './db/connect.ts';
import { createOutbound, type Outbound } from './http.ts';
import { exposeQueues } from './jobs/gauges.ts';
import type { Jobs } from './jobs/jobs.ts';
import { createProviders, type Providers } from './providers/configured.ts';
import type { Sealer } from './seal.ts';
import { createSsh, type Ssh } from './ssh/read-refs.ts';

export type Deps = {
  config: Config;
  log: Logger;
  db: Db;
  jobs: Jobs;
  sealer: Sealer;
  outbound: Outbound;
  providers: Providers;
  ssh: Ssh;
  metrics: Registry;
  now: () => Date;
  background: Background;
  /** False from the first moment of a shutdown on: balancers stop sending, requests under way finish. */
  lifecycle: { accepting: boolean };
};

/** Wires the parts together; opens nothing by itself. */
export function createDeps(parts: {
  config: Config;
  log: Logger;
  database: { db: Db };
  jobs: Jobs;
  sealer: Sealer;
  now?: () => Date;
  /** Milliseconds for one outbound call. */
  outboundDeadline?: number;
  /** In place of Bitbucket's own SSH server. */
  ssh?: Ssh;
}): Deps {
  const { config, log, database, jobs, sealer, now = () => new Date() } = parts;
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  exposeQueues(metrics, database.db);
  const measures = {
    calls: new Counter({
      name: 'outbound_requests_total',
      help: 'Calls to providers by what was asked and how it ended',
      labelNames: ['provider', 'what', 'outcome'],
      registers: [metrics],
    }),
    seconds: new Histogram({
      name: 'outbound_request_duration_seconds',
      help: 'Seconds that calls to providers took, repetition included',
      labelNames: ['provider', 'what'],
      registers: [metrics],
    }),
  };
  const deadline = parts.outboundDeadline ? { deadline: parts.outboundDeadline } : {};
  const outbound = createOutbound({ log, now, ...measures, ...deadline });
  const providers = createProviders(config.providers, outbound);
  return {
    config,
    log,
    db: database.db,
    jobs,
    sealer,
    outbound,
    providers,
    ssh: parts.ssh ?? createSsh(config.ssh, { log, ...measures, ...deadline }),
    metrics,
    now,
    background: createBackground(log),
    lifecycle: { accepting: true },
  };
}
