/** What happens in the background while the service runs, at its own pace and without harm to requests. */
import { aside } from '../db/turns.ts';
import type { Deps } from '../deps.ts';
import { purgeDeliveries, sendDueJobs } from '../jobs/due.ts';
import { reconcileOperations } from '../repository/repair/reconcile.ts';
import { sweepProjects } from '../repository/sweep.ts';
import { resealAll } from '../reseal.ts';
import { purgeSessions } from '../session/session.ts';
import { purgeAttempts } from '../sign-in/attempt.ts';
import { sweepConnections } from './sweep.ts';

const MINUTE = 60_000;

/** Starts the background work; the returned function stops it and waits for what is under way. */
export function startHousekeeping(deps: Deps): () => Promise<void> {
  // Often enough that a connection is looked at within the sweep's interval of when it is due.
  const sweepEvery = Math.min(5_000, deps.config.sweepInterval / 2);
  const stops = [
    repeat(deps, 'sweep connections', sweepEvery, () => sweepConnections(deps)),
    repeat(deps, 'sweep projects', sweepEvery, () => sweepProjects(deps)),
    repeat(deps, 'reconcile operations', 3_000, () => reconcileOperations(deps)),
    repeat(deps, 'send due jobs', 5_000, () => sendDueJobs(deps)),
    repeat(deps, 'purge deliveries', 60 * MINUTE, () => purgeDeliveries(deps)),
    repeat(deps, 'purge sign-ins', 5 * MINUTE, () => purgeAttempts(deps.db, deps.now())),
    repeat(deps, 'purge sessions', 60 * MINUTE, () => purgeSessions(deps.db, deps.now())),
    repeat(deps, 'reseal secrets', 60 * MINUTE, () => resealAll(deps)),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Runs at once and then at this pace, never twice at the same time; a failure is logged and the next round tries again. */
function repeat(
  { log }: Deps,
  name: string,
  every: number,
  work: () => Promise<unknown>,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round = run();

  async function run(): Promise<void> {
    try {
      await aside(work);
    } catch (error) {
      log.error({ err: error, work: name }, 'background work failed');
    }
    if (stopped) return;
    timer = setTimeout(
      () => {
        round = run();
      },
      every * (0.9 + Math.random() / 5),
    );
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
    return round;
  };
}
