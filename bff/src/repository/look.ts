/**
 * A live look at a project's repository, shared by everyone who asks for one at the same time, on whichever replica:
 * one process holds the project's lease, and each finding is stored as soon as it is known.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../db/connect.ts';
import type { CredentialRow, ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { bumpVersion } from '../projects/version.ts';
import { fingerprintOf } from '../ssh/key-pair.ts';
import { diagnose } from './diagnose.ts';
import { type Finding, type Repairable, SUBJECTS, type Subject } from './finding.ts';
import { type Asker, openGrant } from './grant.ts';
import type { Known, Observation, Refused } from './observation.ts';
import { observe, type Sought } from './observe.ts';
import { announceChange } from './watch.ts';

/** A look answers for everybody who asks within this time after it began. */
const SHARED_SECONDS = 5;
/** How long one look may take; what has not answered by then counts as timed out. */
const PATIENCE = 25_000;
/** Longer than a look and the storing of its results, so that it never ends under a process that lives. */
const LEASE_SECONDS = 40;
/** How often others ask whether the look of another replica has ended. */
const POLL = 100;
/** What could not be asked is asked again after this, unless the provider said when. */
const AGAIN_AFTER = 10 * 60_000;

const underWay = new WeakMap<Deps, Map<string, Promise<unknown>>>();

/**
 * Looks at everything and leaves a finding for each subject. A look that began within the last five seconds, on any
 * replica, answers; with `fresh` only one that begins after this call does, since an earlier one need not have seen what
 * was changed before it. Resolves when the look has ended. Never throws for what a provider does.
 */
export async function lookAtRepository(
  deps: Deps,
  projectId: string,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<void> {
  // Compared in the database alone: a Date would cut its microseconds off.
  const asked = fresh ? await readClock(deps.db) : null;
  for (;;) {
    const holder = randomUUID();
    const claim = await claimLook(deps, projectId, holder, asked);
    if (claim === 'answered') return;
    if (claim === 'busy') {
      const own = underWay.get(deps)?.get(projectId);
      if (own === undefined) await delay(POLL);
      else await own.catch(() => undefined);
      continue;
    }
    announceChange(deps, projectId);
    const looks = underWay.get(deps) ?? new Map<string, Promise<unknown>>();
    underWay.set(deps, looks);
    const look = lookOnce(deps, claim, holder).catch(async (error: unknown) => {
      await giveBack(deps, projectId, holder);
      throw error;
    });
    looks.set(projectId, look);
    // Repaired, taken over or moved while we looked: what was seen is about something else.
    const ended = await look.finally(() => looks.get(projectId) === look && looks.delete(projectId));
    if (ended === 'done') return;
  }
}

async function readClock(db: Db): Promise<string> {
  const { rows } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(db);
  return rows[0]?.at ?? '';
}

/** `answered`: nothing to do (any more). `busy`: a look is under way. Otherwise the project, which is ours to look at. */
async function claimLook(
  { db }: Deps,
  projectId: string,
  holder: string,
  asked: string | null,
): Promise<ProjectRow | 'answered' | 'busy'> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ busy: boolean; answered: boolean }>`
      select
        look_holder is not null and look_until > clock_timestamp() as busy,
        look_finished_at is not null and ${
          asked === null
            ? sql`look_started_at > clock_timestamp() - make_interval(secs => ${SHARED_SECONDS})`
            : sql`look_started_at > ${asked}::timestamptz`
        } as answered
      from project where id = ${projectId} and state <> 'deleted' for update`.execute(tx);
    const state = rows[0];
    if (!state) return 'answered';
    if (state.busy) return 'busy';
    if (state.answered) return 'answered';
    await tx
      .updateTable('project')
      .set({
        lookHolder: holder,
        lookStartedAt: sql<Date>`clock_timestamp()`,
        lookUntil: sql<Date>`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`,
        lookFinishedAt: null,
      })
      .where('id', '=', projectId)
      .execute();
    await bumpVersion(tx, projectId);
    return tx.selectFrom('project').selectAll().where('id', '=', projectId).executeTakeFirstOrThrow();
  });
}

/** A look that broke off answers nobody, and keeps nobody waiting. */
async function giveBack({ db, log }: Deps, projectId: string, holder: string): Promise<void> {
  await db
    .updateTable('project')
    .set({ lookHolder: null, lookUntil: null })
    .where('id', '=', projectId)
    .where('lookHolder', '=', holder)
    .execute()
    .catch((error: unknown) =>
      log.warn({ err: error, project: projectId }, 'a look could not be given back'),
    );
}

