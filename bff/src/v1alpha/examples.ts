/** Examples in the description of this API: one project, as it is answered, as it may be sent, and how it is. */
import type { ProjectBody, ProjectDocument } from './document.ts';
import type { RepositoryDocument } from './repository-document.ts';

const ID = '2f6ad4b0-6f4e-4d3c-9a53-0b8f0c1f7f10';
const URL = 'git@bitbucket.org:acme/web-shop.git';

export const PROJECT_EXAMPLE: ProjectDocument = {
  apiVersion: 'v1alpha',
  kind: 'Project',
  metadata: {
    name: 'web-shop',
    id: ID,
    org_id: 'c4f2d0a8-52a5-4b4c-8d84-2c4a8f8c6b21',
    owner_id: '8d0f6a9e-6b43-4a3d-b8b6-0f3f0e7a5c12',
    description: 'The shop',
  },
  spec: {
    visibility: 'private',
    repository: {
      url: URL,
      owner: 'acme',
      name: 'web-shop',
      run_on: ['tags', 'branches'],
      forked_pull_requests: { allowed_secrets: [], allowed_contributors: [] },
      pipeline_file: '.semaphore/semaphore.yml',
      status: { pipeline_files: [{ path: '.semaphore/semaphore.yml', level: 'pipeline' }] },
      whitelist: { branches: ['main', '/^release-/'], tags: [] },
      integration_type: 'bitbucket',
    },
    schedulers: [],
    tasks: [],
    custom_permissions: false,
    debug_permissions: [],
    attach_permissions: [],
  },
};

export const PROJECT_FILE: ProjectBody = {
  apiVersion: 'v1alpha',
  kind: 'Project',
  metadata: { name: 'web-shop', description: 'The shop' },
  spec: {
    repository: {
      url: URL,
      run_on: ['tags', 'branches'],
      whitelist: { branches: ['main', '/^release-/'] },
    },
  },
};

export const REPOSITORY_EXAMPLE: RepositoryDocument = {
  project: { id: ID, name: 'web-shop', state: 'ready' },
  repository: {
    url: URL,
    full_name: 'acme/web-shop',
    web_url: 'https://bitbucket.org/acme/web-shop',
    moved_to: null,
  },
  token_owner: { id: '8d0f6a9e-6b43-4a3d-b8b6-0f3f0e7a5c12', name: 'Ada Castle', you: true },
  pipeline_file: '.semaphore/semaphore.yml',
  findings: [
    {
      subject: 'token-owner',
      state: 'healthy',
      cause: null,
      message: null,
      facts: { permission: 'admin' },
      checked_at: '2026-05-04T09:30:02.114Z',
      previous: null,
      busy: false,
      because_of: null,
    },
    {
      subject: 'deploy-key',
      state: 'broken',
      cause: 'key-removed',
      message: 'The deploy key was removed at Bitbucket.',
      facts: {
        title: 'Semaphore · acme/web-shop',
        fingerprint: 'SHA256:ku3ZkTnRFVJ5x0HoVQfcbk8vAUuM2kq0sYb1mBsSVPs',
        ssh_words: 'git@bitbucket.org: Permission denied (publickey).',
        ssh_reads: false,
      },
      checked_at: '2026-05-04T09:30:02.981Z',
      previous: null,
      busy: false,
      because_of: null,
    },
    {
      subject: 'webhook',
      state: 'healthy',
      cause: null,
      message: null,
      facts: { last_delivery_at: '2026-05-04T09:12:40.000Z' },
      checked_at: '2026-05-04T09:30:02.502Z',
      previous: null,
      busy: false,
      because_of: null,
    },
    {
      subject: 'pipeline-file',
      state: 'healthy',
      cause: null,
      message: null,
      facts: { path: '.semaphore/semaphore.yml', branch: 'main', size: 412 },
      checked_at: '2026-05-04T09:30:02.730Z',
      previous: null,
      busy: false,
      because_of: null,
    },
  ],
  summary: {
    cause: 'key-removed',
    message: 'The deploy key was removed at Bitbucket.',
    subject: 'deploy-key',
    facts: {},
    mend: 'repair',
    you: true,
    people: [],
  },
  operation: null,
};
