/**
 * Carries out an operation under its lease, from wherever it stands: what has happened is read from the rows and from
 * the provider's lists, never remembered, so that any process can go on where another one ended.
 */
import type { Tx } from '../../db/connect.ts';
import type { OperationRow } from '../../db/schema.ts';
import type { Deps } from '../../deps.ts';
import type { Repairable } from '../finding.ts';
import { lookAtRepository } from '../look.ts';
import { noteDoubt, noteLostCalls } from './due.ts';
import { addLeftovers, fail, finish, takeBack } from './end.ts';
import { fenced, giveBack, keepAlive, type Lease, LeaseLost, Leaving } from './lease.ts';
import { type Failed, make, type Parked, type Present } from './make.ts';
import { removeRetired } from './remove.ts';
import { advance, phaseOf } from './steps.ts';
import { verify } from './verify.ts';
import { readGenerations, record, stay, type Work } from './work.ts';

/** So often may a thing that was just made be taken away by somebody before it is verified. */
const ROUNDS = 3;
/** From one try of an operation that waits to the next; the last one repeats. */
const PAUSES = [30_000, 60_000, 120_000, 300_000];
/** Then it fails, so that the project can be worked on otherwise, and the background cleans up. */
const PATIENCE = 60 * 60_000;

type End = { kind: 'ended' } | Parked;

/** Never throws; what keeps it from going on is logged, and the operation is tried again. */
export async function runOperation(deps: Deps, lease: Lease): Promise<void> {
  const stop = keepAlive(deps, lease);
  try {
    await carryOut(deps, lease);
  } catch (error) {
    if (error instanceof LeaseLost) {
      deps.log.info(lease, 'another process has taken over an operation');
      return;
    }
    if (error instanceof Leaving) deps.log.info(lease, 'an operation is left to others');
    else deps.log.error({ err: error, ...lease }, 'an operation broke off');
    await putAside(deps, lease, { kind: 'parked', retryAt: null }).catch((again: unknown) => {
      // The lease runs out by itself.
      deps.log.error({ err: again, ...lease }, 'an operation could not be put aside');
    });
  } finally {
    stop();
  }
}

async function carryOut(deps: Deps, lease: Lease): Promise<void> {
  await noteLostCalls(deps.db, lease, deps.now());
  const operation = await deps.db
    .selectFrom('operation')
    .selectAll()
    .where('id', '=', lease.operationId)
    .executeTakeFirstOrThrow();
  const project = await deps.db
    .selectFrom('project')
    .selectAll()
    .where('id', '=', operation.projectId)
    .executeTakeFirstOrThrow();
  const work: Work = { deps, lease, operation, project };
  const end = await ways[operation.kind](work);
  if (end.kind === 'parked') {
    await putAside(deps, lease, end);
    return;
  }
  const { state } = await deps.db
    .selectFrom('project')
    .select('state')
    .where('id', '=', project.id)
    .executeTakeFirstOrThrow();
  if (
    operation.kind === 'repair' ||
    operation.kind === 'move' ||
    (operation.kind === 'create' && state === 'ready')
  ) {
    stay(work);
    await record(
      work,
      async () => undefined,
      (steps) => advance(steps, null, 'check', 'running'),
    );
    await lookAtRepository(deps, project.id, { fresh: true });
  }
  await finish(work);
}

const ways: Record<OperationRow['kind'], (work: Work) => Promise<End>> = {
  repair: (work) => each(work, (subject) => repairOne(work, subject)),
  create: (work) => together(work, (tx) => setReady(tx, work)),
  move: (work) => together(work, (tx) => setRepository(tx, work)),
  delete: (work) => each(work, (subject) => clean(work, subject)),
  sweep: search,
};

/** The subjects go their ways at once, and none waits for another. */
async function each(work: Work, go: (subject: Repairable) => Promise<End>): Promise<End> {
  const ends = await all(work.operation.subjects.map(go));
  return ends.find((end) => end.kind === 'parked') ?? { kind: 'ended' };
}

async function repairOne(work: Work, subject: Repairable): Promise<End> {
  const phase = phaseOf(work.operation.steps, subject);
  if (phase === 'done') return { kind: 'ended' };
  if (phase === 'failed') return tidyUp(work, subject);
  if (phase === 'make') {
    const built = await build(work, subject);
    if (built.kind === 'parked') return built;
    if (built.kind === 'failed') {
      await fail(work, subject, built.problem);
      return tidyUp(work, subject);
    }
    await switchOver(work, [subject]);
  }
  return clean(work, subject);
}

/** All or nothing: when one cannot be made, none is used. */
async function together(work: Work, complete: (tx: Tx) => Promise<unknown>): Promise<End> {
  const { subjects, steps } = work.operation;
  const phases = subjects.map((subject) => phaseOf(steps, subject));
  let failed = phases.includes('failed');
  if (!failed && phases.includes('make')) {
    const built = await all(subjects.map((subject) => build(work, subject)));
    for (const [index, end] of built.entries()) {
      const subject = subjects[index];
      if (end.kind !== 'failed' || !subject) continue;
      await fail(work, subject, end.problem);
      failed = true;
    }
    const parked = built.find((end) => end.kind === 'parked');
    if (!failed && parked) return parked;
    if (!failed) await switchOver(work, subjects, complete);
  }
  if (failed) {
    await takeBack(work);
    await all(subjects.map((subject) => tidyUp(work, subject)));
    return { kind: 'ended' };
  }
  if (work.operation.kind === 'create') return { kind: 'ended' };
  return each(work, (subject) => clean(work, subject));
}

