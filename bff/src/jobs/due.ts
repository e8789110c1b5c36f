/** What is due in the background, found in our own tables: a job that got lost is sent again, one too many does nothing. */
import { sql } from 'kysely';
import type { Tx } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import { bumpVersion } from '../projects/version.ts';
import { announceChange } from '../repository/watch.ts';
import { COMPARING, GRACE } from '../workflows/heads.ts';

const BATCH = 50;
/** A job normally starts at once; after this long it counts as lost. */
const LOST = 20_000;
/** Payloads are kept for a month, what was in them for a quarter. */
const PAYLOADS = 30 * 86_400_000;
const DELIVERIES = 90 * 86_400_000;

/** One round; any number of replicas share it, since each row is held while its job is sent. */
export async function sendDueJobs(deps: Deps): Promise<void> {
  await deps.jobs.ready();
  await deps.db.transaction().execute((tx) => sendComparisons(deps, tx));
  await deps.db.transaction().execute((tx) => sendLostDeliveries(deps, tx));
  await deps.db.transaction().execute((tx) => sendLostWorkflows(deps, tx));
  if (deps.config.runner) await deps.db.transaction().execute((tx) => sendWaiting(deps, tx));
  for (const projectId of await openGaps(deps)) announceChange(deps, projectId);
}

/**
 * Branch heads are compared once in each sweep, and at once when a webhook took another's place: while the old one was
 * broken nobody was told. A project's first comparison only notes where the branches are.
 */
async function sendComparisons(deps: Deps, tx: Tx): Promise<void> {
  const now = deps.now();
  const hold = new Date(now.getTime() + COMPARING);
  const due = await sql<{ project_id: string }>`
    insert into head_comparison as known (project_id, repository_uuid, webhook_id, due_at)
    select project.id, project.repository_uuid, webhook.id, ${hold}
    from project
    join credential as webhook
      on webhook.project_id = project.id and webhook.kind = 'webhook' and webhook.state = 'active'
    left join head_comparison on head_comparison.project_id = project.id
    where project.state = 'ready' and (
      head_comparison.project_id is null or head_comparison.due_at <= ${now}
      or head_comparison.webhook_id is distinct from webhook.id
      or head_comparison.repository_uuid <> project.repository_uuid)
    order by head_comparison.due_at nulls first limit ${BATCH}
    for no key update of project skip locked
    on conflict (project_id) do update set
      webhook_id = excluded.webhook_id,
      due_at = excluded.due_at,
      run_missed = known.repository_uuid = excluded.repository_uuid
        and (known.run_missed or coalesce(known.webhook_id <> excluded.webhook_id, false)),
      compared_at = case when known.repository_uuid = excluded.repository_uuid then known.compared_at end,
      repository_uuid = excluded.repository_uuid
    returning project_id`.execute(tx.withoutPlugins());
  const about = due.rows.map(({ project_id: projectId }) => ({ projectId }));
  await deps.jobs.send(tx, 'heads', about);
}

/** What a process that died left behind, whatever its age: who starts need not wait until it counts as lost. */
export async function sendLeftDeliveries(deps: Deps): Promise<void> {
  await deps.jobs.ready();
  await deps.db.transaction().execute((tx) => sendLostDeliveries(deps, tx, 0));
}

async function sendLostDeliveries(deps: Deps, tx: Tx, age = LOST): Promise<void> {
  const rows = await tx
    .selectFrom('delivery')
    .select('projectId')
    .distinct()
    .where('state', '=', 'received')
    .where('receivedAt', '<', new Date(deps.now().getTime() - age))
    .limit(BATCH)
    .execute();
  await deps.jobs.send(tx, 'deliveries', rows);
}

async function sendLostWorkflows(deps: Deps, tx: Tx): Promise<void> {
  const rows = await tx
    .selectFrom('workflow')
    .select('id as workflowId')
    .where('state', 'in', ['created', 'reading', 'handing-over'])
    .where('nextTryAt', '<', new Date(deps.now().getTime() - LOST))
    .orderBy('nextTryAt')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  await deps.jobs.send(tx, 'workflow', rows);
}

/** There is a runner now: those that waited for one go. */
async function sendWaiting(deps: Deps, tx: Tx): Promise<void> {
  const waiting = await tx
    .selectFrom('workflow')
    .select(['id', 'projectId'])
    .where('state', '=', 'waiting')
    .orderBy('createdAt')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  await tx
    .updateTable('workflow')
    .set({ state: 'handing-over', nextTryAt: deps.now() })
    .where('id', 'in', ids)
    .execute();
  for (const projectId of new Set(waiting.map((row) => row.projectId))) await bumpVersion(tx, projectId);
  const about = ids.map((workflowId) => ({ workflowId }));
  await deps.jobs.send(tx, 'workflow', about);
}

/** What was only suspected and is not announced by now was missed. */
async function openGaps({ db, now }: Deps): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    const opened = await tx
      .updateTable('gap')
      .set({ state: 'open' })
      .where('state', '=', 'suspected')
      .where('foundAt', '<', new Date(now().getTime() - GRACE))
      .returning('projectId')
      .execute();
    const ids = [...new Set(opened.map(({ projectId }) => projectId))].sort();
    for (const id of ids) await bumpVersion(tx, id);
    return ids;
  });
}

/** Old payloads go first, then the deliveries; workflows stay. */
export async function purgeDeliveries({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await db
    .updateTable('delivery')
    .set({ payload: null })
    .where('payload', 'is not', null)
    .where('state', '<>', 'received')
    .where('receivedAt', '<', before(PAYLOADS))
    .execute();
  await db
    .deleteFrom('delivery')
    .where('state', '<>', 'received')
    .where('receivedAt', '<', before(DELIVERIES))
    .execute();
}
