/** The projects of an organization with their health at a glance, from what is stored: nobody is asked. */
import type { Db } from '../db/connect.ts';
import type { FindingRow, ProjectRow } from '../db/schema.ts';
import { type Cause, SUBJECTS } from '../repository/finding.ts';
import { findRoot } from '../repository/summary.ts';

export type ProjectSummary = {
  name: string;
  /** `workspace/slug`. */
  repository: string;
  state: 'creating' | 'ready' | 'deleting';
  health: 'healthy' | 'broken' | 'not-checked';
  /** Null when healthy, and when nobody ever looked. */
  cause: Cause | null;
  /** Of the four results the oldest one's time; null: nobody ever looked. */
  checkedAt: string | null;
};

type Listed = Pick<ProjectRow, 'name' | 'repositoryName' | 'state'>;
type Seen = Pick<FindingRow, 'subject' | 'state' | 'cause' | 'checkedAt'>;

/** By name, without case. */
export async function listProjects(db: Db, organizationId: string): Promise<ProjectSummary[]> {
  const [projects, findings] = await Promise.all([
    db
      .selectFrom('project')
      .select(['id', 'name', 'repositoryName', 'state'])
      .where('organizationId', '=', organizationId)
      .where('state', '<>', 'deleted')
      .orderBy('nameKey')
      .execute(),
    db
      .selectFrom('finding')
      .innerJoin('project', 'project.id', 'finding.projectId')
      .select(['finding.projectId', 'finding.subject', 'finding.state', 'finding.cause', 'finding.checkedAt'])
      .where('project.organizationId', '=', organizationId)
      .where('project.state', '<>', 'deleted')
      .execute(),
  ]);
  const seen = Map.groupBy(findings, ({ projectId }) => projectId);
  return projects.map((project) => atAGlance(project, seen.get(project.id) ?? []));
}

/** What is proved broken outweighs what could not be asked. */
function atAGlance({ name, repositoryName, state }: Listed, seen: Seen[]): ProjectSummary {
  const rows = SUBJECTS.flatMap((subject) => seen.find((row) => row.subject === subject) ?? []);
  const unknown = rows.find((row) => row.state === 'not-checked');
  const root = findRoot(rows.map((row) => ({ ...row, cause: row.cause as Cause | null, facts: {} })));
  const healthy = !root && !unknown && rows.length === SUBJECTS.length;
  return {
    name,
    repository: repositoryName,
    // A deleted one is in no list.
    state: state as ProjectSummary['state'],
    health: root ? 'broken' : healthy ? 'healthy' : 'not-checked',
    cause: ((root ?? unknown)?.cause ?? null) as Cause | null,
    checkedAt: rows.map(({ checkedAt }) => checkedAt.toISOString()).sort()[0] ?? null,
  };
}
