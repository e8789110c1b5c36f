/** Begins an operation: it and what it is going to make are written down in one transaction, before anything is asked. */
import { createHash, randomUUID } from 'node:crypto';
import type { Tx } from '../../db/connect.ts';
import type { OperationRow, ProjectRow } from '../../db/schema.ts';
import { isConflict } from '../../db/violation.ts';
import type { Deps } from '../../deps.ts';
import { lockRoles } from '../../organizations/membership.ts';
import { lockProject } from '../../projects/lock-project.ts';
import { bumpVersion } from '../../projects/version.ts';
import type { Repairable } from '../finding.ts';
import { announceChange } from '../watch.ts';
import { retire } from './end.ts';
import { intend } from './generations.ts';
import { claim } from './lease.ts';
import { runOperation } from './run.ts';
import { firstSteps } from './steps.ts';

export type StartRepair = {
  projectId: string;
  kind: 'create' | 'repair' | 'move' | 'delete';
  subjects: Repairable[];
  /** Profile. */
  requestedBy: string;
  /** One for each click; the same one again is the same operation. */
  idempotencyKey: string;
  /** The repository to move to. */
  target?: { uuid: string; fullName: string; defaultBranch: string | null };
};
/** `joined`: nothing was begun, for an operation that does this is under way or has just ended. */
export type Started =
  | { ok: true; operationId: string; joined: boolean }
  | { ok: false; problem: 'operation-running' | 'idempotency-mismatch' };
/** Also of one who was removed, or may not change anything any more, since they asked. */
type Begun = Started | { ok: false; problem: 'not-found' | 'not-allowed' };

/** A click that comes this soon after a repair meant the one that has ended. */
const QUIET_PERIOD = 10_000;

/** Begins an operation and lets it run by itself: in this process, or after its end in another one. */
export async function startOperation(deps: Deps, ask: StartRepair): Promise<Begun> {
  const started = await beginning(deps, async (tx): Promise<Begun> => {
    const { organizationId } = await tx
      .selectFrom('project')
      .select('organizationId')
      .where('id', '=', ask.projectId)
      .executeTakeFirstOrThrow();
    // Held, so that nobody begins one after they were removed.
    const role = (await lockRoles(tx, organizationId)).get(ask.requestedBy);
    if (!role) return { ok: false, problem: 'not-found' };
    if (role === 'member') return { ok: false, problem: 'not-allowed' };
    return startOperationIn(tx, deps, ask);
  });
  if (started.ok) letRun(deps, ask.projectId, started);
  return started;
}

/** A transaction that may begin an operation. */
export async function beginning<T>({ db }: Pick<Deps, 'db'>, work: (tx: Tx) => Promise<T>): Promise<T> {
  const begin = () => db.transaction().execute(work);
  return begin().catch((error: unknown) => {
    // Whoever was first has committed by now, and is found.
    if (isConflict(error)) return begin();
    throw error;
  });
}

/** What was begun in a transaction is told and runs, once that is committed; what was only joined runs already. */
export function letRun(
  deps: Deps,
  projectId: string,
  { operationId, joined }: Pick<Started & { ok: true }, 'operationId' | 'joined'>,
): void {
  if (joined) return;
  announceChange(deps, projectId);
  runSoon(deps, operationId);
}

