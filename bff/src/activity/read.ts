/** The Activity page from what is stored: deliveries and workflows in one list, the newest first. */
import { sql } from 'kysely';
import type { Db } from '../db/connect.ts';
import type { DeliveryRow, GapRow, ProjectRow, Role, WorkflowRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { readLastDelivery } from '../hooks/last-delivery.ts';
import { startsWorkflow } from '../projects/runs-on.ts';
import { GRACE } from '../workflows/heads.ts';
import type { ActivityKind, ActivityState } from './filters.ts';
import { readTrouble } from './trouble.ts';
import type { ActivityView, DeliveryDetail, DeliveryItem, GapView, WorkflowDetail } from './view.ts';

const PAGE = 50;
const MOST_BRANCHES = 100;
const MOST_MOVES = 10;

export type ActivityQuery = {
  kind?: ActivityKind | undefined;
  state?: ActivityState | undefined;
  before?: Position | undefined;
};
/** Where a page ends. */
export type Position = { at: Date; id: string };

type Line = { kind: 'delivery' | 'workflow'; id: string; at: Date };

/** Reads what `next` holds; null when it is not ours. */
export function readPosition(text: string): Position | null {
  const match = /^(\d{1,16})_([0-9a-f-]{36})$/.exec(text);
  const at = new Date(Number(match?.[1]));
  return match?.[2] && !Number.isNaN(at.getTime()) ? { at, id: match[2] } : null;
}

export async function readActivity(
  deps: Deps,
  project: ProjectRow,
  viewer: { profileId: string; role: Role },
  query: ActivityQuery,
): Promise<ActivityView> {
  const { db, config, now } = deps;
  // First, so that what changes meanwhile makes the version older than what is shown and not newer.
  const { version } = await db
    .selectFrom('project')
    .select('version')
    .where('id', '=', project.id)
    .executeTakeFirstOrThrow();
  const [lines, trouble, gaps, lastDeliveryAt, comparison, branches] = await Promise.all([
    readLines(db, project.id, query),
    readTrouble(db, project, viewer.profileId),
    readGaps(db, project, now()),
    readLastDelivery(db, project.id),
    db
      .selectFrom('headComparison')
      .select('comparedAt')
      .where('projectId', '=', project.id)
      .executeTakeFirst(),
    readBranches(db, project),
  ]);
  const page = lines.slice(0, PAGE);
  const last = page.at(-1);
  const idsOf = (kind: Line['kind']) => page.filter((line) => line.kind === kind).map(({ id }) => id);
  const [deliveries, workflows] = await Promise.all([
    readDeliveries(deps, project, idsOf('delivery')),
    readWorkflows(deps, project, idsOf('workflow')),
  ]);
  return {
    items: page.flatMap(({ id }) => {
      const delivery = deliveries.get(id);
      return delivery ? lineOf(delivery) : (workflows.get(id) ?? []);
    }),
    next: lines.length > PAGE && last ? `${last.at.getTime()}_${last.id}` : null,
    trouble,
    gaps: gaps.map((gap) => showGap(deps, project, gap)),
    runner: config.runner !== null,
    canRun: viewer.role !== 'member',
    lastDeliveryAt: lastDeliveryAt?.toISOString() ?? null,
    comparedAt: comparison?.comparedAt?.toISOString() ?? null,
    branches,
    version,
  };
}

/** A line shows the beginning of a long push. */
function lineOf({
  kind,
  id,
  at,
  event,
  state,
  reason,
  actor,
  moves,
  workflows,
}: DeliveryDetail): DeliveryItem {
  const shown = { moves: moves.slice(0, MOST_MOVES), workflows: workflows.slice(0, MOST_MOVES) };
  return { kind, id, at, event, state, reason, actor, ...shown };
}

/** One more than a page holds. */
async function readLines(db: Db, projectId: string, { kind, state, before }: ActivityQuery): Promise<Line[]> {
  const rows = await sql<Line>`
    select kind, id, at from (
      select 'delivery' as kind, id, received_at as at, state from delivery where project_id = ${projectId}
      union all
      select 'workflow', id, created_at, state from workflow where project_id = ${projectId}
    ) as activity
    where (${kind ?? null}::text is null or kind = ${kind ?? null})
      and (${state ?? null}::text is null or state = ${state ?? null})
      and (${before?.at ?? null}::timestamptz is null or (at, id) < (${before?.at ?? null}, ${before?.id ?? null}::uuid))
    order by at desc, id desc limit ${PAGE + 1}`.execute(db);
  return rows.rows;
}

/** Not those of branches that start nothing as the settings are now: they come back when the settings do. */
async function readGaps(db: Db, project: ProjectRow, now: Date): Promise<GapRow[]> {
  const rows = await db
    .selectFrom('gap')
    .selectAll()
    .where('projectId', '=', project.id)
    .where('repositoryUuid', '=', project.repositoryUuid)
    .where((eb) =>
      eb.or([
        eb('state', '=', 'open'),
        eb('state', '=', 'suspected').and('foundAt', '<', new Date(now.getTime() - GRACE)),
      ]),
    )
    .orderBy('foundAt', 'desc')
    .execute();
  return rows.filter(({ branch }) => startsWorkflow(project, { refType: 'branch', refName: branch }).ok);
}

async function readBranches(db: Db, project: ProjectRow): Promise<string[]> {
  const rows = await db
    .selectFrom('branchHead')
    .select('name')
    .where('projectId', '=', project.id)
    .where('repositoryUuid', '=', project.repositoryUuid)
    .orderBy('seenAt', 'desc')
    .limit(MOST_BRANCHES)
    .execute();
  const first = project.defaultBranch ? [project.defaultBranch] : [];
  return [...new Set([...first, ...rows.map(({ name }) => name)])];
}

async function readDeliveries(
  { db }: Deps,
  project: ProjectRow,
  ids: string[],
): Promise<Map<string, DeliveryDetail>> {
  if (ids.length === 0) return new Map();
  const [rows, workflows] = await Promise.all([
    db
      .selectFrom('delivery')
      .innerJoin('credential', 'credential.id', 'delivery.credentialId')
      .select([
        'delivery.id',
        'delivery.event',
        'delivery.receivedAt',
        'delivery.state',
        'delivery.reason',
        'delivery.facts',
        'delivery.size',
        'delivery.attempt',
        'delivery.requestId',
        'delivery.workedAt',
        'credential.title as webhook',
      ])
      .where('delivery.projectId', '=', project.id)
      .where('delivery.id', 'in', ids)
      .execute(),
    db
      .selectFrom('workflow')
      .select(['id', 'deliveryId', 'refType', 'refName', 'state'])
      .where('projectId', '=', project.id)
      .where('deliveryId', 'in', ids)
      .orderBy('createdAt')
      .execute(),
  ]);
  const made = Map.groupBy(workflows, ({ deliveryId }) => deliveryId);
  return new Map(rows.map((row) => [row.id, showDelivery(row, made.get(row.id) ?? [])]));
}

function showDelivery(
  row: Omit<DeliveryRow, 'payload' | 'encoding' | 'seq' | 'projectId' | 'credentialId' | 'hookId'> & {
    webhook: string;
  },
  workflows: Pick<WorkflowRow, 'id' | 'refType' | 'refName' | 'state'>[],
): DeliveryDetail {
  const { facts } = row;
  return {
    kind: 'delivery',
    id: row.id,
    at: row.receivedAt.toISOString(),
    event: row.event,
    state: row.state,
    reason: row.reason,
    actor: facts?.actor ?? null,
    moves: facts?.moves ?? [],
    workflows: workflows.map(({ id, refType, refName, state }) => ({
      id,
      ref: { type: refType, name: refName },
      state,
    })),
    repository: facts?.repository ?? null,
    odd: facts?.odd ?? 0,
    pullRequest: facts?.pullRequest ?? null,
    renamedFrom: facts?.renamedFrom ?? null,
    size: row.size,
    attempt: row.attempt,
    requestId: row.requestId,
    webhook: row.webhook,
    workedAt: row.workedAt?.toISOString() ?? null,
  };
}

async function readWorkflows(
  deps: Deps,
  project: ProjectRow,
  ids: string[],
): Promise<Map<string, WorkflowDetail>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.db
    .selectFrom('workflow')
    .leftJoin('profile', 'profile.id', 'workflow.requestedBy')
    .selectAll('workflow')
    .select('profile.screenName as by')
    .where('workflow.projectId', '=', project.id)
    .where('workflow.id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, showWorkflow(deps, project, row)]));
}

function showWorkflow(
  deps: Deps,
  project: ProjectRow,
  row: WorkflowRow & { by: string | null },
): WorkflowDetail {
  const waits = row.problem !== null && row.finishedAt === null;
  return {
    kind: 'workflow',
    id: row.id,
    at: row.createdAt.toISOString(),
    ref: { type: row.refType, name: row.refName },
    commit: {
      before: row.oldHash,
      hash: row.newHash,
      url: `${webAddress(deps, project)}/commits/${row.newHash}`,
    },
    state: row.state,
    problem: row.problem,
    origin: row.origin,
    by: row.by,
    nextTryAt: waits ? (row.nextTryAt?.toISOString() ?? null) : null,
    pipelineFile: row.pipelineFile,
    attempts: row.attempts,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    deliveryId: row.deliveryId,
  };
}

function showGap(deps: Deps, project: ProjectRow, gap: GapRow): GapView {
  const { id, branch, oldHash, newHash, lastKnownAt, foundAt } = gap;
  return {
    id,
    branch,
    from: oldHash,
    to: newHash,
    after: lastKnownAt.toISOString(),
    before: foundAt.toISOString(),
    compareUrl: oldHash && `${webAddress(deps, project)}/branches/compare/${newHash}..${oldHash}`,
  };
}

function webAddress({ config }: Deps, project: ProjectRow): string {
  return `${config.providers.bitbucket?.webUrl ?? 'https://bitbucket.org'}/${project.seenName}`;
}

export async function readDelivery(
  deps: Deps,
  project: ProjectRow,
  id: string,
): Promise<DeliveryDetail | undefined> {
  return (await readDeliveries(deps, project, [id])).get(id);
}

export async function readWorkflow(
  deps: Deps,
  project: ProjectRow,
  id: string,
): Promise<WorkflowDetail | undefined> {
  return (await readWorkflows(deps, project, [id])).get(id);
}
