/**
 * Who carries out an operation: the process that holds its lease, known by the epoch. Time is the database's alone. A
 * process that lost the lease without noticing (stopped, cut off) can write nothing any more: every write names its epoch.
 */
import { sql } from 'kysely';
import type { Db, Tx } from '../../db/connect.ts';
import type { OperationRow } from '../../db/schema.ts';
import type { Deps } from '../../deps.ts';

/** Far longer than any single call's deadline, so that a call does not outlive the lease it was made under. */
const LEASE_SECONDS = 30;
const HEARTBEAT = 10_000;

export type Lease = { operationId: string; projectId: string; epoch: number };

/** Another process has taken the operation over, or it has ended. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

/** The process is about to end: what comes next is left to others. */
export class Leaving extends Error {
  override name = 'Leaving';
}

const leaseEnd = () => sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS})`;

/** Takes an operation that nobody holds and that need not wait; null when there is none such. */
export async function claim(tx: Db | Tx, now: Date, operationId?: string): Promise<Lease | null> {
  const operation = await tx
    .updateTable('operation')
    .set({ epoch: sql<number>`epoch + 1`, leaseUntil: leaseEnd(), notBefore: null })
    .where('id', '=', (eb) => {
      const free = eb
        .selectFrom('operation')
        .select('id')
        .where('state', '=', 'running')
        .where((or) => or.or([or('leaseUntil', 'is', null), or('leaseUntil', '<', sql<Date>`now()`)]))
        .where((or) => or.or([or('notBefore', 'is', null), or('notBefore', '<=', now)]))
        .orderBy('createdAt')
        .limit(1)
        .forUpdate();
      // One that is meant is waited for: a second click may be looking at it just now.
      return operationId === undefined ? free.skipLocked() : free.where('id', '=', operationId);
    })
    .returningAll()
    .executeTakeFirst();
  if (!operation) return null;
  return { operationId: operation.id, projectId: operation.projectId, epoch: operation.epoch };
}

/**
 * Runs a transaction that only the holder of the lease can commit; it renews the lease and keeps the row locked.
 * Throws `LeaseLost` for anybody else.
 */
export function fenced<T>(
  { db }: Pick<Deps, 'db'>,
  lease: Lease,
  work: (tx: Tx, operation: OperationRow) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    // The project before the operation, as whoever begins one does: in another order the two could wait for each other.
    await tx.selectFrom('project').select('id').where('id', '=', lease.projectId).forNoKeyUpdate().execute();
    const operation = await renew(tx, lease).returningAll().executeTakeFirst();
    if (!operation) throw new LeaseLost(`The lease on operation ${lease.operationId} is lost.`);
    return work(tx, operation);
  });
}

/** Gives the operation back; it goes on when somebody takes it, not before that time. */
export async function giveBack({ db }: Pick<Deps, 'db'>, lease: Lease): Promise<void> {
  await holderOnly(db, lease).set({ leaseUntil: null }).execute();
}

/** Keeps the lease while something lasts; returns the way to stop. */
export function keepAlive({ db, log }: Pick<Deps, 'db' | 'log'>, lease: Lease): () => void {
  const timer = setInterval(() => {
    renew(db, lease)
      .execute()
      .catch((error: unknown) => log.warn({ err: error, ...lease }, 'a lease could not be renewed'));
  }, HEARTBEAT);
  return () => clearInterval(timer);
}

function renew(tx: Db | Tx, lease: Lease) {
  return holderOnly(tx, lease).set({ leaseUntil: leaseEnd() });
}

function holderOnly(tx: Db | Tx, { operationId, epoch }: Lease) {
  return tx
    .updateTable('operation')
    .where('id', '=', operationId)
    .where('epoch', '=', epoch)
    .where('state', '=', 'running');
}
