/**
 * A live look at a project's repository, shared by everyone who asks for one at the same time, on whichever replica:
 * one process holds the project's lease, and each finding is stored as soon as it is known.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Tx } from '../db/connect.ts';
import type { CredentialRow, ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
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
/** How many are asked whether they see what the token owner does not. */
const MOST_OTHERS = 3;
/** Longer than a look and the storing of its results, so that it never ends under a process that lives. */
const LEASE_SECONDS = 40;
/** How often others ask whether the look of another replica has ended. */
const POLL = 100;
/** What could not be asked is asked again after this, unless the provider said when. */
const AGAIN_AFTER = 10 * 60_000;

/** Looks of this process that are under way, and those who wait for any look at all. */
type Here = { looking: Map<string, Promise<unknown>>; joined: Map<string, Promise<void>> };

const here = new WeakMap<Deps, Here>();

/**
 * Looks at everything and leaves a finding for each subject. A look that began within the last five seconds, on any
 * replica, answers; with `fresh` only one that begins after this call does, since an earlier one need not have seen what
 * was changed before it. Resolves when the look has ended. Never throws for what a provider does.
 */
export function lookAtRepository(
  deps: Deps,
  projectId: string,
  { fresh = false }: { fresh?: boolean } = {},
): Promise<void> {
  const own = here.get(deps) ?? { looking: new Map(), joined: new Map() };
  here.set(deps, own);
  if (fresh) return lookFresh(deps, projectId, own);
  // Any number of viewers in this process ask the database once.
  const joined = own.joined.get(projectId);
  if (joined) return joined;
  const joining = lookUntilAnswered(deps, projectId, own, null).finally(() => own.joined.delete(projectId));
  own.joined.set(projectId, joining);
  return joining;
}

async function lookFresh(deps: Deps, projectId: string, own: Here): Promise<void> {
  // Compared in the database alone: a Date would cut its microseconds off.
  return lookUntilAnswered(deps, projectId, own, await readClock(deps.db));
}