/** `outdated`: what was looked at is not the project's any more; nothing more was stored. */
async function lookOnce(deps: Deps, project: ProjectRow, holder: string): Promise<'done' | 'outdated'> {
  const credentials = await readActive(deps.db, project.id);
  const seen: Observation = {};
  const { known, sought, grant } = await prepare(deps, project, credentials);
  const results = storeResults(deps, { project, holder, credentials, known });

  let open = true;
  const observing = observe(deps, sought, grant, (part) => {
    if (!open) return;
    Object.assign(seen, part);
    results.take(seen);
  });
  await inTime(observing);
  open = false;
  const late: Refused = { kind: 'fault', code: 'provider-timeout', retryAt: null };
  const everything: Observation = {
    repository: late,
    permission: late,
    key: late,
    webhook: late,
    file: late,
    ssh: { kind: 'unreachable', words: 'The login did not end in time.' },
    ...seen,
  };
  results.take(everything);
  return results.finish();
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

type Active = Partial<Record<Repairable, CredentialRow>>;

async function readActive(db: Db | Tx, projectId: string): Promise<Active> {
  const rows = await db
    .selectFrom('credential')
    .selectAll()
    .where('projectId', '=', projectId)
    .where('state', '=', 'active')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.kind, row]));
}

/** What the look has to know, and the token owner's grant, which may have to be refreshed first. */
async function prepare(
  deps: Deps,
  project: ProjectRow,
  { 'deploy-key': key, webhook }: Active,
): Promise<{ known: Known; sought: Sought; grant: Promise<Asker | Refused> }> {
  const access = deps.providers.get(project.provider)?.repositories;
  const sought: Sought = {
    uuid: project.repositoryUuid,
    repositoryName: project.repositoryName,
    seenName: project.seenName,
    defaultBranch: project.defaultBranch,
    pipelineFile: project.pipelineFile,
    key: key
      ? {
          publicKey: key.match,
          remoteId: key.remoteId,
          privateKey: deps.sealer.open(key.material ?? '', `credential/${key.id}/material`),
        }
      : null,
    webhook: webhook ? { url: webhook.match, remoteId: webhook.remoteId } : null,
  };
  const known: Known = {
    repositoryName: project.repositoryName,
    pipelineFile: project.pipelineFile,
    events: access?.events ?? [],
    key: key
      ? {
          publicKey: key.match,
          title: key.title,
          fingerprint: fingerprintOf(key.match),
          createdAt: key.createdAt,
          byOwner: key.madeBy !== null && key.madeBy === project.tokenOwnerId,
          grantChanged: await hasGrantChanged(deps.db, project, key),
        }
      : null,
    webhook: webhook ? { url: webhook.match, title: webhook.title } : null,
  };
  return { known, sought, grant: openOwnersGrant(deps, project) };
}

/** Whether access was taken back, or granted anew, since the key was made: its maker's grant takes a key away with it. */
async function hasGrantChanged(db: Db, project: ProjectRow, key: CredentialRow): Promise<boolean> {
  if (key.madeBy === null) return false;
  const connection = await db
    .selectFrom('connection')
    .select(['state', 'connectedAt'])
    .where('profileId', '=', key.madeBy)
    .where('provider', '=', project.provider)
    .executeTakeFirst();
  return connection?.state !== 'connected' || connection.connectedAt > key.createdAt;
}

async function openOwnersGrant(deps: Deps, project: ProjectRow): Promise<Asker | Refused> {
  const { tokenOwnerId, organizationId } = project;
  if (tokenOwnerId === null) return { kind: 'no-grant', reason: 'no-owner', endedAt: null };
  const member = await deps.db
    .selectFrom('membership')
    .select('role')
    .where('organizationId', '=', organizationId)
    .where('profileId', '=', tokenOwnerId)
    .executeTakeFirst();
  if (!member) return { kind: 'no-grant', reason: 'left-organization', endedAt: null };
  const retryAt = await readRetryAt(deps, tokenOwnerId);
  if (retryAt) return { kind: 'fault', code: 'provider-rate-limited', retryAt };
  return openGrant(deps, tokenOwnerId);
}

/** The limit is a person's, whichever project met it: until then asking would only make it longer. */
async function readRetryAt({ db, now }: Deps, tokenOwnerId: string): Promise<Date | null> {
  const { rows } = await sql<{ at: string | null }>`
    select max(finding.facts ->> 'retryAt') as at
    from finding join project on project.id = finding.project_id
    where project.token_owner_id = ${tokenOwnerId} and finding.cause = 'provider-rate-limited'`.execute(db);
  const at = rows[0]?.at;
  return at && new Date(at) > now() ? new Date(at) : null;
}

/**
 * Stores findings as they become known, one transaction after the other. Only while the lease is ours and the project is
 * the one that was looked at: a process that was stopped and goes on writes nothing, and nothing newer is overwritten.
 */
