/** Lets this process take part in the background work. */
import { aside } from '../db/turns.ts';
import type { Deps } from '../deps.ts';
import { workOnDeliveries } from '../hooks/work.ts';
import { compareHeads } from '../workflows/heads.ts';
import { workOnWorkflow } from '../workflows/work.ts';
import { sendLeftDeliveries } from './due.ts';
import type { JobHandlers } from './jobs.ts';
import { workOnLook } from './look.ts';

const AGAIN = 5_000;

/** What each job does. Each may come twice, and too late. */
export function jobHandlers(deps: Deps): JobHandlers {
  return {
    deliveries: async ({ projectId }) => void (await workOnDeliveries(deps, projectId)),
    workflow: ({ workflowId }) => workOnWorkflow(deps, workflowId),
    look: ({ projectId, since }) => workOnLook(deps, projectId, since),
    heads: ({ projectId }) => compareHeads(deps, projectId),
  };
}

/** Starts working, and tries again as long as the database is away; the returned function stops and waits. */
export function startWork(deps: Deps): () => Promise<void> {
  let stopped = false;
  let wake: () => void = () => undefined;
  const starting = (async () => {
    while (!stopped) {
      try {
        await aside(() => sendLeftDeliveries(deps));
        await deps.jobs.work(jobHandlers(deps));
        return;
      } catch (error) {
        deps.log.error({ err: error }, 'the background work could not be started');
      }
      if (stopped) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, AGAIN).unref();
      });
    }
  })();
  return async () => {
    stopped = true;
    wake();
    await starting;
    await deps.jobs.stop();
  };
}
