/** Answers of the BFF to begin with; a test names only what it is about. */
import type {
  AccountView,
  ActivityView,
  ApiTokensView,
  ConnectionView,
  DeliveryItem,
  Facts,
  GapView,
  OperationView,
  ProjectView,
  ProviderId,
  RepositoryView,
  RowView,
  SignInProblem,
  Subject,
  WaitingView,
  WorkflowDetail,
} from 'bff';

const NAMES = { bitbucket: 'Bitbucket', github: 'GitHub', gitlab: 'GitLab' } as const;

export type Session = {
  profile: { id: string; screenName: string; email: string; avatarUrl: string | null } | null;
  organizations: { slug: string; name: string; role: 'owner' | 'admin' | 'member' }[];
  providers: { id: ProviderId; name: string; beta: boolean }[];
  sandboxUrl: string | null;
  supportUrl: string | null;
};

/** What the session says to someone who is not logged in. */
export function stranger(changes: Partial<Session> = {}): Session {
  return {
    profile: null,
    organizations: [],
    providers: [provider('bitbucket'), provider('github'), provider('gitlab')],
    sandboxUrl: null,
    supportUrl: null,
    ...changes,
  };
}

/** What the session says to Noor, who is logged in. */
export function noor(changes: Partial<Session> = {}): Session {
  return stranger({
    profile: {
      id: '0b8f6f0e-52a1-4b47-9e56-6f1c2b6c6f10',
      screenName: 'Noor Haddad',
      email: 'noor@example.com',
      avatarUrl: null,
    },
    ...changes,
  });
}

export function provider(id: ProviderId): Session['providers'][number] {
  return { id, name: NAMES[id], beta: id === 'bitbucket' };
}

export function account(changes: Partial<AccountView> = {}): AccountView {
  return {
    screenName: 'Noor Haddad',
    email: 'noor@example.com',
    avatarUrl: null,
    connections: [],
    waiting: null,
    ...changes,
  };
}

/** A connection that Bitbucket confirmed a moment ago. */
export function connected(changes: Partial<ConnectionView> = {}): ConnectionView {
  const id = changes.provider ?? 'bitbucket';
  return {
    provider: id,
    name: NAMES[id],
    state: 'connected',
    account: { nickname: 'noorh', url: `https://${id}.test/noorh` },
    since: '2026-05-03T08:15:00.000Z',
    confirmedAt: new Date().toISOString(),
    checkedAt: new Date().toISOString(),
    granted: 'private-and-public-repositories',
    missingScopes: [],
    reason: null,
    fault: null,
    lastWayIn: false,
    authorizedAppsUrl: `https://${id}.test/authorized-apps`,
    ...changes,
  };
}

/** Connected as far as is known, while the provider cannot be asked. */
export function unconfirmed(
  code: NonNullable<ConnectionView['fault']>['code'],
  changes: Partial<ConnectionView> = {},
): ConnectionView {
  return connected({
    state: 'unconfirmed',
    fault: { code, at: '2026-11-20T10:00:00.000Z', retryAt: null },
    ...changes,
  });
}

/** A connection that ended; the account that it was to is remembered. */
export function notConnected(
  code: NonNullable<ConnectionView['reason']>['code'],
  changes: Partial<ConnectionView> = {},
): ConnectionView {
  return connected({
    state: 'not-connected',
    since: null,
    granted: null,
    reason: { code, seenAt: '2026-11-20T10:00:00.000Z' },
    ...changes,
  });
}

export function neverConnected(changes: Partial<ConnectionView> = {}): ConnectionView {
  return notConnected('never-connected', {
    account: null,
    confirmedAt: null,
    checkedAt: null,
    reason: { code: 'never-connected', seenAt: null },
    ...changes,
  });
}

export function waiting(changes: Partial<WaitingView> = {}): WaitingView {
  return {
    id: '7c1d3a52-90c4-4f0e-8a3e-1f8f6f2f9b01',
    kind: 'email-taken',
    provider: 'bitbucket',
    name: 'Bitbucket',
    nickname: 'noor-second',
    previousNickname: null,
    email: 'noor@example.com',
    at: '2026-11-20T10:00:00.000Z',
    ...changes,
  };
}

export const ATTEMPT = 'd9c6d2f4-0f8e-4c7b-8f4b-3e0d6a2b7c55';

