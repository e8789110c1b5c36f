/**
 * Brings a workflow as far as it goes now: reads the pipeline file, then hands over. Whoever works on it holds it by
 * the time of its next try, so that several replicas never work on one; who dies leaves it to be taken up then.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/connect.ts';
import type { WorkflowRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { requestLook } from '../jobs/look.ts';
import { bumpVersion } from '../projects/version.ts';
import { announceChange } from '../repository/watch.ts';
import { readPipelineFile } from './read-pipeline-file.ts';
import { handOver } from './runner.ts';
import { backoff, unavailable, type WorkflowProblem, type WorkflowState } from './workflow.ts';

/** Longer than all calls of one step, with their deadlines. */
const HOLD = 120_000;
/** Clocks of replicas and of the database may disagree by this much. */
const SKEW = 2_000;

type Change = {
  state: WorkflowState;
  problem?: WorkflowProblem | null;
  attempts?: number;
  nextTryAt?: Date | null;
};

/** Never throws for what a provider or the runner does. */
export async function workOnWorkflow(deps: Deps, workflowId: string): Promise<void> {
  await deps.jobs.ready();
  const taken = await take(deps, workflowId);
  if (!taken) return;
  const next = taken.state === 'handing-over' ? taken : await read(deps, taken);
  if (next?.state === 'handing-over') await send(deps, next);
}

async function take(deps: Deps, workflowId: string): Promise<WorkflowRow | null> {
  const { db, now } = deps;
  const taken = await db.transaction().execute(async (tx) => {
    const row = await tx
      .updateTable('workflow')
      .set({
        state: sql<WorkflowState>`case state when 'created' then 'reading' else state end`,
        nextTryAt: new Date(now().getTime() + HOLD),
      })
      .where('id', '=', workflowId)
      .where('state', 'in', ['created', 'reading', 'handing-over'])
      .where('nextTryAt', '<=', new Date(now().getTime() + SKEW))
      .returningAll()
      .executeTakeFirst();
    if (row) await bumpVersion(tx, row.projectId);
    return row;
  });
  if (taken) announceChange(deps, taken.projectId);
  return taken ?? null;
}

/** Returns the workflow when it goes on. */
async function read(deps: Deps, workflow: WorkflowRow): Promise<WorkflowRow | null> {
  const { db } = deps;
  const { tokenOwnerId } = await db
    .selectFrom('project')
    .select('tokenOwnerId')
    .where('id', '=', workflow.projectId)
    .executeTakeFirstOrThrow();
  const file = await readPipelineFile(deps, workflow, tokenOwnerId);
  if (file.kind === 'again') {
    await tryAgain(deps, workflow, file.problem, file.retryAt);
    return null;
  }
  if (file.kind === 'unavailable') {
    await settle(deps, workflow, {
      state: 'failed',
      problem: unavailable(workflow.pipelineFile, file.cause),
    });
    return null;
  }
  const state = deps.config.runner ? 'handing-over' : 'waiting';
  const nextTryAt = state === 'waiting' ? null : new Date(deps.now().getTime() + HOLD);
  await settle(deps, workflow, { state, problem: null, attempts: 0, nextTryAt });
  return { ...workflow, state, problem: null, attempts: 0, nextTryAt };
}

async function send(deps: Deps, workflow: WorkflowRow): Promise<void> {
  const { config, db } = deps;
  if (!config.runner) {
    await settle(deps, workflow, { state: 'waiting', problem: null, attempts: 0, nextTryAt: null });
    return;
  }
  const about = await db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organizationId')
    .select(['project.id', 'project.name', 'project.provider', 'project.seenName', 'organization.slug'])
    .where('project.id', '=', workflow.projectId)
    .executeTakeFirstOrThrow();
  const result = await handOver(deps, config.runner, {
    id: workflow.id,
    createdAt: workflow.createdAt.toISOString(),
    origin: workflow.origin,
    organization: about.slug,
    project: { id: about.id, name: about.name },
    repository: { provider: about.provider, uuid: workflow.repositoryUuid, fullName: about.seenName },
    ref: { type: workflow.refType, name: workflow.refName },
    commit: { before: workflow.oldHash, hash: workflow.newHash },
    pipelineFile: workflow.pipelineFile,
  });
  if (result.ok) await settle(deps, workflow, { state: 'handed-over', problem: null });
  else if (result.final) await settle(deps, workflow, { state: 'failed', problem: result.problem });
  else await tryAgain(deps, workflow, result.problem, result.retryAt);
}

/** Writes down why it waits, and comes back later and later. */
async function tryAgain(
  deps: Deps,
  workflow: WorkflowRow,
  problem: WorkflowProblem,
  retryAt?: Date,
): Promise<void> {
  const attempts = workflow.attempts + 1;
  const soonest = deps.now().getTime() + backoff(attempts);
  const nextTryAt = new Date(Math.max(soonest, retryAt?.getTime() ?? 0));
  await settle(deps, workflow, { state: workflow.state, problem, attempts, nextTryAt });
}

/** Stores a result and lets the pages know. Whatever is to be done next is a job in the same transaction. */
async function settle(deps: Deps, workflow: WorkflowRow, result: Change): Promise<void> {
  const { db, jobs, now } = deps;
  const { projectId } = workflow;
  const finished = result.state === 'failed' || result.state === 'handed-over';
  await db.transaction().execute(async (tx) => {
    await change(tx, workflow, { ...result, ...(finished ? { nextTryAt: null, finishedAt: now() } : {}) });
    if (result.nextTryAt && result.problem) {
      await jobs.send(tx, 'workflow', { workflowId: workflow.id }, { startAfter: result.nextTryAt });
    }
    await requestExplanation(deps, tx, projectId, result.problem);
  });
  announceChange(deps, projectId);
}

/** The page links to a finding that explains the problem: a look, unless it says already that something is broken. */
async function requestExplanation(
  deps: Deps,
  tx: Tx,
  projectId: string,
  problem: Change['problem'],
): Promise<void> {
  if (problem?.code !== 'pipeline-file-unavailable') return;
  const finding = await tx
    .selectFrom('finding')
    .select('state')
    .where('projectId', '=', projectId)
    .where('subject', '=', problem.finding)
    .executeTakeFirst();
  if (finding?.state !== 'broken') await requestLook(deps, tx, projectId);
}

async function change(
  tx: Tx,
  workflow: Pick<WorkflowRow, 'id' | 'projectId'>,
  { problem, ...rest }: Change & { finishedAt?: Date },
): Promise<void> {
  await tx
    .updateTable('workflow')
    .set({ ...rest, ...(problem === undefined ? {} : { problem: problem && JSON.stringify(problem) }) })
    .where('id', '=', workflow.id)
    // Another one finished it, should this one have slept through its time.
    .where('finishedAt', 'is', null)
    .execute();
  await bumpVersion(tx, workflow.projectId);
}
