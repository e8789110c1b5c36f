/** A project as the command line's API shows it, and as it may be sent: what `sem` reads and writes. Pure. */
import { z } from 'zod';
import {
  ATTACH_PERMISSIONS,
  DEBUG_PERMISSIONS,
  PIPELINE_LEVELS,
  RUN_ON,
  SCHEDULE_STATES,
  VISIBILITIES,
} from '../projects/settings.ts';

const MOST = 100;
const ID = '2f6ad4b0-6f4e-4d3c-9a53-0b8f0c1f7f10';

const schedule = {
  id: z.string().meta({ description: 'Stays the same as long as the entry is there.', example: ID }),
  name: z.string().meta({ example: 'nightly' }),
  branch: z.string().meta({
    description: 'A branch, or `refs/tags/` and a tag. Empty: the default branch.',
    example: 'main',
  }),
  at: z.string().meta({ description: 'A cron expression of five fields, in UTC.', example: '5 4 * * *' }),
  pipeline_file: z.string().meta({ example: '.semaphore/nightly.yml' }),
  status: z.enum(SCHEDULE_STATES),
};

const Parameter = z
  .object({
    name: z.string().meta({ example: 'VERSION' }),
    required: z.boolean(),
    description: z.string(),
    default_value: z.string().meta({ example: '1.0.0' }),
    options: z.array(z.string()),
    regex_pattern: z.string().meta({
      description: 'In the syntax of RE2. May match anywhere in a value.',
      example: '^\\d+\\.\\d+\\.\\d+$',
    }),
    validate_input_format: z.boolean().meta({ description: 'Whether values have to match the pattern.' }),
  })
  .meta({ id: 'Parameter', description: 'What a task is given when it runs.' });

const Scheduler = z
  .object(schedule)
  .meta({ id: 'Scheduler', description: 'The older form of a task that runs by itself. Kept, not run.' });

const Task = z
  .object({
    id: schedule.id,
    name: schedule.name,
    description: z.string(),
    scheduled: z.boolean().meta({ description: 'Whether it runs by itself, at the times of `at`.' }),
    branch: schedule.branch,
    at: schedule.at,
    pipeline_file: schedule.pipeline_file,
    status: schedule.status,
    parameters: z.array(Parameter),
  })
  .meta({ id: 'Task', description: 'Kept, not run.' });

const LEVEL = 'Whether the file stands for each of its blocks or for the whole pipeline.';
const WHITELIST = 'Exact names, or `/regular expressions/` of RE2 that may match anywhere. Empty: all.';

/** A project as it is answered: every key is always there. */
export const ProjectDocument = z
  .object({
    apiVersion: z.literal('v1alpha'),
    kind: z.literal('Project'),
    metadata: z.object({
      name: z.string().meta({ example: 'web-shop' }),
      id: z.string().meta({ example: ID }),
      org_id: z.string(),
      owner_id: z.string().meta({ description: 'Who created it. Empty when that person is gone.' }),
      description: z.string(),
    }),
    spec: z.object({
      visibility: z.enum(VISIBILITIES),
      repository: z.object({
        url: z.string().meta({ example: 'git@bitbucket.org:acme/web-shop.git' }),
        owner: z.string().meta({ description: 'The workspace.', example: 'acme' }),
        name: z.string().meta({ example: 'web-shop' }),
        run_on: z.array(z.enum(RUN_ON)).meta({
          description:
            'Which pushes start workflows. What is about pull requests is kept and starts nothing.',
          example: ['tags', 'branches'],
        }),
        forked_pull_requests: z.object({
          allowed_secrets: z.array(z.string()),
          allowed_contributors: z.array(z.string()),
        }),
        pipeline_file: z.string().meta({ example: '.semaphore/semaphore.yml' }),
        status: z.object({
          pipeline_files: z.array(
            z.object({
              path: z.string().meta({ example: '.semaphore/semaphore.yml' }),
              level: z.enum(PIPELINE_LEVELS).meta({ description: LEVEL }),
            }),
          ),
        }),
        whitelist: z.object({
          branches: z.array(z.string()).meta({ description: WHITELIST, example: ['main', '/^release-/'] }),
          tags: z.array(z.string()).meta({ description: WHITELIST }),
        }),
        integration_type: z.literal('bitbucket'),
      }),
      schedulers: z.array(Scheduler),
      tasks: z.array(Task),
      custom_permissions: z.boolean(),
      debug_permissions: z.array(z.enum(DEBUG_PERMISSIONS)),
      attach_permissions: z.array(z.enum(ATTACH_PERMISSIONS)),
    }),
  })
  .meta({ id: 'Project', description: 'A project. Every key is always there.' });
export type ProjectDocument = z.infer<typeof ProjectDocument>;

