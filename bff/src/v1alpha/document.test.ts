import { describe, expect, test } from 'vitest';
import { createdFrom, replacedBy, shownAs } from '../../test/stored-project.ts';
import type { ProjectRow } from '../db/schema.ts';
import { readProject } from './read-document.ts';
import { settingsForNew } from './settings-of.ts';

type Json = Record<string, unknown>;

const project = (spec: Json = {}, metadata: Json = {}) => ({
  metadata: { name: 'harbour', ...metadata },
  spec,
});
const repository = (fields: Json) => project({ repository: fields });
const task = (fields: Json = {}) => ({
  name: 'nightly',
  at: '5 4 * * *',
  pipeline_file: 'ci.yml',
  ...fields,
});
const onDemand = (parameters: Json[]) => project({ tasks: [task({ scheduled: false, at: '', parameters })] });

/** What the API says of it; empty: it is taken. */
function said(json: unknown, row?: ProjectRow): string {
  const read = readProject(json);
  if (!read.ok) return read.message;
  const outcome = row ? replacedBy(row, json) : settingsForNew(read.value, () => 'new');
  return outcome.ok ? '' : outcome.message;
}

describe('refused, with the path or the words that people know:', () => {
  const shapes: [unknown, string][] = [
    [null, 'Send a project as a JSON object.'],
    ['harbour', 'Send a project as a JSON object.'],
    [[], 'Send a project as a JSON object.'],
    [{}, "metadata.name can't be blank"],
    [project({}, { name: null }), "metadata.name can't be blank"],
    [project({}, { name: ' ' }), "metadata.name can't be blank"],
    [project({}, { name: 123 }), 'metadata.name: must be a string'],
    [{ ...project(), status: {} }, 'status: unknown field'],
    [repository({ foo: 1 }), 'spec.repository.foo: unknown field'],
    [project({ tasks: [task(), task({ 'a\nb': 1 })] }), "spec.tasks[1].'ab': unknown field"],
    [JSON.parse('{"__proto__": {}}'), '__proto__: unknown field'],
    [repository({ run_on: 'branches' }), 'spec.repository.run_on: must be a list'],
    [repository({ run_on: [null] }), 'spec.repository.run_on[0]: must be a string'],
    [project({ tasks: [null] }), 'spec.tasks[0]: must be an object'],
    [project({ custom_permissions: 'yes' }), 'spec.custom_permissions: must be true or false'],
    [project({ tasks: Array.from({ length: 101 }, () => task()) }), 'spec.tasks: list at most 100'],
  ];
  const fields: [unknown, string][] = [
    [project({}, { description: 'a\u0000' }), 'metadata.description: use visible characters'],
    [project({}, { description: 'x'.repeat(501) }), 'metadata.description: use at most 500 characters'],
    [project({ visibility: 'secret' }), "spec.visibility: unknown value 'secret', use private, public"],
    [
      repository({ run_on: ['TAGS', 'pushes'] }),
      "spec.repository.run_on[1]: unknown value 'pushes', use tags, branches, pull_requests, forked_pull_requests, draft_pull_requests",
    ],
    [
      repository({ pipeline_file: '/ci.yml' }),
      'spec.repository.pipeline_file: Leave out the “/” at the beginning: the path starts in the repository.',
    ],
    [
      repository({ status: { pipeline_files: [{ level: 'block' }] } }),
      'spec.repository.status.pipeline_files[0].path: Enter the path of a file.',
    ],
    [
      repository({ status: { pipeline_files: [{ path: 'a', level: 'step' }] } }),
      "spec.repository.status.pipeline_files[0].level: unknown value 'step', use block, pipeline",
    ],
    [
      repository({ forked_pull_requests: { allowed_secrets: ['a', 'b,c'] } }),
      "spec.repository.forked_pull_requests.allowed_secrets[1]: a name has no comma, list 'b,c' as several",
    ],
    [
      repository({ forked_pull_requests: { allowed_contributors: [''] } }),
      'spec.repository.forked_pull_requests.allowed_contributors[0]: Enter a name.',
    ],
    [
      repository({ integration_type: 'gitlab' }),
      "spec.repository.integration_type: 'gitlab' is not possible here, use bitbucket",
    ],
    [
      project({ debug_permissions: ['everyone'] }),
      "spec.debug_permissions[0]: unknown value 'everyone', use empty, default_branch, non_default_branch, pull_request, forked_pull_request, tag",
    ],
    [
      project({ attach_permissions: ['empty'] }),
      "spec.attach_permissions[0]: unknown value 'empty', use default_branch, non_default_branch, pull_request, forked_pull_request, tag",
    ],
  ];
  const tasks: [unknown, string][] = [
    [
      project({ tasks: [task(), task({ name: '' })] }),
      "Periodic at index 1: 'name' must be a non-empty string.",
    ],
    [
      project({ tasks: [task({ pipeline_file: undefined })] }),
      "Periodic at index 0: 'pipeline_file' must be a non-empty string.",
    ],
    [
      project({ schedulers: [task({ pipeline_file: ' ' })] }),
      "Periodic at index 0: 'pipeline_file' must be a non-empty string.",
    ],
    [
      project({ tasks: [task({ pipeline_file: '../ci.yml' })] }),
      'spec.tasks[0].pipeline_file: Leave out “.” and “..”: the path starts in the repository.',
    ],
    [
      project({ tasks: [task(), task()] }),
      "Periodic with name 'nightly' already exists for project 'harbour'.",
    ],
    [
      project({ tasks: [task({ at: '61 4 * * *' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': Constraint error, got value 61 expected range 0-59",
    ],
    [
      project({ tasks: [task({ at: '' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': it takes five fields: minute, hour, day of month, month, day of week",
    ],
    [
      project({ schedulers: [task({ at: '0 5 4 * * *' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': it takes five fields: minute, hour, day of month, month, day of week",
    ],
    [
      project({ schedulers: [task({ at: 'H 4 * * *' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': H stands for no time",
    ],
    [
      project({ tasks: [task({ at: '0 1H * * *' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': H stands for no time",
    ],
    [
      project({ tasks: [task({ at: '0 0 1-H * *' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': H stands for no time",
    ],
    [
      project({ tasks: [task({ at: '0 0 */H * THU' })] }),
      "Invalid cron expression in 'at' field for periodic 'nightly': H stands for no time",
    ],
    [
      project({ tasks: [task({ status: 'PAUSED' })] }),
      "spec.tasks[0].status: unknown value 'PAUSED', use ACTIVE, INACTIVE",
    ],
    [
      project({ tasks: [task({ branch: 'main', reference: { type: 'branch', name: 'next' } })] }),
      "spec.tasks[0]: the branch 'main' and the reference 'next' disagree, give one of them",
    ],
    [
      project({ tasks: [task({ branch: 'v1', reference_type: 'tag', reference_name: 'v1' })] }),
      "spec.tasks[0]: the branch 'v1' and the reference 'refs/tags/v1' disagree, give one of them",
    ],
    [
      project({ tasks: [task({ reference: { type: 'pull_request', name: '1' } })] }),
      "spec.tasks[0].reference.type: unknown value 'pull_request', use branch, tag",
    ],
    [project({ schedulers: [task({ scheduled: true })] }), 'spec.schedulers[0].scheduled: unknown field'],
  ];
  const parameters: [unknown, string][] = [
    [onDemand([{ required: false }]), "spec.tasks[0].parameters[0].name: can't be blank"],
    [onDemand([{ name: 'P' }, { name: 'P' }]), "spec.tasks[0].parameters: there are two parameters 'P'"],
    [
      onDemand([{ name: 'P', validate_input_format: true }]),
      "Parameter 'P' regex_pattern can't be blank when validate_input_format is true.",
    ],
    [
      onDemand([{ name: 'P', validate_input_format: true, regex_pattern: '^\\d+$', default_value: 'one' }]),
      'spec.tasks[0].parameters[0].default_value: does not match regex_pattern',
    ],
    [
      onDemand([{ name: 'P', regex_pattern: '(' }]),
      'spec.tasks[0].parameters[0].regex_pattern: not a regular expression that can be used here: missing closing ): `(`',
    ],
    [
      onDemand([{ name: 'P', regex_pattern: 'ü'.repeat(257) }]),
      'spec.tasks[0].parameters[0].regex_pattern: use at most 512 bytes',
    ],
    [
      onDemand([{ name: 'P', default_value: 'a\u001bb' }]),
      'spec.tasks[0].parameters[0].default_value: use visible characters',
    ],
    [
      onDemand([{ name: 'P', options: ['a', '\ud800'] }]),
      'spec.tasks[0].parameters[0].options[1]: use visible characters',
    ],
    [
      onDemand([{ name: 'P', default_value: 'x'.repeat(1_001) }]),
      'spec.tasks[0].parameters[0].default_value: use at most 1000 characters',
    ],
  ];

  test.each([...shapes, ...fields, ...tasks, ...parameters])('%j', (json, message) => {
    expect(said(json)).toBe(message);
  });

  test('a name, with the sentence of the page', () => {
    expect(said(project({}, { name: 'har bour' }))).toMatch(
      /^Project name can have only alphanumeric characters, underscore and dash\. Use letters, digits/,
    );
    expect(said(project({}, { name: 'x'.repeat(81) }))).toMatch(/dash\. Use at most 80 characters\.$/);
  });

  test('an entry of the whitelist, by its list and itself', () => {
    expect(said(repository({ whitelist: { tags: ['v1', '/(/'] } }))).toMatch(
      /^spec\.repository\.whitelist\.tags: “\/\(\/”: /,
    );
    expect(said(repository({ whitelist: { branches: [''] } }))).toMatch(/^spec\.repository\.whitelist\./);
  });

  test('an expression, without what it holds that would turn or break the line', () => {
    expect(said(onDemand([{ name: 'P', regex_pattern: '(a\u202e\u2028' }]))).toMatch(/: `\(a`$/);
  });

  test('an expression that is costly, and many that are together', () => {
    expect(said(onDemand([{ name: 'P', regex_pattern: '\\pL{1000}'.repeat(50) }]))).toMatch(
      /^spec\.tasks\[0\]\.parameters\[0\]\.regex_pattern: too large/,
    );
    const many = (count: number, pattern: (index: number) => string) =>
      onDemand(
        Array.from({ length: count }, (_, index) => ({
          name: `P${index}`,
          default_value: '1',
          regex_pattern: pattern(index),
          validate_input_format: true,
        })),
      );
    expect(said(many(100, (index) => `^\\d{${800 + index}}|1$`))).toMatch(
      /^spec\.tasks\[0\]\.parameters\[11\]\.regex_pattern: too large/,
    );
    expect(said(many(100, (index) => `^\\d{${index}}|1$`))).toMatch(/regex_pattern: too large/);
    expect(said(many(100, () => '^[a-z0-9-]{1,63}$'))).toBe('');
  });
});

describe('taken:', () => {
  const reading = (json: unknown) => {
    const read = readProject(json);
    if (!read.ok) throw new Error(read.message);
    return read.value;
  };

  test('a name alone, and everything else has its default', () => {
    expect(reading(project())).toEqual({
      name: 'harbour',
      description: '',
      visibility: 'private',
      url: null,
      pipelineFile: null,
      integrationType: null,
      runOn: [],
      whitelist: { branches: [], tags: [] },
      kept: {
        forkedPullRequests: { allowedSecrets: [], allowedContributors: [] },
        pipelineFiles: [],
        customPermissions: false,
        debugPermissions: [],
        attachPermissions: [],
      },
      schedulers: [],
      tasks: [],
    });
  });

  test('what only an answer has, and what older clients of the API send', () => {
    const json = {
      apiVersion: 'v9',
      kind: 'Anything',
      metadata: { name: 'harbour', id: 'x', org_id: 1, owner_id: {} },
      spec: {
        repository: { owner: 'tidal', name: 'harbour', url: ' ', pipeline_file: '', integration_type: '' },
      },
      skip_onboarding: 'false',
    };
    expect(reading(json)).toEqual(reading(project()));
  });

  test('words in any case, and the lists of words in their own order', () => {
    const draft = reading(
      project({
        visibility: 'PUBLIC',
        repository: { run_on: ['Draft_Pull_Requests', 'branches', 'TAGS', 'tags'] },
        custom_permissions: true,
        debug_permissions: ['tag', 'EMPTY'],
      }),
    );
    expect(draft).toMatchObject({
      visibility: 'public',
      runOn: ['tags', 'branches', 'draft_pull_requests'],
      kept: { debugPermissions: ['empty', 'tag'] },
    });
  });

  test('permissions only with permissions of its own', () => {
    const { kept } = reading(project({ debug_permissions: ['tag'], attach_permissions: ['tag'] }));
    expect(kept).toMatchObject({ debugPermissions: [], attachPermissions: [] });
  });

  test.each([
    [{}, ''],
    [{ branch: 'refs/heads/main' }, 'refs/heads/main'],
    [{ branch: 'refs/tags/v1' }, 'refs/tags/v1'],
    [{ reference: { type: 'branch', name: 'main' } }, 'main'],
    [{ reference: { name: 'main' } }, 'main'],
    [{ reference: { type: 'Tag', name: 'v1' } }, 'refs/tags/v1'],
    [{ reference: { type: 'tag', name: 'refs/tags/v1' } }, 'refs/tags/v1'],
    [{ reference_type: 'tag', reference_name: 'v1' }, 'refs/tags/v1'],
    [{ branch: 'refs/heads/main', reference: { type: 'branch', name: 'main' } }, 'refs/heads/main'],
    [{ branch: '', reference: { type: 'tag', name: '' } }, ''],
  ])('%j as the branch %j', (fields, branch) => {
    expect(reading(project({ tasks: [task(fields)] })).tasks[0]?.branch).toBe(branch);
  });

  test('one name for a task and a scheduler', () => {
    expect(said(project({ tasks: [task()], schedulers: [task()] }))).toBe('');
  });

  test('nonsense for when a task runs that does not run by itself', () => {
    expect(said(project({ tasks: [task({ scheduled: false, at: 'whenever' })] }))).toBe('');
  });
});

describe('of a stored project,', () => {
  const row = createdFrom(
    project({
      schedulers: [task({ name: 'old', status: 'INACTIVE' })],
      tasks: [
        task({
          status: 'inactive',
          parameters: [
            { name: 'P', default_value: '1', regex_pattern: '^\\d$', validate_input_format: true },
          ],
        }),
      ],
    }),
  );
  const [scheduler, stored] = [row.kept.schedulers?.[0], row.kept.tasks?.[0]];
  const replaced = (json: unknown) => {
    const outcome = replacedBy(row, json);
    if (!outcome.ok) throw new Error(outcome.message);
    return shownAs(outcome.row).spec;
  };
  const withParameter = (fields: Json) =>
    project({ tasks: [task({ id: stored?.id, parameters: [{ name: 'P', ...fields }] })] });

  test('what is not named goes, and what has no id is new', () => {
    expect(replaced(project())).toMatchObject({ tasks: [], schedulers: [] });
    const [made] = replaced(project({ tasks: [task()] })).tasks;
    expect(made).toMatchObject({ status: 'ACTIVE', parameters: [] });
    expect(made?.id).not.toBe(stored?.id);
  });

  test('what is named keeps what was not said, and takes what was', () => {
    const [kept] = replaced(withParameter({ default_value: '2' })).tasks;
    expect(kept).toMatchObject({ id: stored?.id, status: 'INACTIVE' });
    expect(kept?.parameters[0]).toMatchObject({ regex_pattern: '^\\d$', validate_input_format: true });
    const [cleared] = replaced(withParameter({ regex_pattern: '', validate_input_format: false })).tasks;
    expect(cleared?.parameters[0]).toMatchObject({ regex_pattern: '', validate_input_format: false });
  });

  test('a new default has to match the pattern that stays', () => {
    expect(said(withParameter({ default_value: 'two' }), row)).toBe(
      'spec.tasks[0].parameters[0].default_value: does not match regex_pattern',
    );
    expect(said(withParameter({ regex_pattern: '' }), row)).toBe(
      "Parameter 'P' regex_pattern can't be blank when validate_input_format is true.",
    );
  });

  test('a parameter with another name is another', () => {
    const json = project({ tasks: [task({ id: stored?.id, parameters: [{ name: 'Q' }] })] });
    expect(replaced(json).tasks[0]?.parameters[0]).toMatchObject({ name: 'Q', regex_pattern: '' });
  });

  test('a scheduler can become a task', () => {
    const json = project({ tasks: [task({ id: scheduler?.id })] });
    expect(replaced(json)).toMatchObject({
      schedulers: [],
      tasks: [{ id: scheduler?.id, status: 'INACTIVE' }],
    });
  });

  test('an id that is not there, or there twice, is refused', () => {
    const id = '00000000-0000-4000-8000-00000000beef';
    expect(said(project({ tasks: [task({ id })] }), row)).toBe(
      `Periodic task with ID '${id}' not found in project`,
    );
    const twice = [task({ id: stored?.id }), task({ id: stored?.id, name: 'other' })];
    expect(said(project({ tasks: twice }), row)).toBe(`Periodic task with ID '${stored?.id}' is there twice`);
  });

  test('the ids of another project mean nothing to a new one', () => {
    const json = project({ tasks: [task({ id: stored?.id })] });
    expect(createdFrom(json).kept.tasks?.[0]?.id).not.toBe(stored?.id);
  });

  test('the list of pipeline files is what was sent, or the pipeline file', () => {
    expect(shownAs(row).spec.repository.status).toEqual({
      pipeline_files: [{ path: '.semaphore/semaphore.yml', level: 'pipeline' }],
    });
    const json = repository({ pipeline_file: 'a.yml', status: { pipeline_files: [{ path: 'b.yml' }] } });
    expect(replaced(json).repository).toMatchObject({
      pipeline_file: 'a.yml',
      status: { pipeline_files: [{ path: 'b.yml', level: 'pipeline' }] },
    });
    expect(replaced(repository({ pipeline_file: 'a.yml' })).repository.status).toEqual({
      pipeline_files: [{ path: 'a.yml', level: 'pipeline' }],
    });
  });

  test('one that never came through the API is shown in full', () => {
    const { metadata, spec } = shownAs({ ...row, kept: {}, createdBy: null });
    expect(metadata.owner_id).toBe('');
    expect(spec).toMatchObject({ tasks: [], schedulers: [], custom_permissions: false });
    expect(Object.keys(spec.repository)).toEqual([
      'url',
      'owner',
      'name',
      'run_on',
      'forked_pull_requests',
      'pipeline_file',
      'status',
      'whitelist',
      'integration_type',
    ]);
  });
});
