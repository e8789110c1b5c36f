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

/** Exact names or `/regular expressions/`, which may match anywhere in a name; an empty list: all of them. */
export type Whitelist = { branches: string[]; tags: string[] };

/** Every field is there once the project came through the command line; each has a default. */
export type KeptSettings = Partial<{
  forkedPullRequests: { allowedSecrets: string[]; allowedContributors: string[] };
  /** Empty: one entry, the project's pipeline file at the level `pipeline`. */
  pipelineFiles: { path: string; level: 'block' | 'pipeline' }[];
  schedulers: Scheduler[];
  tasks: Task[];
  customPermissions: boolean;
  debugPermissions: string[];
  attachPermissions: string[];
}>;

export type Scheduler = {
  id: string;
  name: string;
  /** A branch, `refs/heads/…` or `refs/tags/…`; empty: the default branch. */
  branch: string;
  /** A cron expression, in UTC. */
  at: string;
  pipelineFile: string;
  status: 'ACTIVE' | 'INACTIVE';
};

export type Task = Scheduler & {
  description: string;
  scheduled: boolean;
  parameters: TaskParameter[];
};

export type TaskParameter = {
  name: string;
  required: boolean;
  description: string;
  defaultValue: string;
  options: string[];
  regexPattern: string;
  validateInputFormat: boolean;
};
