/** A stored project as the command line's API answers it. Pure. */
import type { ProjectRow } from '../db/schema.ts';
import type { Scheduler, Task } from '../projects/settings.ts';
import type { ProjectDocument } from './document.ts';

type ShownRepository = { url: string; owner: string; name: string };

/** Every key is there, in the order that people know; `repository` is the URL as the settings page shows it. */
export function documentOf(project: ProjectRow, repository: ShownRepository): ProjectDocument {
  const { kept, pipelineFile } = project;
  const files = kept.pipelineFiles ?? [];
  return {
    apiVersion: 'v1alpha',
    kind: 'Project',
    metadata: {
      name: project.name,
      id: project.id,
      org_id: project.organizationId,
      owner_id: project.createdBy ?? '',
      description: project.description,
    },
    spec: {
      visibility: project.visibility,
      repository: {
        url: repository.url,
        owner: repository.owner,
        name: repository.name,
        run_on: project.runOn,
        forked_pull_requests: {
          allowed_secrets: kept.forkedPullRequests?.allowedSecrets ?? [],
          allowed_contributors: kept.forkedPullRequests?.allowedContributors ?? [],
        },
        pipeline_file: pipelineFile,
        status: { pipeline_files: files.length > 0 ? files : [{ path: pipelineFile, level: 'pipeline' }] },
        whitelist: { branches: project.whitelist.branches, tags: project.whitelist.tags },
        integration_type: project.provider,
      },
      schedulers: (kept.schedulers ?? []).map(showScheduler),
      tasks: (kept.tasks ?? []).map(showTask),
      custom_permissions: kept.customPermissions ?? false,
      debug_permissions: kept.debugPermissions ?? [],
      attach_permissions: kept.attachPermissions ?? [],
    },
  };
}

function showScheduler({ id, name, branch, at, pipelineFile, status }: Scheduler) {
  return { id, name, branch, at, pipeline_file: pipelineFile, status };
}

function showTask(task: Task): ProjectDocument['spec']['tasks'][number] {
  return {
    id: task.id,
    name: task.name,
    description: task.description,
    scheduled: task.scheduled,
    branch: task.branch,
    at: task.at,
    pipeline_file: task.pipelineFile,
    status: task.status,
    parameters: task.parameters.map((parameter) => ({
      name: parameter.name,
      required: parameter.required,
      description: parameter.description,
      default_value: parameter.defaultValue,
      options: parameter.options,
      regex_pattern: parameter.regexPattern,
      validate_input_format: parameter.validateInputFormat,
    })),
  };
}
