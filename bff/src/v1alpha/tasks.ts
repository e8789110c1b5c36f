/** Tasks and schedulers: kept and returned as they were given. Nothing here runs them. Pure. */
import { refuseCron } from '../projects/cron.ts';
import { type Pattern, readPattern } from '../projects/pattern.ts';
import { SCHEDULE_STATES, type Scheduler, type Task, type TaskParameter } from '../projects/settings.ts';
import type { ParameterBody, SchedulerBody, TaskBody } from './document.ts';
import { quote, type Reading } from './reading.ts';

/** All expressions of a project together, and the work of matching the defaults: people wait for it, and others too. */
const MOST_STEPS = 10_000;
const MOST_MATCHING = 500_000;
/** What even the smallest expression costs, in steps. */
const EACH = 50;

/** Null: not given, so that what is stored stays. */
export type SchedulerDraft = Omit<Scheduler, 'id' | 'status'> & {
  id: string | null;
  status: Scheduler['status'] | null;
};
export type ParameterDraft = Omit<TaskParameter, 'regexPattern' | 'validateInputFormat'> & {
  regexPattern: string | null;
  validateInputFormat: boolean | null;
};
export type TaskDraft = SchedulerDraft &
  Pick<Task, 'description' | 'scheduled'> & { parameters: ParameterDraft[] };

type Place = { path: string; index: number };

export function readSchedulers(reading: Reading, bodies: SchedulerBody[], project: string): SchedulerDraft[] {
  const schedulers = bodies.map((body, index) => {
    const scheduler = readSchedule(reading, body, { path: `spec.schedulers[${index}]`, index });
    checkCron(reading, scheduler);
    return scheduler;
  });
  refuseTwins(reading, schedulers, project);
  return schedulers;
}

export function readTasks(reading: Reading, bodies: TaskBody[], project: string): TaskDraft[] {
  const tasks = bodies.map((body, index) => {
    const path = `spec.tasks[${index}]`;
    const task = {
      ...readSchedule(reading, body, { path, index }),
      description: reading.description(`${path}.description`, body.description),
      scheduled: body.scheduled ?? true,
      parameters: readParameters(reading, body.parameters ?? [], `${path}.parameters`),
    };
    if (task.scheduled) checkCron(reading, task);
    return task;
  });
  refuseTwins(reading, tasks, project);
  return tasks;
}

function readSchedule(reading: Reading, body: SchedulerBody, { path, index }: Place): SchedulerDraft {
  const needed = (key: 'name' | 'pipeline_file') => {
    const text = body[key] ?? '';
    if (text.trim() === '')
      reading.refuse(`Periodic at index ${index}: '${key}' must be a non-empty string.`);
    return text;
  };
  return {
    id: reading.maybeLine(`${path}.id`, body.id) || null,
    name: reading.line(`${path}.name`, needed('name')),
    branch: readBranch(reading, body, path),
    at: reading.maybeLine(`${path}.at`, body.at),
    pipelineFile: reading.file(`${path}.pipeline_file`, needed('pipeline_file')),
    status: reading.word(`${path}.status`, body.status, SCHEDULE_STATES, null),
  };
}

