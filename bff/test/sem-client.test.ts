import { describe, expect, test } from 'vitest';
import { type SemProject, sendFromSem, showInSem } from './sem-client.ts';

/** A file that says everything, and what the client sent for it. */
const file: SemProject = {
  metadata: { name: 'goDemo', description: 'from file' },
  spec: {
    visibility: 'public',
    repository: {
      url: 'git@github.com:renderedtext/goDemo.git',
      run_on: ['branches', 'tags'],
      forked_pull_requests: { allowed_secrets: ['dockerhub'] },
      pipeline_file: '.semaphore/semaphore.yml',
      status: { pipeline_files: [{ path: '.semaphore/semaphore.yml', level: 'pipeline' }] },
      whitelist: { branches: ['main', '/feature-.*/'] },
      integration_type: 'github_app',
    },
    tasks: [
      {
        name: 'nightly',
        scheduled: true,
        branch: 'master',
        at: '5 4 * * *',
        pipeline_file: '.semaphore/cron.yml',
        status: 'ACTIVE',
      },
      {
        name: 'canary',
        description: 'on demand',
        scheduled: false,
        reference: { type: 'tag', name: 'v1.0' },
        pipeline_file: '.semaphore/canary.yml',
        parameters: [
          { name: 'CANARY_VERSION', required: true, default_value: '1.0.0', options: ['1.0.0', '2.0.0'] },
        ],
      },
    ],
    custom_permissions: true,
    debug_permissions: ['empty', 'default_branch'],
    attach_permissions: ['default_branch'],
  },
};