function storeResults(
  deps: Deps,
  look: { project: ProjectRow; holder: string; credentials: Active; known: Known },
) {
  const { project, holder, credentials, known } = look;
  const stored = new Set<Subject>();
  const again: Date[] = [];
  let latest: Observation = {};
  let queue = Promise.resolve();
  let outdated = false;

  function take(seen: Observation): void {
    latest = { ...seen };
    queue = queue.then(flush);
    // Whoever finishes hears of a failure; until then nobody else does.
    queue.catch(() => undefined);
  }

  async function flush(): Promise<void> {
    if (outdated) return;
    const seen = latest;
    const findings = diagnose(known, seen);
    const fresh = SUBJECTS.flatMap((subject) => {
      const finding = findings[subject];
      return finding && !stored.has(subject) ? [finding] : [];
    });
    if (fresh.length === 0) return;
    const at = deps.now();
    const written = await deps.db.transaction().execute(async (tx) => {
      if (!(await holds(tx, look))) return false;
      for (const finding of fresh) await storeFinding(tx, { projectId: project.id, holder, finding, at });
      await storePlaces(tx, project, credentials, seen);
      await bumpVersion(tx, project.id);
      return true;
    });
    outdated = !written;
    for (const finding of fresh) {
      stored.add(finding.subject);
      if (finding.state === 'not-checked' && finding.cause !== 'needs-token-owner') {
        again.push(finding.facts.retryAt ? new Date(finding.facts.retryAt) : later(at, AGAIN_AFTER));
      }
    }
    announceChange(deps, project.id);
  }

  async function finish(): Promise<'done' | 'outdated'> {
    await queue;
    const { sweepInterval } = deps.config;
    // A tenth of spread, so that projects made together do not stay together for ever.
    const usual = later(deps.now(), sweepInterval * (0.95 + Math.random() / 10));
    const due = new Date(Math.min(...[usual, ...again].map((date) => date.getTime())));
    await deps.db
      .updateTable('project')
      .set({
        lookHolder: null,
        lookUntil: null,
        lookDueAt: due,
        // One whose results do not count answers nobody.
        lookFinishedAt: outdated ? null : sql<Date>`clock_timestamp()`,
      })
      .where('id', '=', project.id)
      .where('lookHolder', '=', holder)
      .execute();
    return outdated ? 'outdated' : 'done';
  }

  return { take, finish };
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

/** Whether the lease is still ours, and the project what it was when we looked; holds the row until the transaction ends. */
async function holds(
  tx: Tx,
  { project, holder, credentials }: { project: ProjectRow; holder: string; credentials: Active },
): Promise<boolean> {
  const now = await tx
    .selectFrom('project')
    .select(['repositoryUuid', 'repositoryName', 'pipelineFile', 'tokenOwnerId'])
    .where('id', '=', project.id)
    .where('lookHolder', '=', holder)
    .where('lookUntil', '>', sql<Date>`clock_timestamp()`)
    .forUpdate()
    .executeTakeFirst();
  if (!now) return false;
  const active = await readActive(tx, project.id);
  return (
    now.repositoryUuid === project.repositoryUuid &&
    now.repositoryName === project.repositoryName &&
    now.pipelineFile === project.pipelineFile &&
    now.tokenOwnerId === project.tokenOwnerId &&
    active['deploy-key']?.id === credentials['deploy-key']?.id &&
    active.webhook?.id === credentials.webhook?.id
  );
}

async function storeFinding(
  tx: Tx,
  { projectId, holder, finding, at }: { projectId: string; holder: string; finding: Finding; at: Date },
): Promise<void> {
  const { subject, state, cause } = finding;
  const facts = JSON.stringify(finding.facts);
  const result = { state, cause, facts, checkedAt: at, look: holder };
  // What could not be asked leaves what was proved before.
  const proof =
    state === 'not-checked'
      ? {}
      : { provedState: state, provedCause: cause, provedFacts: facts, provedAt: at };
  await tx
    .insertInto('finding')
    .values({ projectId, subject, ...result, ...proof })
    .onConflict((conflict) => conflict.columns(['projectId', 'subject']).doUpdateSet({ ...result, ...proof }))
    .execute();
}

/** Where the repository, the key and the webhook are now. */
async function storePlaces(
  tx: Tx,
  project: ProjectRow,
  credentials: Active,
  { repository, key, webhook }: Observation,
): Promise<void> {
  if (repository?.kind === 'value') {
    const { fullName: seenName, defaultBranch } = repository.value;
    await tx.updateTable('project').set({ seenName, defaultBranch }).where('id', '=', project.id).execute();
  }
  const found = [
    { row: credentials['deploy-key'], seen: key },
    { row: credentials.webhook, seen: webhook },
  ];
  for (const { row, seen } of found) {
    if (!row || seen?.kind !== 'value' || seen.value.id === row.remoteId) continue;
    await tx
      .updateTable('credential')
      .set({ remoteId: seen.value.id })
      .where('id', '=', row.id)
      .where('state', '=', 'active')
      .execute();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
