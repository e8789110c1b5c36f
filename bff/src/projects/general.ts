/** What a project's own pages show and General settings change. */
import { z } from 'zod';
import { isUniqueViolation } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import type { ProblemCode } from '../problem.ts';
import { lookAtRepository } from '../repository/look.ts';
import { listOperations } from '../repository/repair/read-operation.ts';
import type { OperationView } from '../repository/view.ts';
import { announceChange } from '../repository/watch.ts';
import { readDescription } from './description.ts';
import type { FoundProject } from './find-project.ts';
import { readPipelineFile } from './pipeline-file.ts';
import { readProjectName } from './project-name.ts';
import { readWhitelist } from './runs-on.ts';
import { RUN_ON, type RunOn, type Whitelist } from './settings.ts';
import { writeSettingsIn } from './write-settings.ts';

export type ProjectView = {
  organization: { slug: string; name: string };
  project: {
    id: string;
    name: string;
    description: string;
    pipelineFile: string;
    state: 'creating' | 'ready' | 'deleting';
    createdAt: string;
    /** `workspace/slug`. */
    repository: string;
    provider: 'bitbucket';
    visibility: 'private' | 'public';
    /** In the order of the command line's API; none: nothing starts a workflow. */
    runOn: RunOn[];
    whitelist: Whitelist;
  };
  /** Whether the one who looks may change anything here (owners and admins). */
  canChange: boolean;
  /** The newest first. */
  operations: OperationView[];
};

export async function viewProject(
  { db }: Pick<Deps, 'db'>,
  { project, organization, role }: FoundProject,
): Promise<ProjectView> {
  return {
    organization: { slug: organization.slug, name: organization.name },
    project: {
      id: project.id,
      name: project.name,
      description: project.description,
      pipelineFile: project.pipelineFile,
      // A deleted one is found by nobody.
      state: project.state as ProjectView['project']['state'],
      createdAt: project.createdAt.toISOString(),
      repository: project.repositoryName,
      provider: project.provider,
      visibility: project.visibility,
      runOn: project.runOn,
      whitelist: project.whitelist,
    },
    canChange: role !== 'member',
    operations: await listOperations(db, project.id),
  };
}

export const ProjectChange = z
  .strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    pipelineFile: z.string().optional(),
    runOn: z.array(z.enum(RUN_ON)).optional(),
    whitelist: z.strictObject({ branches: z.array(z.string()), tags: z.array(z.string()) }).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'nothing to change');

type Refused = { problem: ProblemCode; detail?: string };

/** Changes what is given. Another pipeline file is looked for at once. */
export async function changeProject(
  deps: Deps,
  { project }: FoundProject,
  change: z.infer<typeof ProjectChange>,
): Promise<'done' | Refused> {
  const name = change.name === undefined ? null : readProjectName(change.name);
  if (name && !name.ok) return { problem: 'invalid-project-name', detail: name.why };
  const file = change.pipelineFile === undefined ? null : readPipelineFile(change.pipelineFile);
  if (file && !file.ok) return { problem: 'invalid-pipeline-file', detail: file.why };
  const description = change.description === undefined ? null : readDescription(change.description);
  if (description && !description.ok)
    return { problem: 'invalid-request', detail: `description: ${description.why}` };
  const branches = change.whitelist ? readWhitelist(change.whitelist.branches) : null;
  if (branches && !branches.ok) return { problem: 'invalid-branch-whitelist', detail: branches.why };
  const tags = change.whitelist ? readWhitelist(change.whitelist.tags) : null;
  if (tags && !tags.ok) return { problem: 'invalid-tag-whitelist', detail: tags.why };
  const settings = {
    ...(name ? { name: name.value } : {}),
    ...(file ? { pipelineFile: file.value } : {}),
    ...(description ? { description: description.value } : {}),
    ...(change.runOn ? { runOn: RUN_ON.filter((kind) => change.runOn?.includes(kind)) } : {}),
    ...(branches && tags ? { whitelist: { branches: branches.value, tags: tags.value } } : {}),
  };
  try {
    const written = await deps.db.transaction().execute((tx) => writeSettingsIn(tx, project.id, settings));
    if (!written) return { problem: 'operation-running' };
  } catch (error) {
    if (isUniqueViolation(error)) return { problem: 'project-name-taken' };
    throw error;
  }
  announceChange(deps, project.id);
  if (file && file.value !== project.pipelineFile)
    deps.background.run('look', () => lookAtRepository(deps, project.id, { fresh: true }));
  return 'done';
}