/** What a walk to Bitbucket came to. */
export function attempt(problem: SignInProblem | null) {
  return {
    id: ATTEMPT,
    provider: 'bitbucket',
    providerName: 'Bitbucket',
    authorizedAppsUrl: 'https://bitbucket.test/authorized-apps',
    page: 'log-in',
    problem: problem && { ...problem, at: '2026-11-20T10:00:00.000Z' },
  };
}

/** One of every problem that a walk can come to; one that is missing does not compile. */
export const SIGN_IN_PROBLEMS: { [Code in SignInProblem['code']]: SignInProblem & { code: Code } } = {
  'consent-denied': { code: 'consent-denied' },
  'attempt-expired': { code: 'attempt-expired' },
  'attempt-replayed': { code: 'attempt-replayed' },
  'attempt-broken': { code: 'attempt-broken' },
  'session-changed': { code: 'session-changed' },
  'service-fault': { code: 'service-fault' },
  'provider-refused': { code: 'provider-refused' },
  'provider-timeout': { code: 'provider-timeout', retryAt: null },
  'provider-unreachable': { code: 'provider-unreachable', retryAt: null },
  'provider-rate-limited': { code: 'provider-rate-limited', retryAt: '2026-11-20T10:05:00.000Z' },
  'provider-error': { code: 'provider-error', retryAt: null },
  'provider-unexpected': { code: 'provider-unexpected', retryAt: null },
  'scope-missing': { code: 'scope-missing', missing: ['email'] },
  'no-email': { code: 'no-email', nickname: 'noorh' },
  'email-unconfirmed': { code: 'email-unconfirmed', nickname: 'noorh', email: 'noor@example.com' },
  'email-taken': {
    code: 'email-taken',
    nickname: 'noorh',
    email: 'noor@example.com',
    existingProviders: [{ id: 'github', name: 'GitHub' }],
    waitingId: '7c1d3a52-90c4-4f0e-8a3e-1f8f6f2f9b01',
  },
  'different-account': {
    code: 'different-account',
    nickname: 'noor-second',
    previousNickname: 'noorh',
    waitingId: '7c1d3a52-90c4-4f0e-8a3e-1f8f6f2f9b01',
  },
  'account-owned-by-another': { code: 'account-owned-by-another', nickname: 'noorh' },
};

/** Everything about acme/api is healthy, was looked at just now, and Noor may change it. */
export function repositoryView(changes: Partial<RepositoryView> = {}): RepositoryView {
  return {
    organization: { slug: 'acme', name: 'Acme Rockets' },
    project: { id: 'd4f7f5ce-7a0e-4d58-9d8f-5f6f6a0b9a01', name: 'api', state: 'ready' },
    version: 7,
    canChange: true,
    ownConnection: true,
    repository: {
      url: 'git@bitbucket.org:acme/api.git',
      fullName: 'acme/api',
      webUrl: 'https://bitbucket.test/acme/api',
      movedTo: null,
    },
    tokenOwner: { id: 'noor', screenName: 'Noor Haddad', avatarUrl: null, you: true },
    pipelineFile: '.semaphore/semaphore.yml',
    rows: [row('token-owner'), row('deploy-key'), row('webhook'), row('pipeline-file')],
    summary: null,
    operation: null,
    ...changes,
  };
}

const FACTS: Record<Subject, Facts> = {
  'token-owner': { permission: 'admin' },
  'deploy-key': {
    title: 'Semaphore · acme/api',
    fingerprint: 'SHA256:k3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3y0',
    addedAt: '2026-05-03T08:15:00.000Z',
    sshReads: true,
  },
  webhook: { title: 'Semaphore · acme/api', url: 'https://ci.example.com/hooks/bitbucket/5f0c' },
  'pipeline-file': {
    path: '.semaphore/semaphore.yml',
    branch: 'main',
    commit: '0123456789abcdef0123456789abcdef01234567',
    size: 1_234,
  },
};

/** A healthy row, unless something else is said. */
function row(subject: Subject, changes: Partial<RowView> = {}): RowView {
  return {
    subject,
    state: 'healthy',
    cause: null,
    facts: FACTS[subject],
    checkedAt: new Date().toISOString(),
    previous: null,
    busy: false,
    becauseOf: null,
    ...changes,
  };
}

/** The view with some of its rows changed. */
export function withRows(
  rows: Partial<Record<Subject, Partial<RowView>>>,
  changes: Partial<RepositoryView> = {},
): RepositoryView {
  const view = repositoryView(changes);
  return { ...view, rows: view.rows.map((each) => ({ ...each, ...rows[each.subject] })) };
}

