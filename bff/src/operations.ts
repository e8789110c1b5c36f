/** For operators: is the process alive, can it serve, and what does it measure. */
import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Deps } from './deps.ts';

const PATIENCE = 2_000;

export function operationsRoutes({ db, log, metrics, lifecycle }: Deps) {
  return new Hono()
    .get('/health/live', (c) => c.json({ status: 'live' }, 200))
    .get('/health/ready', async (c) => {
      if (!lifecycle.accepting) return c.json({ status: 'shutting-down' }, 503);
      const answered = await Promise.race([
        sql`select 1`.execute(db).then(
          () => true,
          (error: unknown) => {
            log.warn({ err: error }, 'the database does not answer');
            return false;
          },
        ),
        new Promise<false>((resolve) => setTimeout(resolve, PATIENCE, false).unref()),
      ]);
      return answered ? c.json({ status: 'ready' }, 200) : c.json({ status: 'no-database' }, 503);
    })
    .get('/metrics', async (c) => {
      return c.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType });
    });
}
