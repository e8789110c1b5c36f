/** The Repository tab as it is stored: four rows with their ages, the root cause, and what is being done. Asks nobody. */
import { sql } from 'kysely';
import type { FindingRow, ProjectRow, Role } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { readLastDelivery } from '../hooks/last-delivery.ts';
import { type Cause, type Facts, SUBJECTS, type Subject } from './finding.ts';
import { readOperation } from './repair/read-operation.ts';
import { becauseOf, type People, type Row, summarize } from './summary.ts';
import type { OperationView, RepositoryView, RowView } from './view.ts';

type Viewer = { profileId: string; role: Role; organization: { slug: string; name: string } };

export async function readRepositoryView(
  deps: Deps,
  project: ProjectRow,
  viewer: Viewer,
): Promise<RepositoryView> {
  const { db, now, providers, ssh } = deps;
  const [findings, look, owner, members, own, operation, lastDelivery] = await Promise.all([
    db.selectFrom('finding').selectAll().where('projectId', '=', project.id).execute(),
    readLook(deps, project.id),
    readOwner(deps, project.tokenOwnerId),
    readMembers(deps, project.organizationId),
    readOwnConnection(deps, viewer.profileId, project.provider),
    readOperation(db, project.id, now()),
    readLastDelivery(db, project.id),
  ]);
  const stored = SUBJECTS.map((subject) => ({
    subject,
    row: findings.find((finding) => finding.subject === subject),
  }));
  // What is still being made is not missing.
  const inMaking = project.state === 'creating' && operation?.state === 'running';
  const rows = stored.map(
    ({ subject, row }): Row =>
      inMaking && (row?.cause === 'key-missing' || row?.cause === 'webhook-missing')
        ? { subject, state: 'not-checked', cause: null, facts: {} }
        : rowOf(subject, row),
  );
  const people: People = { viewer, owner: owner ?? null, members };
  const { repositoryName, seenName } = project;
  const webUrl = providers.get(project.provider)?.config.webUrl;
  return {
    organization: viewer.organization,
    project: { id: project.id, name: project.name, state: shownState(project) },
    version: project.version,
    canChange: viewer.role !== 'member',
    ownConnection: own?.state === 'connected',
    repository: {
      url: ssh.cloneUrl(repositoryName),
      fullName: repositoryName,
      webUrl: `${webUrl ?? ''}/${repositoryName}`,
      movedTo: isSame(seenName, repositoryName) ? null : seenName,
    },
    tokenOwner: owner ? { ...owner, you: owner.id === viewer.profileId } : null,
    pipelineFile: project.pipelineFile,
    rows: stored.map(({ row }, index): RowView => {
      const shown = rows[index] as Row;
      return {
        ...shown,
        facts: shown.subject === 'webhook' ? heard(shown.facts, lastDelivery) : shown.facts,
        checkedAt: row?.checkedAt.toISOString() ?? null,
        previous: row ? previousOf(row) : null,
        busy: (look !== null && row?.look !== look) || isWorkedOn(operation, shown.subject),
        becauseOf: becauseOf(shown, rows),
      };
    }),
    summary: summarize(rows, people),
    operation,
  };
}

function shownState({ state }: ProjectRow): RepositoryView['project']['state'] {
  return state === 'deleted' ? 'deleting' : state;
}

/** Names are compared without case, as the provider does. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function rowOf(subject: Subject, row: FindingRow | undefined): Row {
  if (!row) return { subject, state: 'not-checked', cause: 'never-checked', facts: {} };
  return { subject, state: row.state, cause: row.cause as Cause | null, facts: row.facts };
}

function previousOf(row: FindingRow): RowView['previous'] {
  const { state, provedState, provedCause, provedFacts, provedAt } = row;
  if (state !== 'not-checked' || !provedState || !provedAt) return null;
  const facts: Facts = provedFacts ?? {};
  return { state: provedState, cause: provedCause as Cause | null, facts, at: provedAt.toISOString() };
}

function isWorkedOn(operation: OperationView | null, subject: Subject): boolean {
  return operation?.state === 'running' && operation.subjects.some((each) => each === subject);
}

/** The look that is under way, if its process lives as far as anyone knows. */
async function readLook({ db }: Deps, projectId: string): Promise<string | null> {
  const row = await db
    .selectFrom('project')
    .select('lookHolder')
    .where('id', '=', projectId)
    .where('lookUntil', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return row?.lookHolder ?? null;
}

function readOwner({ db }: Deps, id: string | null) {
  if (id === null) return null;
  return db
    .selectFrom('profile')
    .select(['id', 'screenName', 'avatarUrl'])
    .where('id', '=', id)
    .executeTakeFirst();
}

function readMembers({ db }: Deps, organizationId: string) {
  return db
    .selectFrom('membership')
    .innerJoin('profile', 'profile.id', 'membership.profileId')
    .select(['profile.id as profileId', 'profile.screenName', 'membership.role'])
    .where('membership.organizationId', '=', organizationId)
    .where('membership.role', '<>', 'member')
    .orderBy('membership.createdAt')
    .execute();
}

function readOwnConnection({ db }: Deps, profileId: string, provider: ProjectRow['provider']) {
  return db
    .selectFrom('connection')
    .select('state')
    .where('profileId', '=', profileId)
    .where('provider', '=', provider)
    .executeTakeFirst();
}

/** What was received is known without asking anybody. */
function heard(facts: Facts, lastDelivery: Date | null): Facts {
  return lastDelivery ? { ...facts, lastDeliveryAt: lastDelivery.toISOString() } : facts;
}
