/**
 * What the command line's client does to a project between a GET and a PATCH, as far as the server can see it: what it
 * shows its user as YAML, and the very bytes it sends when that is saved. Recorded from version 0.35.0.
 */

type Reference = { type: string; name: string };
type SemSchedule = {
  name: string;
  id?: string;
  branch?: string;
  reference?: Reference;
  at?: string;
  pipeline_file?: string;
  status?: string;
};
type SemParameter = {
  name: string;
  required?: boolean;
  description?: string;
  default_value?: string;
  options?: string[];
};
type SemTask = SemSchedule & { description?: string; scheduled?: boolean; parameters?: SemParameter[] };

/** A project as its file says it: what the client does not know cannot stand in one. */
export type SemProject = {
  metadata: { name?: string; id?: string; description?: string };
  spec: {
    visibility?: string;
    repository: {
      url?: string;
      run_on?: string[];
      forked_pull_requests?: { allowed_secrets?: string[]; allowed_contributors?: string[] };
      pipeline_file?: string;
      status?: { pipeline_files: { path: string; level: string }[] };
      whitelist?: { branches?: string[]; tags?: string[] };
      integration_type?: string;
    };
    schedulers?: SemSchedule[];
    tasks?: SemTask[];
    custom_permissions?: boolean;
    debug_permissions?: string[];
    attach_permissions?: string[];
  };
};

/** What the user sees of an answer. All that the client does not know is dropped; a branch is shown as a reference. */
export function showInSem(answer: SemProject): SemProject {
  const { metadata, spec } = answer;
  const { repository } = spec;
  return {
    metadata: pick(metadata, ['name', 'id', 'description']),
    spec: {
      ...pick(spec, ['visibility', 'custom_permissions', 'debug_permissions', 'attach_permissions']),
      repository: {
        ...pick(repository, ['url', 'run_on', 'pipeline_file', 'integration_type']),
        ...(repository.forked_pull_requests && {
          forked_pull_requests: pick(repository.forked_pull_requests, [
            'allowed_secrets',
            'allowed_contributors',
          ]),
        }),
        ...(repository.status && {
          status: {
            pipeline_files: repository.status.pipeline_files.map((file) => pick(file, ['path', 'level'])),
          },
        }),
        ...(repository.whitelist && { whitelist: pick(repository.whitelist, ['branches', 'tags']) }),
      },
      schedulers: (spec.schedulers ?? []).map(showSchedule),
      tasks: (spec.tasks ?? []).map((task) => ({
        ...showSchedule(task),
        ...pick(task, ['description', 'scheduled']),
        parameters: (task.parameters ?? []).map((parameter) =>
          pick(parameter, ['name', 'required', 'description', 'default_value', 'options']),
        ),
      })),
    },
  };
}

function showSchedule(schedule: SemSchedule): SemSchedule {
  const { branch, reference } = schedule;
  const shown = pick(schedule, ['name', 'id', 'at', 'pipeline_file', 'status']);
  // With both, both are shown, and the user changes one of them.
  if (!branch || reference)
    return { ...shown, ...(branch ? { branch } : {}), ...(reference ? { reference } : {}) };
  const tag = /^refs\/tags\/(.*)$/s.exec(branch)?.[1];
  return { ...shown, reference: tag ? { type: 'tag', name: tag } : { type: 'branch', name: branch } };
}

/** The bytes that are sent for a file: the client's own order of keys, and nothing for what is empty. */
export function sendFromSem({ metadata, spec }: SemProject): string {
  const { repository } = spec;
  const { status, forked_pull_requests: forked, whitelist } = repository;
  return encode({
    apiVersion: 'v1alpha',
    kind: 'Project',
    metadata: sparse({ name: metadata.name, id: metadata.id, description: metadata.description }),
    spec: sparse({
      visibility: spec.visibility,
      repository: {
        ...sparse({ url: repository.url, run_on: repository.run_on }),
        forked_pull_requests: sparse({
          allowed_secrets: forked?.allowed_secrets,
          allowed_contributors: forked?.allowed_contributors,
        }),
        pipeline_file: repository.pipeline_file ?? '',
        ...sparse({ status }),
        whitelist: sparse({ branches: whitelist?.branches, tags: whitelist?.tags }),
        integration_type: repository.integration_type ?? '',
      },
      schedulers: spec.schedulers?.map(sendScheduler),
      tasks: spec.tasks?.map(sendTask),
      custom_permissions: spec.custom_permissions,
      debug_permissions: spec.debug_permissions,
      attach_permissions: spec.attach_permissions,
    }),
  });
}

function sendScheduler(scheduler: SemSchedule) {
  return {
    name: scheduler.name,
    ...sparse({ id: scheduler.id, ...sendReference(scheduler) }),
    at: scheduler.at ?? '',
    pipeline_file: scheduler.pipeline_file ?? '',
    ...sparse({ status: scheduler.status }),
  };
}

function sendTask(task: SemTask) {
  return {
    name: task.name,
    ...sparse({ description: task.description }),
    scheduled: task.scheduled ?? false,
    ...sparse({ id: task.id, ...sendReference(task), at: task.at }),
    pipeline_file: task.pipeline_file ?? '',
    ...sparse({ status: task.status, parameters: task.parameters?.map(sendParameter) }),
  };
}

function sendParameter({ name, required, description, default_value, options }: SemParameter) {
  return { name, required: required ?? false, ...sparse({ description, default_value, options }) };
}

/** A reference is sent as a branch, unless there is a branch as well. */
function sendReference({ branch, reference }: SemSchedule) {
  if (branch || !reference) return { branch, reference };
  return { branch: reference.type === 'tag' ? `refs/tags/${reference.name}` : reference.name };
}

function pick<Whole extends object, Key extends keyof Whole>(whole: Whole, keys: Key[]): Pick<Whole, Key> {
  return Object.fromEntries(
    keys.filter((key) => whole[key] !== undefined && whole[key] !== null).map((key) => [key, whole[key]]),
  ) as Pick<Whole, Key>;
}

/** Without what is not given, empty texts and empty lists. False and empty objects stay. */
function sparse(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** Go's encoder writes what HTML or JavaScript could take for their own as escapes. */
function encode(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