/** A repair of the deploy key that is done. */
export function operation(changes: Partial<OperationView> = {}): OperationView {
  return {
    id: '6c3f2a52-1111-4f0e-8a3e-1f8f6f2f9b01',
    kind: 'repair',
    subjects: ['deploy-key'],
    state: 'done',
    by: 'Noor Haddad',
    startedAt: '2026-11-20T10:00:00.000Z',
    finishedAt: '2026-11-20T10:00:02.000Z',
    steps: [],
    waitingUntil: null,
    problem: null,
    done: [{ subject: 'deploy-key', made: 'Semaphore · acme/api', removed: ['Semaphore · acme/api'] }],
    leftovers: [],
    ...changes,
  };
}

/** The project api on acme/api, which Noor may change. */
export function projectView(changes: Partial<ProjectView> = {}): ProjectView {
  return {
    organization: { slug: 'acme', name: 'Acme Rockets' },
    project: {
      id: 'd4f7f5ce-7a0e-4d58-9d8f-5f6f6a0b9a01',
      name: 'api',
      description: '',
      pipelineFile: '.semaphore/semaphore.yml',
      state: 'ready',
      createdAt: '2026-05-03T08:15:00.000Z',
      repository: 'acme/api',
      provider: 'bitbucket',
      visibility: 'private',
      runOn: ['tags', 'branches'],
      whitelist: { branches: [], tags: [] },
    },
    canChange: true,
    operations: [],
    ...changes,
  };
}

const HASH = { before: 'a'.repeat(40), after: '0123456789abcdef0123456789abcdef01234567' };

/** Nothing was heard of acme/api yet; there is a runner, and Noor may run. */
export function activityView(changes: Partial<ActivityView> = {}): ActivityView {
  return {
    items: [],
    next: null,
    trouble: null,
    gaps: [],
    runner: true,
    canRun: true,
    lastDeliveryAt: null,
    comparedAt: null,
    branches: ['main', 'next'],
    version: 7,
    ...changes,
  };
}

/** Tom pushed to main, and one workflow came of it. */
export function delivery(changes: Partial<DeliveryItem> = {}): DeliveryItem {
  return {
    kind: 'delivery',
    id: 'de11de11-0000-4000-8000-000000000001',
    at: '2026-11-20T10:00:00.000Z',
    event: 'repo:push',
    state: 'done',
    reason: null,
    actor: 'Tom Fern',
    moves: [
      {
        refType: 'branch',
        refName: 'main',
        oldHash: HASH.before,
        newHash: HASH.after,
        forced: false,
        message: 'Mend the sail',
        author: 'Tom Fern',
      },
    ],
    workflows: [{ id: workflow().id, ref: { type: 'branch', name: 'main' }, state: 'handed-over' }],
    ...changes,
  };
}

/** The workflow of that push, which the runner took. */
export function workflow(changes: Partial<WorkflowDetail> = {}): WorkflowDetail {
  return {
    kind: 'workflow',
    id: 'f10f10f1-0000-4000-8000-000000000001',
    at: '2026-11-20T10:00:01.000Z',
    ref: { type: 'branch', name: 'main' },
    commit: {
      before: HASH.before,
      hash: HASH.after,
      url: `https://bitbucket.test/acme/api/commits/${HASH.after}`,
    },
    state: 'handed-over',
    problem: null,
    origin: 'push',
    by: null,
    nextTryAt: null,
    pipelineFile: '.semaphore/semaphore.yml',
    attempts: 0,
    finishedAt: '2026-11-20T10:00:02.000Z',
    deliveryId: 'de11de11-0000-4000-8000-000000000001',
    ...changes,
  };
}

/** main moved, and nobody told. */
export function gap(changes: Partial<GapView> = {}): GapView {
  return {
    id: '6a96a96a-0000-4000-8000-000000000001',
    branch: 'main',
    from: HASH.before,
    to: HASH.after,
    after: '2026-11-20T08:00:00.000Z',
    before: '2026-11-20T09:00:00.000Z',
    compareUrl: 'https://bitbucket.test/acme/api/branches/compare/x..y',
    ...changes,
  };
}

/** What stands in the section of API tokens; none by itself. */
export function apiTokens(changes: Partial<ApiTokensView> = {}): ApiTokensView {
  return { tokens: [], host: 'ci.example.com', https: true, ...changes };
}
