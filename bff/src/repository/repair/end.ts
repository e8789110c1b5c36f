/** How operations end: what failed is taken back, the project is brought to its state, and the result is written down. */
import { sql } from 'kysely';
import type { Tx } from '../../db/connect.ts';
import type { CredentialRow, OperationRow } from '../../db/schema.ts';
import type { Repairable } from '../finding.ts';
import type { OperationView, StepView } from '../view.ts';
import { noteDoubt, ROUNDS, waitOf } from './due.ts';
import { nameOf } from './generations.ts';
import type { Problem } from './problem.ts';
import { bury, type Leftover } from './remove.ts';
import { failCurrent } from './steps.ts';
import { record, type Work } from './work.ts';

type Result = Pick<OperationView, 'done' | 'leftovers'>;
const UNFINISHED = ['intended', 'present'] as const;

/** A subject fails for good: what was coming has to go, and what is there stays. The first problem is the one that is told. */
export async function fail(work: Work, subject: Repairable, problem: Problem): Promise<void> {
  await record(
    work,
    async (tx, { steps }) => {
      if (!steps.some(({ state }) => state === 'failed')) {
        await tx
          .updateTable('operation')
          .set({ problem: JSON.stringify(problem) })
          .where('id', '=', work.lease.operationId)
          .execute();
      }
      await retire(tx, work.project.id, [subject], UNFINISHED);
    },
    (steps) => failCurrent(steps, subject),
  );
}

/** Everything that a creation has made goes again, also what already worked. */
export async function takeBack(work: Work): Promise<void> {
  const states = work.operation.kind === 'create' ? ([...UNFINISHED, 'active'] as const) : UNFINISHED;
  await record(work, (tx) => retire(tx, work.project.id, work.operation.subjects, states));
}

/** Generations have to go; those that were never asked for are gone at once. */
export async function retire(
  tx: Tx,
  projectId: string,
  subjects: readonly Repairable[],
  states: readonly CredentialRow['state'][],
): Promise<void> {
  const retired = await tx
    .updateTable('credential')
    .set({ state: 'retiring' })
    .where('projectId', '=', projectId)
    .where('kind', 'in', subjects)
    .where('state', 'in', states)
    .returning(['id', 'match', 'remoteId'])
    .execute();
  // What has an id at the provider was there, whatever the log of calls still holds.
  const rows = retired.filter(({ remoteId }) => remoteId === null);
  if (rows.length === 0) return;
  const sent = await tx
    .selectFrom('upstreamCall')
    .select('target')
    .where('verb', '=', 'POST')
    .where(
      'target',
      'in',
      rows.map(({ match }) => match),
    )
    // Refused, or sent away for now: nothing was made.
    .where((eb) => eb.or([eb('outcome', 'is', null), eb('outcome', 'not in', ['refused', 'wait'])]))
    .execute();
  const never = rows.filter(({ match }) => !sent.some(({ target }) => target === match));
  await bury(
    tx,
    never.map(({ id }) => id),
  );
}

/** Adds what could not be removed to what is told at the end. */
export async function addLeftovers(tx: Tx, { id, result }: OperationRow, leftovers: Leftover[]) {
  const sum: Result = { done: result?.done ?? [], leftovers: [...(result?.leftovers ?? []), ...leftovers] };
  await tx
    .updateTable('operation')
    .set({ result: JSON.stringify(sum) })
    .where('id', '=', id)
    .execute();
}

/** Writes the end of an operation, and when the project is to be searched next. */
export async function finish(work: Work): Promise<void> {
  const { deps, project } = work;
  await record(
    work,
    async (tx, operation) => {
      const failed = operation.steps.some(({ state }) => state === 'failed');
      const done = await readDone(tx, operation);
      const leftovers = operation.result?.leftovers ?? [];
      if (operation.kind === 'sweep' && done.length === 0 && (await forget(tx, operation))) return;
      await tx
        .updateTable('operation')
        .set({
          state: failed ? 'failed' : 'done',
          finishedAt: deps.now(),
          leaseUntil: null,
          notBefore: null,
          ...(failed ? {} : { problem: null }),
          result:
            done.length + leftovers.length > 0 || operation.kind !== 'sweep'
              ? JSON.stringify({ done, leftovers } satisfies Result)
              : null,
        })
        .where('id', '=', operation.id)
        .execute();
      if (operation.kind === 'delete' || (operation.kind === 'create' && failed)) {
        await tx.updateTable('project').set({ state: 'deleted' }).where('id', '=', project.id).execute();
      }
      if (operation.kind !== 'sweep') await planSearch(tx, work);
    },
    (steps) => steps.map((step) => (step.state === 'running' ? { ...step, state: endOf(steps) } : step)),
  );
}

/** What was under way when another subject failed has been taken back. */
function endOf(steps: StepView[]): 'done' | 'waiting' {
  return steps.some(({ state }) => state === 'failed') ? 'waiting' : 'done';
}

/** A search that found nothing leaves no trace, for there are many. */
async function forget(tx: Tx, { id }: OperationRow): Promise<boolean> {
  const sent = await tx
    .selectFrom('upstreamCall')
    .select('seq')
    .where('operationId', '=', id)
    .limit(1)
    .execute();
  if (sent.length > 0) return false;
  await tx.deleteFrom('operation').where('id', '=', id).execute();
  return true;
}

/** What came new and what went, read from the rows: also what another process did before it died. */
async function readDone(
  tx: Tx,
  { id, projectId, kind, subjects, steps }: OperationRow,
): Promise<Result['done']> {
  const deleted = await tx
    .selectFrom('upstreamCall')
    .innerJoin('credential', 'credential.match', 'upstreamCall.target')
    .select(['credential.kind', 'credential.match'])
    .distinct()
    .where('operationId', '=', id)
    .where('verb', '=', 'DELETE')
    .where('credential.state', '!=', 'retiring')
    .execute();
  const active = await tx
    .selectFrom('credential')
    .selectAll()
    .where('projectId', '=', projectId)
    .where('state', '=', 'active')
    .execute();
  return subjects.flatMap((subject) => {
    if (steps.some((each) => each.state === 'failed' && (each.subject === subject || isWhole(kind))))
      return [];
    const own = active.find((each) => each.kind === subject);
    const switched = steps.some(
      (each) => each.subject === subject && each.step === 'switch' && each.state === 'done',
    );
    const made = own && switched ? nameOf(own) : '';
    const removed = deleted.filter((each) => each.kind === subject).map(nameOf);
    return made || removed.length > 0 ? [{ subject, made, removed }] : [];
  });
}

/** Where one thing fails, all is taken back. */
function isWhole(kind: OperationRow['kind']): boolean {
  return kind === 'create' || kind === 'move';
}

async function planSearch(tx: Tx, { deps, project }: Work): Promise<void> {
  const left = await tx
    .selectFrom('credential')
    .select('id')
    .where('projectId', '=', project.id)
    .where('state', '=', 'retiring')
    .limit(1)
    .execute();
  if (left.length > 0) return noteDoubt(tx, project.id, deps.now());
  // Once a day at least: a backup that was restored raises no doubt of its own.
  const at = new Date(deps.now().getTime() + waitOf(ROUNDS));
  await tx
    .updateTable('project')
    .set({ reconcileAt: sql<Date>`coalesce(reconcile_at, ${at})` })
    .where('id', '=', project.id)
    .where('state', '!=', 'deleted')
    .execute();
}