/** The same as a part of a transaction; what was begun has to be run once that is committed. */
export async function startOperationIn(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'sealer' | 'now'>,
  ask: StartRepair,
): Promise<Started> {
  const { projectId, kind, requestedBy, idempotencyKey } = ask;
  // Whatever begins or ends an operation of a project takes turns here.
  const project = await lockProject(tx, projectId);
  if (!project) throw new Error('Projects keep their rows for ever, and this one has none.');
  const bodyHash = hashOf(ask);
  const same = await tx
    .selectFrom('operation')
    .select(['id', 'bodyHash'])
    .where('projectId', '=', projectId)
    .where('requestedBy', '=', requestedBy)
    .where('idempotencyKey', '=', idempotencyKey)
    .executeTakeFirst();
  if (same) {
    return same.bodyHash === bodyHash
      ? { ok: true, operationId: same.id, joined: true }
      : { ok: false, problem: 'idempotency-mismatch' };
  }
  const running = await tx
    .selectFrom('operation')
    .selectAll()
    .where('projectId', '=', projectId)
    .where('state', '=', 'running')
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (running && isSame(running, ask)) return { ok: true, operationId: running.id, joined: true };
  if (running && !(await supersede(tx, deps, running, ask)))
    return { ok: false, problem: 'operation-running' };
  const recent = kind === 'repair' ? await findRecent(tx, deps.now(), ask) : null;
  if (recent) return { ok: true, operationId: recent, joined: true };

  const operationId = randomUUID();
  const subjects = [...new Set(ask.subjects)].sort();
  await tx
    .insertInto('operation')
    .values({
      id: operationId,
      projectId,
      kind,
      subjects,
      requestedBy,
      idempotencyKey,
      bodyHash,
      target: ask.target ? JSON.stringify(ask.target) : null,
      state: 'running',
      steps: JSON.stringify(firstSteps(kind, subjects)),
      createdAt: deps.now(),
    })
    .execute();
  await prepare(tx, deps, project, ask, subjects);
  await bumpVersion(tx, projectId);
  return { ok: true, operationId, joined: false };
}

/** Lets an operation that was begun in a transaction run, once that is committed. */
export function runSoon(deps: Deps, operationId: string): void {
  deps.background.run('operation', async () => {
    const lease = await claim(deps.db, deps.now(), operationId);
    if (lease) await runOperation(deps, lease);
  });
}

async function prepare(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'sealer' | 'now'>,
  { id: projectId, repositoryUuid }: ProjectRow,
  { kind, target }: StartRepair,
  subjects: Repairable[],
): Promise<void> {
  if (kind === 'delete') {
    await tx.updateTable('project').set({ state: 'deleting' }).where('id', '=', projectId).execute();
    await retire(tx, projectId, subjects, ['intended', 'present', 'active']);
    return;
  }
  if (kind === 'move' && !target) throw new Error('A move needs to know where to.');
  for (const subject of subjects) {
    const at = target?.uuid ?? repositoryUuid;
    await intend(tx, deps, { projectId, kind: subject, repositoryUuid: at });
  }
}

function hashOf({ kind, subjects, target }: StartRepair): string {
  const body = JSON.stringify([kind, [...new Set(subjects)].sort(), target?.uuid ?? null]);
  return createHash('sha256').update(body).digest('hex');
}

function isSame(running: OperationRow, { kind, subjects, target }: StartRepair): boolean {
  return (
    running.kind === kind &&
    subjects.every((subject) => running.subjects.includes(subject)) &&
    running.target?.uuid === target?.uuid
  );
}

/**
 * A search in the background gives way, and so does to a deletion whatever only waits for the provider. Their holder, if
 * there is one, can write nothing any more; what it may still send concerns only what has to go.
 */
async function supersede(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  running: OperationRow,
  { kind }: StartRepair,
): Promise<boolean> {
  const isParked = running.leaseUntil === null && running.notBefore !== null;
  if (running.kind !== 'sweep' && !(kind === 'delete' && isParked)) return false;
  await tx
    .updateTable('operation')
    .set({ state: running.kind === 'sweep' ? 'done' : 'failed', finishedAt: now(), leaseUntil: null })
    .where('id', '=', running.id)
    .execute();
  // What it was about to search for, or left behind, has to be searched for again.
  await tx
    .updateTable('project')
    .set({ reconcileRound: 0, reconcileAt: now() })
    .where('id', '=', running.projectId)
    .execute();
  return true;
}

/** A repair of the same things that has just ended well, when nothing has been seen to break since. */
async function findRecent(tx: Tx, now: Date, { projectId, subjects }: StartRepair): Promise<string | null> {
  const last = await tx
    .selectFrom('operation')
    .selectAll()
    .where('projectId', '=', projectId)
    .where('kind', '!=', 'sweep')
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.kind !== 'repair' || last.state !== 'done' || !last.finishedAt) return null;
  if (now.getTime() - last.finishedAt.getTime() >= QUIET_PERIOD) return null;
  if (!subjects.every((subject) => last.subjects.includes(subject))) return null;
  const broken = await tx
    .selectFrom('finding')
    .select('subject')
    .where('projectId', '=', projectId)
    .where('subject', 'in', subjects)
    .where('state', '=', 'broken')
    .executeTakeFirst();
  return broken ? null : last.id;
}
