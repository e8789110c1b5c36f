/** How much background work is left, for operators: counted when it is asked for, over all replicas. */
import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../db/connect.ts';
import type { WorkflowState } from '../workflows/workflow.ts';

/** Milliseconds; who collects the numbers gives up after a few seconds. */
const PATIENCE = 2_000;
const OPEN: WorkflowState[] = ['created', 'reading', 'waiting', 'handing-over'];

/** Each replica tells the same; the database's indexes of what is unfinished answer it. */
export function exposeQueues(registry: Registry, db: Db): void {
  new Gauge({
    name: 'hook_deliveries_unworked',
    help: 'Deliveries of webhooks that are stored and not worked on yet',
    registers: [registry],
    collect() {
      return orNothing(this, async () => {
        const { count } = await db
          .selectFrom('delivery')
          .select((of) => of.fn.countAll<number>().as('count'))
          .where('state', '=', 'received')
          .executeTakeFirstOrThrow();
        this.set(count);
      });
    },
  });
  new Gauge({
    name: 'workflows_unfinished',
    help: 'Workflows that are neither handed over nor failed, by how far they are',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      return orNothing(this, async () => {
        const rows = await db
          .selectFrom('workflow')
          .select(['state', (of) => of.fn.countAll<number>().as('count')])
          .where('state', 'in', OPEN)
          .groupBy('state')
          .execute();
        const counts = new Map(rows.map(({ state, count }) => [state, count]));
        for (const state of OPEN) this.set({ state }, counts.get(state) ?? 0);
      });
    },
  });
}

/** While the database is away nothing is said, and the other numbers still are. */
async function orNothing(gauge: Gauge, count: () => Promise<void>): Promise<void> {
  const late = delay(PATIENCE, undefined, { ref: false }).then(() => Promise.reject(new Error('late')));
  await Promise.race([count(), late]).catch(() => {
    gauge.reset();
    // The number without labels, which a reset makes 0.
    gauge.remove({});
  });
}
