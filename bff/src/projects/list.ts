/** The projects of an organization with their health at a glance, from what is stored: nobody is asked. */
import type { Db } from '../db/connect.ts';
import type { FindingRow, ProjectRow } from '../db/schema.ts';
import { type Cause, SUBJECTS } from '../repository/finding.ts';

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

type Seen = Pick<FindingRow, 'subject' | 'state' | 'cause' | 'checkedAt'>;

/** By name, without case. */
export async function listProjects(db: Db, organizationId: string): Promise<ProjectSummary[]> {
  const [projects, findings] = await Promise.all([
    db
      .selectFrom('project')
      .select(['id', 'name', 'repositoryName', 'seenName', 'state'])
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
  return projects.map((project) => summarize(project, seen.get(project.id) ?? []));
}

/** What is proved broken outweighs what could not be asked; of several causes the first row's is the root. */
export function summarize(
  project: Pick<ProjectRow, 'name' | 'repositoryName' | 'seenName' | 'state'>,
  seen: Seen[],
): ProjectSummary {
  const rows = SUBJECTS.flatMap((subject) => seen.find((row) => row.subject === subject) ?? []);
  const told =
    rows.find(({ state }) => state === 'broken') ?? rows.find(({ state }) => state === 'not-checked');
  const complete = rows.length === SUBJECTS.length;
  const moved = project.seenName !== project.repositoryName;
  const base = {
    name: project.name,
    repository: project.repositoryName,
    // A deleted one is in no list.
    state: project.state as ProjectSummary['state'],
    checkedAt: rows.map(({ checkedAt }) => checkedAt.toISOString()).sort()[0] ?? null,
  };
  if (told?.state === 'broken') return { ...base, health: 'broken', cause: told.cause as Cause };
  if (moved) return { ...base, health: 'broken', cause: 'repository-moved' };
  if (told || !complete)
    return { ...base, health: 'not-checked', cause: (told?.cause ?? null) as Cause | null };
  return { ...base, health: 'healthy', cause: null };
}
