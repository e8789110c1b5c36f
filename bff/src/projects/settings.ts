/** What a project's file says beside name, URL and pipeline file. The words are those of the command line's API. */

/** In the order in which they are always listed. */
export const RUN_ON = [
  'tags',
  'branches',
  'pull_requests',
  'forked_pull_requests',
  'draft_pull_requests',
] as const;
/** Which events start workflows. */
export type RunOn = (typeof RUN_ON)[number];

export const VISIBILITIES = ['private', 'public'] as const;

/** Exact names or `/regular expressions/`, which may match anywhere in a name; an empty list: all of them. */
export type Whitelist = { branches: string[]; tags: string[] };

/** Who may attach to a running job, and debug one: in the order in which they are always listed. */
export const ATTACH_PERMISSIONS = [
  'default_branch',
  'non_default_branch',
  'pull_request',
  'forked_pull_request',
  'tag',
] as const;
export const DEBUG_PERMISSIONS = ['empty', ...ATTACH_PERMISSIONS] as const;

export const PIPELINE_LEVELS = ['block', 'pipeline'] as const;
export const SCHEDULE_STATES = ['ACTIVE', 'INACTIVE'] as const;

/** Every field is there once the project came through the command line; each has a default. */
export type KeptSettings = Partial<{
  forkedPullRequests: { allowedSecrets: string[]; allowedContributors: string[] };
  /** Empty: one entry, the project's pipeline file at the level `pipeline`. */
  pipelineFiles: { path: string; level: (typeof PIPELINE_LEVELS)[number] }[];
  schedulers: Scheduler[];
  tasks: Task[];
  /** Without it both lists of permissions are empty. */
  customPermissions: boolean;
  debugPermissions: (typeof DEBUG_PERMISSIONS)[number][];
  attachPermissions: (typeof ATTACH_PERMISSIONS)[number][];
}>;

export type Scheduler = {
  id: string;
  name: string;
  /** A branch, `refs/heads/…` or `refs/tags/…`; empty: the default branch. */
  branch: string;
  /** A cron expression, in UTC. */
  at: string;
  pipelineFile: string;
  status: (typeof SCHEDULE_STATES)[number];
};

export type Task = Scheduler & {
  description: string;
  /** Without it `at` means nothing and may be anything. */
  scheduled: boolean;
  parameters: TaskParameter[];
};

export type TaskParameter = {
  name: string;
  required: boolean;
  description: string;
  defaultValue: string;
  options: string[];
  /** Applied when `validateInputFormat` is on; may match anywhere in a value. */
  regexPattern: string;
  validateInputFormat: boolean;
};
