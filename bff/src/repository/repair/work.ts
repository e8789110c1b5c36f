/** What the parts of a running operation share: its lease, whose grants it may use, and how it waits. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '../../db/connect.ts';
import type { CredentialRow, OperationRow, ProjectRow } from '../../db/schema.ts';
import type { Deps } from '../../deps.ts';
import { bumpVersion } from '../../projects/version.ts';
import type { RepositoryAccess, RepositoryAnswer } from '../../providers/repository-access.ts';
import type { Repairable } from '../finding.ts';
import { askAs, type GrantUse } from '../grant.ts';
import type { StepView } from '../view.ts';
import { announceChange } from '../watch.ts';
import { classifyRead, isAboutGrant, type Unsettled, type Verdict, weightiest } from './classify.ts';
import { noteDoubt } from './due.ts';
import { fenced, type Lease, Leaving } from './lease.ts';
import type { Listed } from './plan.ts';
import type { Problem } from './problem.ts';
import { remotes } from './remote.ts';

export type Work = { deps: Deps; lease: Lease; operation: OperationRow; project: ProjectRow };

/** Waits between looks for what a doubtful request has done, in milliseconds; then the operation is put aside. */
const BACKOFF = [200, 1_000, 5_000];

/** Waits before the next look; false: often enough, or the process is about to end. */
export async function backOff({ deps }: Work, doubts: number): Promise<boolean> {
  const wait = BACKOFF[doubts];
  if (wait === undefined || !deps.lifecycle.accepting) return false;
  await delay(wait * (0.9 + Math.random() / 5));
  return deps.lifecycle.accepting;
}

/**
 * Stands before everything that asks the provider: throws `Leaving` when the process is about to end. What was asked
 * before is still judged and written down.
 */
export function stay({ deps, lease }: Work): void {
  if (!deps.lifecycle.accepting) throw new Leaving(`Operation ${lease.operationId} is left to others.`);
}

/** A transaction of the operation's that pages see. `steps` gives the operation's new steps. */
export async function record<T>(
  work: Work,
  change: (tx: Tx, operation: OperationRow) => Promise<T>,
  steps?: (before: StepView[]) => StepView[],
): Promise<T> {
  const recorded = await fenced(work.deps, work.lease, async (tx, operation) => {
    const result = await change(tx, operation);
    if (steps) {
      await tx
        .updateTable('operation')
        .set({ steps: JSON.stringify(steps(operation.steps)) })
        .where('id', '=', operation.id)
        .execute();
    }
    await bumpVersion(tx, operation.projectId);
    return result;
  });
  announceChange(work.deps, work.project.id);
  return recorded;
}

/** The generations of one kind that are not gone. */
export function readGenerations({ deps, project }: Work, kind: Repairable): Promise<CredentialRow[]> {
  return deps.db
    .selectFrom('credential')
    .selectAll()
    .where('projectId', '=', project.id)
    .where('kind', '=', kind)
    .where('state', '!=', 'gone')
    .orderBy('createdAt')
    .execute();
}

/**
 * Whose grants the operation may use: the token owner's, then that of the person who asked; a search in the background
 * falls back on those who made something. Nobody who has left the organization.
 */
export async function findGrantors({ deps, project, operation }: Work): Promise<string[]> {
  const { tokenOwnerId } = await deps.db
    .selectFrom('project')
    .select('tokenOwnerId')
    .where('id', '=', project.id)
    .executeTakeFirstOrThrow();
  const makers =
    operation.requestedBy === null
      ? await deps.db
          .selectFrom('credential')
          .select('madeBy')
          .distinct()
          .where('projectId', '=', project.id)
          .execute()
      : [];
  const wanted = [tokenOwnerId, operation.requestedBy, ...makers.map(({ madeBy }) => madeBy)];
  const people = [...new Set(wanted.filter((each) => each !== null))];
  if (people.length === 0) return [];
  const members = await deps.db
    .selectFrom('membership')
    .select('profileId')
    .where('organizationId', '=', project.organizationId)
    .where('profileId', 'in', people)
    .execute();
  return people.filter((person) => members.some(({ profileId }) => profileId === person));
}

export type Seen = { kind: 'known'; grantor: string; listed: Listed[] } | Unsettled;

/** Lists what is there, with the first grant that may: the list proves the right to change it as well. */
export async function observe(
  work: Work,
  kind: Repairable,
  repositoryUuid: string,
  except: ReadonlySet<string> = new Set(),
): Promise<Seen> {
  stay(work);
  const problems: Problem[] = [];
  let passing: Unsettled | null = null;
  for (const grantor of await findGrantors(work)) {
    if (except.has(grantor)) continue;
    const list = (token: string, access: RepositoryAccess) =>
      remotes[kind].list(access, token, { uuid: repositoryUuid });
    const verdict = classifyRead(await askAs(work.deps, grantor, list));
    if (verdict.kind === 'known') return { kind: 'known', grantor, listed: verdict.value };
    if (verdict.kind === 'refused') problems.push(verdict.problem);
    else passing ??= verdict;
  }
  // What could not be asked may hold a grant that does.
  return passing ?? { kind: 'refused', problem: weightiest(problems) };
}

/** Something that changes what is at the provider; `target` says what it is about, in the log of such calls. */
export type Mutation<T> = {
  verb: 'POST' | 'PUT' | 'DELETE';
  target: string;
  grantor: string;
  send: (token: string, access: RepositoryAccess) => Promise<RepositoryAnswer<T>>;
};

/**
 * Sends a change: written down first, under the lease, which is renewed for it. What comes of it is written down by
 * whoever judges it: see `settle`.
 */
export async function send<T>(
  work: Work,
  mutation: Mutation<T>,
  before: (tx: Tx) => Promise<unknown> = async () => undefined,
): Promise<{ use: GrantUse<T>; seq: number }> {
  stay(work);
  let seq = 0;
  const use = await askAs(work.deps, mutation.grantor, async (token, access) => {
    // Here and not earlier: a token that had to be refreshed first, or a second try with a new one, takes its time.
    seq = await fenced(work.deps, work.lease, async (tx) => {
      await before(tx);
      return writeCall(tx, work, mutation);
    });
    return mutation.send(token, access);
  });
  return { use, seq };
}

async function writeCall(tx: Tx, { deps, operation }: Work, { verb, target }: Mutation<unknown>) {
  const last = await tx
    .selectFrom('upstreamCall')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('operationId', '=', operation.id)
    .executeTakeFirst();
  const seq = Number(last?.seq ?? 0) + 1;
  await tx
    .insertInto('upstreamCall')
    .values({ operationId: operation.id, seq, verb, target, sentAt: deps.now() })
    .execute();
  return seq;
}

/** Writes down what came of a change. A doubt makes the project be searched, whatever the operation itself finds out. */
export async function settle(
  tx: Tx,
  { deps, operation, project }: Work,
  seq: number,
  outcome: Verdict<unknown>['kind'],
): Promise<void> {
  // Without a token nothing was sent.
  if (seq === 0) return;
  await tx
    .updateTable('upstreamCall')
    .set({ outcome })
    .where('operationId', '=', operation.id)
    .where('seq', '=', seq)
    .execute();
  if (outcome === 'unknown') await noteDoubt(tx, project.id, deps.now());
}

/** Another grant may be tried after this refusal. */
export async function hasOther(work: Work, problem: Problem, tried: ReadonlySet<string>): Promise<boolean> {
  return isAboutGrant(problem) && (await findGrantors(work)).some((each) => !tried.has(each));
}