/** One of these words, in letters of any case. */
function word(words: readonly string[], description?: string) {
  const said = `${words.map((each) => `\`${each}\``).join(', ')}, in any case.`;
  return z.string().meta({ description: description ? `${description} ${said}` : said, example: words[0] });
}
const words = (each: readonly string[], description?: string) =>
  z.array(word(each, description)).max(MOST).optional();
const texts = (description: string) => z.array(z.string()).max(MOST).optional().meta({ description });
const ignored = z
  .unknown()
  .optional()
  .meta({ description: 'Read-only: accepted, so that what was answered can be sent back, and ignored.' });

const scheduleBody = {
  id: z.string().optional().meta({
    description:
      'Of the entry that is meant. Without it, and when a project is created, there is a new entry.',
  }),
  name: z.string().optional().meta({ description: 'Needed, and no other entry of the list has it.' }),
  branch: schedule.branch.optional(),
  reference: z
    .strictObject({
      type: word(['branch', 'tag']).optional(),
      name: z.string().optional(),
    })
    .optional()
    .meta({ description: 'Another way to say `branch`. Not returned.' }),
  reference_type: word(['branch', 'tag'], 'As in `reference`.').optional(),
  reference_name: z.string().optional(),
  at: schedule.at.optional(),
  pipeline_file: z.string().optional().meta({ description: 'Needed.', example: '.semaphore/nightly.yml' }),
  status: word(SCHEDULE_STATES, 'Without it, it stays; a new entry is active.').optional(),
};

const ParameterBody = z
  .strictObject({
    name: z.string().optional().meta({ description: 'Needed, and no other of the task has it.' }),
    required: z.boolean().optional().meta({ description: 'Default: false.' }),
    description: z.string().optional(),
    default_value: z.string().optional(),
    options: texts('The values to choose from.'),
    regex_pattern: z.string().optional().meta({
      description: 'In the syntax of RE2, at most 512 bytes. Without the key, what is stored stays.',
    }),
    validate_input_format: z.boolean().optional().meta({
      description:
        'If so, there is a pattern, and the default value matches it. Without the key, what is stored stays.',
    }),
  })
  .meta({ id: 'ParameterBody' });

const SchedulerBody = z.strictObject(scheduleBody).meta({ id: 'SchedulerBody' });
const TaskBody = z
  .strictObject({
    ...scheduleBody,
    description: z.string().optional(),
    scheduled: z.boolean().optional().meta({
      description: 'Whether it runs by itself; then `at` has to be a cron expression. Default: true.',
    }),
    parameters: z.array(ParameterBody).max(MOST).optional(),
  })
  .meta({ id: 'TaskBody' });
export type SchedulerBody = z.infer<typeof SchedulerBody>;
export type TaskBody = z.infer<typeof TaskBody>;
export type ParameterBody = z.infer<typeof ParameterBody>;

/** What may be sent. A key whose value is null counts as absent; `readProject` knows the rules beyond the shape. */
export const ProjectBody = z
  .strictObject({
    apiVersion: z.string().optional().meta({ description: 'Ignored.', example: 'v1alpha' }),
    kind: z.string().optional().meta({ description: 'Ignored.', example: 'Project' }),
    metadata: z
      .strictObject({
        name: z.string().optional().meta({ description: 'Needed.', example: 'web-shop' }),
        id: z
          .string()
          .optional()
          .meta({ description: 'If given, the one in the address. Ignored for a new project.' }),
        org_id: ignored,
        owner_id: ignored,
        description: z.string().optional(),
      })
      .optional(),
    spec: z
      .strictObject({
        visibility: word(VISIBILITIES, 'Default: private.').optional(),
        repository: z
          .strictObject({
            url: z.string().optional().meta({
              description: 'Any usual form. Needed for a new project; without it, the repository stays.',
              example: 'git@bitbucket.org:acme/web-shop.git',
            }),
            owner: ignored,
            name: ignored,
            run_on: words(RUN_ON, 'None: nothing starts workflows.'),
            forked_pull_requests: z
              .strictObject({
                allowed_secrets: texts('Names without commas.'),
                allowed_contributors: texts('Names without commas.'),
              })
              .optional(),
            pipeline_file: z.string().optional().meta({
              description: 'Without it, it stays; of a new project it is `.semaphore/semaphore.yml`.',
              example: '.semaphore/semaphore.yml',
            }),
            status: z
              .strictObject({
                pipeline_files: z
                  .array(
                    z.strictObject({
                      path: z.string().optional().meta({ description: 'Needed.' }),
                      level: word(PIPELINE_LEVELS, `${LEVEL} Default: pipeline.`).optional(),
                    }),
                  )
                  .max(MOST)
                  .optional()
                  .meta({ description: 'None: the pipeline file, for the whole pipeline.' }),
              })
              .optional(),
            whitelist: z.strictObject({ branches: texts(WHITELIST), tags: texts(WHITELIST) }).optional(),
            integration_type: z.string().optional().meta({
              description: 'Of a new project. `github_token` and `github_app` are taken for `bitbucket`.',
              example: 'bitbucket',
            }),
          })
          .optional(),
        schedulers: z.array(SchedulerBody).max(MOST).optional(),
        tasks: z.array(TaskBody).max(MOST).optional(),
        custom_permissions: z.boolean().optional().meta({
          description: 'Default: false; then both lists of permissions are empty.',
        }),
        debug_permissions: words(DEBUG_PERMISSIONS),
        attach_permissions: words(ATTACH_PERMISSIONS),
      })
      .optional(),
    skip_onboarding: z.unknown().optional().meta({ description: 'Accepted and ignored.' }),
  })
  .meta({
    id: 'ProjectBody',
    description: 'What is absent is reset, unless its description says that it stays.',
  });
export type ProjectBody = z.infer<typeof ProjectBody>;