/** `asked`: when a fresh look was asked for; null: a shared one will do. */
async function lookUntilAnswered(
  deps: Deps,
  projectId: string,
  { looking }: Here,
  asked: string | null,
): Promise<void> {
  for (;;) {
    const holder = randomUUID();
    const claim = await claimLook(deps, projectId, holder, asked);
    if (claim === 'answered') return;
    if (claim === 'busy') {
      const own = looking.get(projectId);
      if (own === undefined) await delay(POLL);
      else await own.catch(() => undefined);
      continue;
    }
    announceChange(deps, projectId);
    const look = lookOnce(deps, claim, holder).catch(async (error: unknown) => {
      await giveBack(deps, projectId, holder);
      throw error;
    });
    looking.set(projectId, look);
    // Repaired, taken over or moved while we looked: what was seen is about something else.
    const ended = await look.finally(() => looking.get(projectId) === look && looking.delete(projectId));
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
  const answered =
    asked === null
      ? sql<boolean>`look_started_at > clock_timestamp() - make_interval(secs => ${SHARED_SECONDS})`
      : sql<boolean>`look_started_at > ${asked}::timestamptz`;
  const busy = sql<boolean>`coalesce(look_holder is not null and look_until > clock_timestamp(), false)`;
  const claimed = await db
    .updateTable('project')
    .set({
      lookHolder: holder,
      lookStartedAt: sql<Date>`clock_timestamp()`,
      lookUntil: sql<Date>`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`,
      lookFinishedAt: null,
      // Pages show that a look is under way.
      version: sql<number>`version + 1`,
    })
    .where('id', '=', projectId)
    .where('state', '<>', 'deleted')
    .where(sql<boolean>`not ${busy}`)
    .where(sql<boolean>`not coalesce(look_finished_at is not null and ${answered}, false)`)
    .returningAll()
    .executeTakeFirst();
  if (claimed) return claimed;
  const held = await db
    .selectFrom('project')
    .select([busy.as('busy'), sql<boolean>`coalesce(${answered}, false)`.as('answered')])
    .where('id', '=', projectId)
    .where('state', '<>', 'deleted')
    .executeTakeFirst();
  // One that ended in between need not answer: that is asked once more.
  return !held || (held.answered && !held.busy) ? 'answered' : 'busy';
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
  const observing = observe(
    deps,
    sought,
    grant,
    () => openOthers(deps, project),
    (part) => {
      if (!open) return;
      Object.assign(seen, part);
      results.take(seen);
    },
  );
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
  const grantChanged = key ? await hasGrantChanged(deps.db, project, key) : false;
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
          grantChanged,
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
  const [member, retryAt] = await Promise.all([
    deps.db
      .selectFrom('membership')
      .select('role')
      .where('organizationId', '=', organizationId)
      .where('profileId', '=', tokenOwnerId)
      .executeTakeFirst(),
    readRetryAt(deps, tokenOwnerId),
  ]);
  if (!member) return { kind: 'no-grant', reason: 'left-organization', endedAt: null };
  if (retryAt) return { kind: 'fault', code: 'provider-rate-limited', retryAt };
  return openGrant(deps, tokenOwnerId);
}

/** Owners and admins besides the token owner, who could take over: what they see tells a lost access from a lost repository. */
async function openOthers(
  deps: Deps,
  { organizationId, tokenOwnerId, provider }: ProjectRow,
): Promise<Asker[]> {
  const people = await deps.db
    .selectFrom('membership')
    .innerJoin('connection', 'connection.profileId', 'membership.profileId')
    .select('membership.profileId')
    .where('membership.organizationId', '=', organizationId)
    .where('membership.role', '<>', 'member')
    .where('connection.provider', '=', provider)
    .where('connection.state', '=', 'connected')
    .orderBy('membership.createdAt')
    .limit(MOST_OTHERS + 1)
    .execute();
  const others = people.map(({ profileId }) => profileId).filter((each) => each !== tokenOwnerId);
  return Promise.all(others.slice(0, MOST_OTHERS).map((profileId) => openGrant(deps, profileId)));
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
  const again: (Date | null)[] = [];
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
    const complete = stored.size + fresh.length === SUBJECTS.length;
    const written = await deps.db.transaction().execute(async (tx) => {
      if (!(await holds(tx, look))) return false;
      await storeFindings(tx, { projectId: project.id, holder, findings: fresh, at });
      await rememberIds(tx, credentials, seen);
      const set = { ...placeOf(seen), ...(complete ? ended([...again, ...fresh.map(asked)]) : {}) };
      await tx
        .updateTable('project')
        .set({ ...set, version: sql<number>`version + 1` })
        .where('id', '=', project.id)
        .execute();
      return true;
    });
    outdated = !written;
    for (const finding of fresh) {
      stored.add(finding.subject);
      again.push(asked(finding));
    }
    announceChange(deps, project.id);
  }

  /** When it is worth asking again what a finding leaves open; null: in its usual turn. */
  function asked({ state, cause, facts }: Finding): Date | null {
    if (state !== 'not-checked' || cause === 'needs-token-owner') return null;
    return facts.retryAt ? new Date(facts.retryAt) : later(deps.now(), AGAIN_AFTER);
  }

  function ended(asks: (Date | null)[]) {
    // A tenth of spread, so that projects made together do not stay together for ever.
    const usual = later(deps.now(), deps.config.sweepInterval * (0.95 + Math.random() / 10));
    const dates = [usual, ...asks.filter((date) => date !== null)];
    return {
      lookHolder: null,
      lookUntil: null,
      lookDueAt: new Date(Math.min(...dates.map((date) => date.getTime()))),
      lookFinishedAt: sql<Date>`clock_timestamp()`,
    };
  }

  async function finish(): Promise<'done' | 'outdated'> {
    await queue;
    if (!outdated) return 'done';
    // Nothing of it counts, so it answers nobody.
    await giveBack(deps, project.id, holder);
    return 'outdated';
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

async function storeFindings(
  tx: Tx,
  what: { projectId: string; holder: string; findings: Finding[]; at: Date },
): Promise<void> {
  const rows = what.findings.map(({ subject, state, cause, facts }) => {
    const result = { state, cause, facts: JSON.stringify(facts), checkedAt: what.at, look: what.holder };
    const proved = state !== 'not-checked';
    return {
      projectId: what.projectId,
      subject,
      ...result,
      provedState: proved ? state : null,
      provedCause: proved ? cause : null,
      provedFacts: proved ? result.facts : null,
      provedAt: proved ? what.at : null,
    };
  });
  // What could not be asked leaves what was proved before.
  const proof = (column: 'proved_state' | 'proved_cause' | 'proved_facts' | 'proved_at') =>
    sql<never>`case when excluded.proved_at is null then ${sql.ref(`finding.${column}`)}
      else ${sql.ref(`excluded.${column}`)} end`;
  await tx
    .insertInto('finding')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['projectId', 'subject']).doUpdateSet(({ ref }) => ({
        state: ref('excluded.state'),
        cause: ref('excluded.cause'),
        facts: ref('excluded.facts') as never,
        checkedAt: ref('excluded.checkedAt'),
        look: ref('excluded.look'),
        provedState: proof('proved_state'),
        provedCause: proof('proved_cause'),
        provedFacts: proof('proved_facts'),
        provedAt: proof('proved_at'),
      })),
    )
    .execute();
}

/** Where the repository is now, when that was seen. */
function placeOf({ repository }: Observation): Partial<Pick<ProjectRow, 'seenName' | 'defaultBranch'>> {
  if (repository?.kind !== 'value') return {};
  return { seenName: repository.value.fullName, defaultBranch: repository.value.defaultBranch };
}

/** Where the key and the webhook were found, when not where they were remembered. */
async function rememberIds(tx: Tx, credentials: Active, { key, webhook }: Observation): Promise<void> {
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