/** Makes and proves a subject's new generation; a wait that lasts too long is a failure. */
async function build(work: Work, subject: Repairable): Promise<Present | Parked | Failed> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const made = await make(work, subject);
    if (made.kind === 'parked') return patient(work, made);
    if (made.kind === 'failed') return made;
    const verified = await verify(work, made);
    if (verified.kind === 'parked') return patient(work, verified);
    if (verified.kind === 'failed') return verified;
    if (verified.kind === 'verified') return made;
  }
  return { kind: 'failed', problem: { code: 'verification-failed' } };
}

function patient(work: Work, parked: Parked): Parked | Failed {
  return isOverdue(work) ? { kind: 'failed', problem: { code: 'provider-fault' } } : parked;
}

function isOverdue({ deps, operation }: Work): boolean {
  return deps.now().getTime() - operation.createdAt.getTime() > PATIENCE;
}

/** The new generations are used from here on, and the old ones are to go: in one transaction. */
async function switchOver(
  work: Work,
  subjects: Repairable[],
  complete: (tx: Tx) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await record(
    work,
    async (tx) => {
      const own = () =>
        tx.updateTable('credential').where('projectId', '=', work.project.id).where('kind', 'in', subjects);
      // First the old ones, for there is never more than one.
      await own().set({ state: 'retiring' }).where('state', '=', 'active').execute();
      await own().set({ state: 'active' }).where('state', '=', 'present').execute();
      await complete(tx);
    },
    (before) =>
      subjects.reduce(
        (steps, subject) =>
          work.operation.kind === 'create'
            ? advance(steps, subject, 'switch', 'done')
            : advance(steps, subject, 'remove-old', 'running'),
        before,
      ),
  );
}

function setReady(tx: Tx, { project }: Work) {
  return tx.updateTable('project').set({ state: 'ready' }).where('id', '=', project.id).execute();
}

async function setRepository(tx: Tx, { project, operation: { target } }: Work) {
  if (!target) throw new Error('A move without a target cannot be.');
  await tx
    .updateTable('project')
    .set({
      repositoryUuid: target.uuid,
      repositoryName: target.fullName,
      seenName: target.fullName,
      defaultBranch: target.defaultBranch,
    })
    .where('id', '=', project.id)
    .execute();
}

/** Removes what a subject no longer needs; what cannot be removed is told, and does not keep the operation from ending. */
async function clean(work: Work, subject: Repairable): Promise<End> {
  if (phaseOf(work.operation.steps, subject) === 'done') return { kind: 'ended' };
  const { leftovers, open } = await removeRetired(work, subject);
  if (open && !isOverdue(work)) return { kind: 'parked', retryAt: open.retryAt };
  const rest = open ? await unreachable(work, subject) : [];
  await record(
    work,
    (tx, operation) => addLeftovers(tx, operation, [...leftovers, ...rest]),
    (steps) => advance(steps, subject, 'remove-old', 'done'),
  );
  return { kind: 'ended' };
}

/** After a failure: tried once, and else left to the background, for the person waits to hear of it. */
async function tidyUp(work: Work, subject: Repairable): Promise<End> {
  const { leftovers, open } = await removeRetired(work, subject);
  const rest = open ? await unreachable(work, subject) : [];
  const told = [...leftovers, ...rest];
  if (told.length > 0) await record(work, (tx, operation) => addLeftovers(tx, operation, told));
  return { kind: 'ended' };
}

async function unreachable(work: Work, subject: Repairable) {
  const rows = await readGenerations(work, subject);
  return rows
    .filter(({ state }) => state === 'retiring')
    .map(({ title }) => ({ subject, title, why: 'no-access' as const }));
}

/** The background's search. It asks once: what it could not do is due again. */
async function search(work: Work): Promise<End> {
  const cleaned = await all(work.operation.subjects.map((subject) => removeRetired(work, subject)));
  if (cleaned.some(({ open }) => open !== null)) {
    await fenced(work.deps, work.lease, (tx) => noteDoubt(tx, work.project.id, work.deps.now()));
  }
  return { kind: 'ended' };
}

/** Lets the operation wait, for this process or another one to go on with it. */
async function putAside(deps: Deps, lease: Lease, { retryAt }: Parked): Promise<void> {
  // A process that is about to end leaves its work to the others at once.
  if (!deps.lifecycle.accepting) return giveBack(deps, lease);
  await fenced(deps, lease, async (tx, { id, attempts, problem }) => {
    const pause = PAUSES[Math.min(attempts, PAUSES.length - 1)] ?? 0;
    const soon = new Date(deps.now().getTime() + pause);
    await tx
      .updateTable('operation')
      .set({
        leaseUntil: null,
        notBefore: retryAt ?? soon,
        attempts: attempts + 1,
        problem: JSON.stringify(problem ?? { code: 'provider-fault' }),
      })
      .where('id', '=', id)
      .execute();
    await noteLostCalls(tx, lease, deps.now());
  });
}

/** Waits for all of them, and only then throws what any of them threw: none goes on unseen. */
async function all<T>(works: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(works);
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
  return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
}