/** A branch or tag can be said in three ways. Whoever changes only one of them would not get what they meant. */
function readBranch(reading: Reading, body: SchedulerBody, path: string): string {
  const { branch, reference, reference_type: type, reference_name: name } = body;
  const said = [
    reading.maybeLine(`${path}.branch`, branch),
    readReference(reading, { type: reference?.type, name: reference?.name }, [
      `${path}.reference.type`,
      `${path}.reference.name`,
    ]),
    readReference(reading, { type, name }, [`${path}.reference_type`, `${path}.reference_name`]),
  ].filter((each) => each !== '');
  if (new Set(said.map((each) => each.replace(/^refs\/heads\//, ''))).size > 1)
    reading.refuse(
      `${path}: the branch ${quote(said[0] ?? '')} and the reference ${quote(said[1] ?? '')} disagree, give one of them`,
    );
  return said[0] ?? '';
}

function readReference(
  reading: Reading,
  { type, name }: { type: string | undefined; name: string | undefined },
  [typePath, namePath]: [string, string],
): string {
  const kind = reading.word(typePath, type, ['branch', 'tag'], 'branch');
  const text = reading.maybeLine(namePath, name);
  return kind === 'tag' && text !== '' && !text.startsWith('refs/tags/') ? `refs/tags/${text}` : text;
}

function checkCron(reading: Reading, { name, at }: SchedulerDraft): void {
  const why = refuseCron(at);
  if (why) reading.refuse(`Invalid cron expression in 'at' field for periodic '${name}': ${why}`);
}

function refuseTwins(reading: Reading, entries: { name: string }[], project: string): void {
  const twin = findTwin(entries.map(({ name }) => name));
  if (twin !== undefined)
    reading.refuse(`Periodic with name '${twin}' already exists for project '${project}'.`);
}

function findTwin(names: string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function readParameters(reading: Reading, bodies: ParameterBody[], path: string): ParameterDraft[] {
  const parameters = bodies.map((body, index) => readParameter(reading, body, `${path}[${index}]`));
  const twin = findTwin(parameters.map(({ name }) => name));
  if (twin !== undefined) reading.refuse(`${path}: there are two parameters '${twin}'`);
  return parameters;
}

function readParameter(reading: Reading, body: ParameterBody, path: string): ParameterDraft {
  if ((body.name ?? '').trim() === '') reading.refuse(`${path}.name: can't be blank`);
  return {
    name: reading.line(`${path}.name`, body.name ?? ''),
    required: body.required ?? false,
    description: reading.description(`${path}.description`, body.description),
    defaultValue: reading.value(`${path}.default_value`, body.default_value),
    options: (body.options ?? []).map((text, index) => reading.value(`${path}.options[${index}]`, text)),
    regexPattern:
      body.regex_pattern === undefined ? null : reading.value(`${path}.regex_pattern`, body.regex_pattern),
    validateInputFormat: body.validate_input_format ?? null,
  };
}

type Stored = { schedulers: Scheduler[]; tasks: Task[] };
type Drafts = { schedulers: SchedulerDraft[]; tasks: TaskDraft[] };

/** Gives what was not given: ids, and what is stored under those that were. Whatever is not named is left behind. */
export function completeTasks(reading: Reading, drafts: Drafts, stored: Stored, newId: () => string): Stored {
  // A scheduler can become a task: that is how the older form is left behind.
  const known = new Map<string, Scheduler | Task>();
  for (const entry of [...stored.schedulers, ...stored.tasks]) known.set(entry.id, entry);
  const used = new Set<string>();

  const find = ({ id }: SchedulerDraft) => {
    if (id === null) return undefined;
    const found = known.get(id);
    if (!found) reading.refuse(`Periodic task with ID ${quote(id)} not found in project`);
    if (used.has(id)) reading.refuse(`Periodic task with ID ${quote(id)} is there twice`);
    used.add(id);
    return found;
  };
  const complete = (draft: SchedulerDraft, found: Scheduler | undefined): Scheduler => ({
    id: found?.id ?? newId(),
    name: draft.name,
    branch: draft.branch,
    at: draft.at,
    pipelineFile: draft.pipelineFile,
    status: draft.status ?? found?.status ?? 'ACTIVE',
  });

  const schedulers = drafts.schedulers.map((draft) => complete(draft, find(draft)));
  const tasks = drafts.tasks.map((draft) => {
    const found = find(draft);
    const before = stored.tasks.find(({ id }) => id === found?.id)?.parameters ?? [];
    return {
      ...complete(draft, found),
      description: draft.description,
      scheduled: draft.scheduled,
      parameters: draft.parameters.map((parameter) => {
        const same = before.find(({ name }) => name === parameter.name);
        return {
          ...parameter,
          regexPattern: parameter.regexPattern ?? same?.regexPattern ?? '',
          validateInputFormat: parameter.validateInputFormat ?? same?.validateInputFormat ?? false,
        };
      }),
    };
  });
  checkParameters(reading, tasks);
  return { schedulers, tasks };
}

function checkParameters(reading: Reading, tasks: Task[]): void {
  const spent: Spent = { patterns: new Map(), steps: 0, matching: 0 };
  for (const [index, task] of tasks.entries())
    for (const [place, parameter] of task.parameters.entries()) {
      // An expression takes a moment: after the first thing that is wrong, the others need not be looked at.
      if (reading.refused() !== null) return;
      const why = refuseParameter(parameter, `spec.tasks[${index}].parameters[${place}]`, spent);
      if (why !== null) reading.refuse(why);
    }
}

/** Counted for all of a project. */
type Spent = { patterns: Map<string, Pattern>; steps: number; matching: number };

/** What is wrong with the parameter as it would be stored. */
function refuseParameter(
  { name, defaultValue, regexPattern, validateInputFormat }: TaskParameter,
  path: string,
  spent: Spent,
): string | null {
  if (regexPattern === '')
    return validateInputFormat
      ? `Parameter '${name}' regex_pattern can't be blank when validate_input_format is true.`
      : null;
  const known = spent.patterns.get(regexPattern);
  const read = known ? ({ ok: true, value: known } as const) : readPattern(regexPattern);
  if (!read.ok) return `${path}.regex_pattern: ${read.why}`;
  const pattern = read.value;
  spent.patterns.set(regexPattern, pattern);
  if (!known) spent.steps += EACH + pattern.size;
  const matched = validateInputFormat && defaultValue !== '';
  if (matched) spent.matching += pattern.size * defaultValue.length;
  if (spent.steps > MOST_STEPS || spent.matching > MOST_MATCHING)
    return `${path}.regex_pattern: too large, alone or together with the other expressions of the project`;
  if (matched && !pattern.matches(defaultValue)) return `${path}.default_value: does not match regex_pattern`;
  return null;
}
