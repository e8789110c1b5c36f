/** Reads a project that was sent: its shape, and the rules of its fields. Pure. */
import type { z } from 'zod';
import { readProjectName } from '../projects/project-name.ts';
import { readWhitelist } from '../projects/runs-on.ts';
import {
  ATTACH_PERMISSIONS,
  DEBUG_PERMISSIONS,
  type KeptSettings,
  PIPELINE_LEVELS,
  RUN_ON,
  VISIBILITIES,
} from '../projects/settings.ts';
import type { ProjectSettings } from '../projects/write-settings.ts';
import { ProjectBody } from './document.ts';
import { quote, type Reading, startReading } from './reading.ts';
import { readSchedulers, readTasks, type SchedulerDraft, type TaskDraft } from './tasks.ts';

/** What was sent, with the defaults of what was not. Null: not given, which keeps what is stored. */
export type ProjectDraft = {
  name: string;
  description: string;
  visibility: ProjectSettings['visibility'];
  /** As it was typed, possibly with a password: not to be repeated. */
  url: string | null;
  pipelineFile: string | null;
  integrationType: string | null;
  runOn: ProjectSettings['runOn'];
  whitelist: ProjectSettings['whitelist'];
  kept: Required<Omit<KeptSettings, 'schedulers' | 'tasks'>>;
  schedulers: SchedulerDraft[];
  tasks: TaskDraft[];
};

/** How deep a project's keys are: what is below belongs to something unknown. */
const DEPTH = 8;

/** Never throws, whatever the JSON. `message` is one line: what is wrong first, with its path or in the words people know. */
export function readProject(
  json: unknown,
): { ok: true; value: ProjectDraft } | { ok: false; message: string } {
  const reading = startReading();
  const shape = ProjectBody.safeParse(withoutNulls(json, DEPTH));
  const value = shape.success ? readFields(reading, shape.data) : null;
  if (!shape.success) reading.refuse(sayIssue(shape.error.issues[0]));
  const message = reading.refused();
  return value && message === null ? { ok: true, value } : { ok: false, message: message ?? '' };
}

function readFields(reading: Reading, { metadata = {}, spec = {} }: ProjectBody): ProjectDraft {
  const { repository = {} } = spec;
  const forked = repository.forked_pull_requests ?? {};
  const customPermissions = spec.custom_permissions ?? false;
  const names = (path: string, texts: string[] = []) =>
    texts.map((text, index) => readListed(reading, `${path}[${index}]`, text));
  const at = 'spec.repository';

  const name = readName(reading, metadata.name ?? '');
  const draft: Omit<ProjectDraft, 'kept' | 'schedulers' | 'tasks'> = {
    name,
    description: reading.description('metadata.description', metadata.description),
    visibility: reading.word('spec.visibility', spec.visibility, VISIBILITIES, 'private'),
    url: repository.url?.trim() || null,
    pipelineFile:
      repository.pipeline_file === undefined || repository.pipeline_file.trim() === ''
        ? null
        : reading.file(`${at}.pipeline_file`, repository.pipeline_file),
    integrationType: repository.integration_type?.trim() || null,
    runOn: reading.words(`${at}.run_on`, repository.run_on, RUN_ON),
    whitelist: {
      branches: readWhitelisted(reading, `${at}.whitelist.branches`, repository.whitelist?.branches),
      tags: readWhitelisted(reading, `${at}.whitelist.tags`, repository.whitelist?.tags),
    },
  };
  const permissions = 'spec.debug_permissions';
  const debugPermissions = reading.words(permissions, spec.debug_permissions, DEBUG_PERMISSIONS);
  const attachPermissions = reading.words(
    'spec.attach_permissions',
    spec.attach_permissions,
    ATTACH_PERMISSIONS,
  );
  return {
    ...draft,
    kept: {
      forkedPullRequests: {
        allowedSecrets: names(`${at}.forked_pull_requests.allowed_secrets`, forked.allowed_secrets),
        allowedContributors: names(
          `${at}.forked_pull_requests.allowed_contributors`,
          forked.allowed_contributors,
        ),
      },
      pipelineFiles: (repository.status?.pipeline_files ?? []).map(({ path = '', level }, index) => ({
        path: reading.file(`${at}.status.pipeline_files[${index}].path`, path),
        level: reading.word(
          `${at}.status.pipeline_files[${index}].level`,
          level,
          PIPELINE_LEVELS,
          'pipeline',
        ),
      })),
      customPermissions,
      debugPermissions: customPermissions ? debugPermissions : [],
      attachPermissions: customPermissions ? attachPermissions : [],
    },
    schedulers: readSchedulers(reading, spec.schedulers ?? [], name),
    tasks: readTasks(reading, spec.tasks ?? [], name),
  };
}

function readName(reading: Reading, text: string): string {
  if (text.trim() === '') reading.refuse("metadata.name can't be blank");
  const read = readProjectName(text);
  if (!read.ok)
    reading.refuse(`Project name can have only alphanumeric characters, underscore and dash. ${read.why}`);
  return read.ok ? read.value : '';
}

function readWhitelisted(reading: Reading, path: string, texts: string[] = []): string[] {
  const read = readWhitelist(texts);
  if (!read.ok) reading.refuse(`${path}: ${read.why}`);
  return read.ok ? read.value : [];
}

/** Other servers store these lists joined by commas. */
function readListed(reading: Reading, path: string, text: string): string {
  const name = reading.line(path, text);
  if (name.includes(',')) reading.refuse(`${path}: a name has no comma, list ${quote(name)} as several`);
  return name;
}

/** A key with null is none, except in what is deeper than a project is. */
function withoutNulls(json: unknown, depth: number): unknown {
  if (depth === 0 || typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map((each) => withoutNulls(each, depth - 1));
  return Object.fromEntries(
    Object.entries(json)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, withoutNulls(value, depth - 1)]),
  );
}

const KINDS: Record<string, string> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function sayIssue(issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return '';
  const path = showPath(issue.path);
  if (issue.code === 'unrecognized_keys')
    return `${showPath([...issue.path, issue.keys[0] ?? ''])}: unknown field`;
  if (path === '') return 'Send a project as a JSON object.';
  if (issue.code === 'invalid_type') return `${path}: must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_big') return `${path}: list at most ${issue.maximum}`;
  return `${path}: ${issue.message}`;
}

/** `spec.tasks[0].name`. A key that is no plain word, which anybody may send, is quoted. */
function showPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((shown, key) => {
    if (typeof key === 'number') return `${shown}[${key}]`;
    const text = String(key);
    const word = /^\w{1,60}$/.test(text) ? text : quote(text);
    return shown === '' ? word : `${shown}.${word}`;
  }, '');
}