describe('the client of the tests sends the bytes that were recorded', () => {
  test('for what `init` makes', () => {
    const { metadata, spec } = file;
    expect(
      sendFromSem({
        metadata: { ...metadata, name: 'hello-world', description: '' },
        spec: {
          repository: {
            url: 'git@github.com:acme/hello-world.git',
            run_on: spec.repository.run_on ?? [],
            integration_type: 'github_token',
          },
        },
      }),
    ).toBe(
      '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"hello-world"},"spec":{"repository":{"url":"git@github.com:acme/hello-world.git","run_on":["branches","tags"],"forked_pull_requests":{},"pipeline_file":"","whitelist":{},"integration_type":"github_token"}}}',
    );
  });

  test('for a file that says everything', () => {
    expect(sendFromSem(file)).toBe(
      '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","description":"from file"},"spec":{"visibility":"public","repository":{"url":"git@github.com:renderedtext/goDemo.git","run_on":["branches","tags"],"forked_pull_requests":{"allowed_secrets":["dockerhub"]},"pipeline_file":".semaphore/semaphore.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":["main","/feature-.*/"]},"integration_type":"github_app"},"tasks":[{"name":"nightly","scheduled":true,"branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml","status":"ACTIVE"},{"name":"canary","description":"on demand","scheduled":false,"branch":"refs/tags/v1.0","pipeline_file":".semaphore/canary.yml","parameters":[{"name":"CANARY_VERSION","required":true,"default_value":"1.0.0","options":["1.0.0","2.0.0"]}]}],"custom_permissions":true,"debug_permissions":["empty","default_branch"],"attach_permissions":["default_branch"]}}',
    );
  });

  test('for an edit', () => {
    const [nightly, canary] = file.spec.tasks ?? [];
    if (!nightly || !canary) throw new Error('The file has two tasks');
    const answer: SemProject = {
      metadata: { ...file.metadata, id: '94af6250-c676-4122-9d9d-f5de60546d53' },
      spec: {
        ...file.spec,
        tasks: [
          { ...nightly, description: '', id: 'cafabbdb-9f34-4c5c-b6aa-15d586386bb9', parameters: [] },
          {
            name: 'canary',
            description: 'on demand',
            scheduled: false,
            id: '2adb5254-9311-49ff-a817-8b8fee6cb3e3',
            branch: 'refs/tags/v1.0',
            at: '',
            pipeline_file: '.semaphore/canary.yml',
            status: 'ACTIVE',
            parameters: canary.parameters ?? [],
          },
        ],
      },
    };
    const shown = showInSem(answer);
    expect(shown.spec.tasks?.map(({ branch, reference }) => ({ branch, reference }))).toEqual([
      { branch: undefined, reference: { type: 'branch', name: 'master' } },
      { branch: undefined, reference: { type: 'tag', name: 'v1.0' } },
    ]);
    shown.spec.repository.pipeline_file = '.semaphore/other.yml';
    shown.spec.repository.integration_type = 'github_token';
    expect(sendFromSem(shown)).toBe(
      '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","id":"94af6250-c676-4122-9d9d-f5de60546d53","description":"from file"},"spec":{"visibility":"public","repository":{"url":"git@github.com:renderedtext/goDemo.git","run_on":["branches","tags"],"forked_pull_requests":{"allowed_secrets":["dockerhub"]},"pipeline_file":".semaphore/other.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":["main","/feature-.*/"]},"integration_type":"github_token"},"tasks":[{"name":"nightly","scheduled":true,"id":"cafabbdb-9f34-4c5c-b6aa-15d586386bb9","branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml","status":"ACTIVE"},{"name":"canary","description":"on demand","scheduled":false,"id":"2adb5254-9311-49ff-a817-8b8fee6cb3e3","branch":"refs/tags/v1.0","pipeline_file":".semaphore/canary.yml","status":"ACTIVE","parameters":[{"name":"CANARY_VERSION","required":true,"default_value":"1.0.0","options":["1.0.0","2.0.0"]}]}],"custom_permissions":true,"debug_permissions":["empty","default_branch"],"attach_permissions":["default_branch"]}}',
    );
  });

  test('for empty lists, and schedulers', () => {
    const answer: SemProject = {
      metadata: { name: 'sch', id: '564f055e-ed95-4dea-bb88-83718f64032b', description: '' },
      spec: {
        visibility: 'private',
        repository: {
          url: 'git@github.com:a/sch.git',
          run_on: [],
          forked_pull_requests: { allowed_secrets: [], allowed_contributors: [] },
          pipeline_file: '.semaphore/semaphore.yml',
          status: { pipeline_files: [{ path: '.semaphore/semaphore.yml', level: 'pipeline' }] },
          whitelist: { branches: [], tags: [] },
        },
        schedulers: [
          { name: 's1', branch: 'master', at: '5 4 * * *', pipeline_file: '.semaphore/cron.yml' },
          {
            name: 's2',
            branch: 'refs/tags/v2',
            at: '5 3 * * *',
            pipeline_file: '.semaphore/x.yml',
            status: 'INACTIVE',
          },
        ],
        tasks: [],
        custom_permissions: false,
        debug_permissions: [],
        attach_permissions: [],
      },
    };
    expect(sendFromSem(showInSem(answer))).toBe(
      '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"sch","id":"564f055e-ed95-4dea-bb88-83718f64032b"},"spec":{"visibility":"private","repository":{"url":"git@github.com:a/sch.git","forked_pull_requests":{},"pipeline_file":".semaphore/semaphore.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{},"integration_type":""},"schedulers":[{"name":"s1","branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml"},{"name":"s2","branch":"refs/tags/v2","at":"5 3 * * *","pipeline_file":".semaphore/x.yml","status":"INACTIVE"}],"custom_permissions":false}}',
    );
  });

  test('for branch and reference at once, and without what it does not know', () => {
    const tasks = [
      {
        name: 'a',
        scheduled: true,
        branch: 'main',
        reference: { type: 'branch', name: 'main' },
        at: null,
        pipeline_file: 'x',
        paused: false,
      },
      {
        name: 'b',
        branch: 'refs/heads/x',
        pipeline_file: 'y',
        parameters: [{ name: 'P', required: false, regex_pattern: '^a$', validate_input_format: true }],
      },
    ];
    const answer = { metadata: {}, spec: { repository: {}, tasks } } as unknown as SemProject;
    const { spec } = JSON.parse(sendFromSem(showInSem(answer)));
    expect(JSON.stringify(spec.tasks)).toBe(
      '[{"name":"a","scheduled":true,"branch":"main","reference":{"type":"branch","name":"main"},"pipeline_file":"x"},{"name":"b","scheduled":false,"branch":"refs/heads/x","pipeline_file":"y","parameters":[{"name":"P","required":false}]}]',
    );
  });

  test('for the smallest file that is applied', () => {
    expect(
      sendFromSem({
        metadata: { name: 'goDemo', id: '94af6250-c676-4122-9d9d-f5de60546d53' },
        spec: { repository: { url: 'git@github.com:renderedtext/goDemo.git' } },
      }),
    ).toBe(
      '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","id":"94af6250-c676-4122-9d9d-f5de60546d53"},"spec":{"repository":{"url":"git@github.com:renderedtext/goDemo.git","forked_pull_requests":{},"pipeline_file":"","whitelist":{},"integration_type":""}}}',
    );
  });
});
