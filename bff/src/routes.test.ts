import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pilotRepository } from '../sandbox/seed.ts';
import { expectSafeAnswer } from '../test/answer-rules.ts';
import { type Browser, createBrowser } from '../test/browser.ts';
import { dump } from '../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../test/product.ts';
import { accountOf, attemptOf } from '../test/walks.ts';
import { startSession } from './session/session.ts';

const NO_ID = '00000000-0000-4000-8000-000000000000';
const PROJECT = '00000000-0000-4000-8000-00000000000a';
const DELIVERY = '00000000-0000-4000-8000-00000000000d';
const WORKFLOW = '00000000-0000-4000-8000-00000000000e';
const GAP = '00000000-0000-4000-8000-00000000000f';
const KEY = { 'idempotency-key': '00000000-0000-4000-8000-00000000000b' };
const PILOT_URL = 'git@bitbucket.org:harbour-works/pilot-api.git';

/** Two people with everything that the product can hold of them, and somebody without a session. */
type Cast = {
  product: Product;
  /** Greta: GitHub, an organization, and a Bitbucket account that waits for her word. */
  owner: Browser;
  /** Kaspar: GitLab, and an organization of his own. */
  other: Browser;
  anonymous: Browser;
  /** Signe, who belongs to Greta's organization and has no part in its people. */
  member: Browser;
  memberId: string;
  /** An invitation to Greta's organization: its id, and the token of its link. */
  invitation: { id: string; token: string };
  /** The owner's waiting connection; the walk that brought it has the same id. */
  waitingId: string;
  /** The id of the owner's API token. */
  apiTokenId: string;
};

async function cast(): Promise<Cast> {
  const product = await startProduct();
  const owner = createBrowser(product);
  await owner.signIn('github', 'gretav', 'sign-up');
  await owner.api('POST', '/api/organizations', { name: 'Deep Water', slug: 'deep-water' });
  await owner.grant('gitlab', 'tribeiro');
  await owner.grant('bitbucket', 'nora');
  const { id } = await attemptOf(owner, await owner.signIn('bitbucket', 'greta-v'));
  await owner.signIn('github', 'gretav');
  expect((await accountOf(owner)).waiting?.id).toBe(id);
  const other = createBrowser(product);
  await other.signIn('gitlab', 'kaspar', 'sign-up');
  await other.api('POST', '/api/organizations', { name: 'Fjord', slug: 'fjord' });
  const anonymous = createBrowser(product);
  await anonymous.start('bitbucket');
  const memberId = await newMember(product, 'deep-water');
  const member = createBrowser(product);
  member.cookies().set('__Host-session', await startSession(product.deps.db, memberId, product.deps.now()));
  await newProject(product, 'deep-water');
  await newActivity(product);
  const invitation = await newInvitation(owner, 'deep-water');
  const token = await owner.api('POST', '/api/api-tokens', { name: 'Laptop' });
  const { id: apiTokenId } = (await token.json()) as { id: string };
  return { product, owner, other, anonymous, member, memberId, invitation, waitingId: id, apiTokenId };
}

async function newMember({ deps: { db, now } }: Product, slug: string): Promise<string> {
  const id = crypto.randomUUID();
  const email = `${id}@harbour.example`;
  const createdAt = now();
  await db
    .insertInto('profile')
    .values({ id, screenName: 'Signe', email, emailKey: email, avatarUrl: null, createdAt })
    .execute();
  const organization = await db
    .selectFrom('organization')
    .select('id as organizationId')
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('membership')
    .values({ ...organization, profileId: id, role: 'member', createdAt })
    .execute();
  return id;
}

/** The pilot of an organization: Greta's, on a repository that her account at Bitbucket administers. */
async function newProject({ deps: { db, now } }: Product, slug: string): Promise<void> {
  const { id, profileId } = await db
    .selectFrom('organization')
    .innerJoin('membership', 'membership.organizationId', 'organization.id')
    .select(['organization.id', 'membership.profileId'])
    .where('organization.slug', '=', slug)
    .where('membership.role', '=', 'owner')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('project')
    .values({
      id: PROJECT,
      organizationId: id,
      name: 'pilot',
      nameKey: 'pilot',
      createdBy: profileId,
      createdAt: now(),
      state: 'ready',
      provider: 'bitbucket',
      repositoryUuid: pilotRepository,
      repositoryName: 'harbour-works/pilot-api',
      seenName: 'harbour-works/pilot-api',
      defaultBranch: 'main',
      tokenOwnerId: profileId,
      lookDueAt: now(),
    })
    .execute();
}

/** What the pilot's Activity page can hold: a delivery, the workflow that came of it, and a push that was missed. */
async function newActivity({ deps: { db, sealer, now } }: Product): Promise<void> {
  const webhook = '00000000-0000-4000-8000-00000000000c';
  const at = now();
  await db
    .insertInto('credential')
    .values({
      id: webhook,
      projectId: PROJECT,
      kind: 'webhook',
      repositoryUuid: pilotRepository,
      state: 'retiring',
      match: `${PUBLIC_URL}/hooks/bitbucket/${webhook}`,
      remoteId: null,
      title: 'Semaphore',
      material: sealer.seal('secret', `credential/${webhook}/material`),
      createdAt: at,
    })
    .execute();
  const moves = [
    {
      refType: 'branch' as const,
      refName: 'main',
      oldHash: 'a'.repeat(40),
      newHash: 'b'.repeat(40),
      forced: false,
      message: 'Mend',
      author: 'Nora',
    },
  ];
  const facts = {
    actor: 'Nora',
    repository: 'harbour-works/pilot-api',
    moves,
    odd: 0,
    pullRequest: null,
    renamedFrom: null,
  };
  await db
    .insertInto('delivery')
    .values({
      id: DELIVERY,
      projectId: PROJECT,
      credentialId: webhook,
      requestId: 'request',
      event: 'repo:push',
      attempt: 1,
      receivedAt: at,
      encoding: 'utf8',
      size: 2,
      state: 'done',
      facts: JSON.stringify(facts),
      workedAt: at,
    })
    .execute();
  const problem = {
    code: 'pipeline-file-unavailable',
    message: 'Error',
    cause: 'file-missing',
    finding: 'pipeline-file',
  };
  await db
    .insertInto('workflow')
    .values({
      id: WORKFLOW,
      projectId: PROJECT,
      repositoryUuid: pilotRepository,
      refType: 'branch',
      refName: 'main',
      newHash: 'b'.repeat(40),
      origin: 'push',
      deliveryId: DELIVERY,
      pipelineFile: '.semaphore/semaphore.yml',
      state: 'failed',
      problem: JSON.stringify(problem),
      createdAt: at,
      finishedAt: at,
    })
    .execute();
  await db
    .insertInto('gap')
    .values({
      id: GAP,
      projectId: PROJECT,
      repositoryUuid: pilotRepository,
      branch: 'main',
      oldHash: 'a'.repeat(40),
      newHash: 'b'.repeat(40),
      lastKnownAt: at,
      foundAt: at,
      state: 'open',
    })
    .execute();
}

async function newInvitation(owner: Browser, slug: string): Promise<{ id: string; token: string }> {
  const offer = { role: 'member', singleUse: false, days: 7 };
  const made = await owner.api('POST', `/api/organizations/${slug}/invitations`, offer);
  const { link } = (await made.json()) as { link: string };
  const { invitations } = await owner.json<{ invitations: { id: string }[] }>(
    `/api/organizations/${slug}/invitations`,
  );
  return { id: invitations[0]?.id ?? '', token: link.split('/').at(-1) ?? '' };
}

const Time = z.iso.datetime();
const Nullable = z.string().nullable();
const ProviderId = z.enum(['bitbucket', 'github', 'gitlab']);
const Role = z.enum(['owner', 'admin', 'member']);
const Connection = z.strictObject({
  provider: ProviderId,
  name: z.string(),
  state: z.enum(['connected', 'unconfirmed', 'not-connected']),
  account: z.strictObject({ nickname: z.string(), url: z.url() }).nullable(),
  since: Time.nullable(),
  confirmedAt: Time.nullable(),
  checkedAt: Time.nullable(),
  granted: z.enum(['private-and-public-repositories', 'profile-only', 'insufficient']).nullable(),
  missingScopes: z.array(z.string()),
  reason: z
    .strictObject({
      code: z.enum(['never-connected', 'revoked', 'expired', 'unusable']),
      seenAt: Time.nullable(),
    })
    .nullable(),
  fault: z.strictObject({ code: z.string(), at: Time.nullable(), retryAt: Time.nullable() }).nullable(),
  lastWayIn: z.boolean(),
  authorizedAppsUrl: z.url(),
});
const Account = z.strictObject({
  screenName: z.string(),
  email: z.string(),
  avatarUrl: Nullable,
  connections: z.array(Connection),
  waiting: z
    .strictObject({
      id: z.uuid(),
      kind: z.enum(['email-taken', 'different-account']),
      provider: ProviderId,
      name: z.string(),
      nickname: z.string(),
      previousNickname: Nullable,
      email: Nullable,
      at: Time,
    })
    .nullable(),
});
const Viewer = z.strictObject({
  profile: z
    .strictObject({ id: z.uuid(), screenName: z.string(), email: z.string(), avatarUrl: Nullable })
    .nullable(),
  organizations: z.array(z.strictObject({ slug: z.string(), name: z.string(), role: Role })),
  providers: z.array(z.strictObject({ id: ProviderId, name: z.string(), beta: z.boolean() })),
  sandboxUrl: Nullable,
  supportUrl: Nullable,
});
const Organization = z.strictObject({ slug: z.string(), name: z.string(), role: Role, createdAt: Time });
const People = z.strictObject({
  organization: z.string(),
  givable: z.array(Role),
  people: z.array(
    z.strictObject({
      id: z.uuid(),
      screenName: z.string(),
      avatarUrl: Nullable,
      email: Nullable,
      role: Role,
      since: Time,
      you: z.boolean(),
      manageable: z.boolean(),
    }),
  ),
});
const Invitations = z.strictObject({
  invitations: z.array(
    z.strictObject({
      id: z.uuid(),
      role: Role,
      singleUse: z.boolean(),
      usedCount: z.int(),
      invitedBy: z.string(),
      createdAt: Time,
      expiresAt: Time,
      revocable: z.boolean(),
    }),
  ),
});
const Invitation = z.union([
  z.strictObject({
    state: z.literal('open'),
    organization: z.string(),
    role: Role,
    invitedBy: z.string(),
    expiresAt: Time,
  }),
  z.strictObject({ state: z.literal('member'), organization: z.string(), slug: z.string() }),
]);
const Attempt = z.strictObject({
  id: z.uuid(),
  provider: ProviderId,
  providerName: z.string(),
  authorizedAppsUrl: z.url(),
  page: z.enum(['sign-up', 'log-in', 'account']),
  at: Time,
  problem: z
    .strictObject({
      code: z.literal('email-taken'),
      nickname: z.string(),
      email: z.string(),
      existingProviders: z.array(z.strictObject({ id: ProviderId, name: z.string() })),
      waitingId: z.uuid(),
    })
    .nullable(),
});
const Impact = z.array(
  z.strictObject({
    name: z.string(),
    organization: z.string(),
    url: z.string(),
    successors: z.array(z.strictObject({ screenName: z.string() })),
  }),
);
const Subject = z.enum(['token-owner', 'deploy-key', 'webhook', 'pipeline-file']);
const Repairable = z.enum(['deploy-key', 'webhook']);
const FindingState = z.enum(['healthy', 'broken', 'not-checked']);
const ProjectState = z.enum(['creating', 'ready', 'deleting']);
const Facts = z
  .strictObject({
    retryAt: Time,
    missingScopes: z.array(z.string()),
    permission: z.enum(['admin', 'write', 'read']).nullable(),
    endedAt: Time,
    title: z.string(),
    fingerprint: z.string(),
    addedAt: Time,
    sshWords: z.string(),
    presentedHostKey: z.string(),
    sshReads: z.boolean(),
    url: z.string(),
    foundUrl: z.string(),
    missingEvents: z.array(z.string()),
    lastDeliveryAt: Time,
    path: z.string(),
    branch: z.string(),
    commit: z.string(),
    size: z.int(),
    foundOnBranches: z.array(z.string()),
    foundAtPath: z.string(),
    brokenSubject: Subject,
    movedTo: z.string(),
  })
  .partial();
const Operation = z.strictObject({
  id: z.uuid(),
  kind: z.enum(['create', 'repair', 'move', 'delete', 'sweep']),
  subjects: z.array(Repairable),
  state: z.enum(['running', 'done', 'failed']),
  by: Nullable,
  startedAt: Time,
  finishedAt: Time.nullable(),
  steps: z.array(
    z.strictObject({
      subject: Repairable.nullable(),
      step: z.enum(['make', 'verify', 'switch', 'remove-old', 'check']),
      state: z.enum(['waiting', 'running', 'done', 'failed']),
    }),
  ),
  waitingUntil: Time.nullable(),
  problem: z.strictObject({ code: z.string(), words: z.string().optional() }).nullable(),
  done: z.array(z.strictObject({ subject: Repairable, made: z.string(), removed: z.array(z.string()) })),
  leftovers: z.array(
    z.strictObject({ subject: Repairable, title: z.string(), why: z.enum(['not-allowed', 'no-access']) }),
  ),
});
const ProjectPage = z.strictObject({
  organization: z.strictObject({ slug: z.string(), name: z.string() }),
  project: z.strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    pipelineFile: z.string(),
    state: ProjectState,
    createdAt: Time,
    repository: z.string(),
    provider: z.literal('bitbucket'),
    visibility: z.enum(['private', 'public']),
    runOn: z.array(z.enum(['tags', 'branches'])),
    whitelist: z.strictObject({ branches: z.array(z.string()), tags: z.array(z.string()) }),
  }),
  canChange: z.boolean(),
  operations: z.array(Operation),
});
const RepositoryPage = z.strictObject({
  organization: z.strictObject({ slug: z.string(), name: z.string() }),
  project: z.strictObject({ id: z.uuid(), name: z.string(), state: ProjectState }),
  version: z.int(),
  canChange: z.boolean(),
  ownConnection: z.boolean(),
  repository: z.strictObject({
    url: z.string(),
    fullName: z.string(),
    webUrl: z.url(),
    movedTo: Nullable,
  }),
  tokenOwner: z
    .strictObject({ id: z.uuid(), screenName: z.string(), avatarUrl: Nullable, you: z.boolean() })
    .nullable(),
  pipelineFile: z.string(),
  rows: z.array(
    z.strictObject({
      subject: Subject,
      state: FindingState,
      cause: Nullable,
      facts: Facts,
      checkedAt: Time.nullable(),
      previous: z.strictObject({ state: FindingState, cause: Nullable, facts: Facts, at: Time }).nullable(),
      busy: z.boolean(),
      becauseOf: z.enum([...Subject.options, 'repository']).nullable(),
    }),
  ),
  summary: z
    .strictObject({
      cause: z.string(),
      subject: z.enum([...Subject.options, 'repository']),
      facts: Facts,
      mend: z.string(),
      you: z.boolean(),
      people: z.array(z.string()),
    })
    .nullable(),
  operation: Operation.nullable(),
});
const Choice = z.union([
  z.strictObject({
    type: z.literal('repository'),
    uuid: z.string(),
    fullName: z.string(),
    name: z.string(),
    isPrivate: z.boolean(),
    addable: z.boolean(),
    reason: z.literal('no-admin-right').nullable(),
    projects: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('fault'), workspace: Nullable, code: z.string() }),
  z.strictObject({ type: z.literal('end') }),
]);
const Location = z.strictObject({ location: z.url() });
const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
});

const Ref = z.strictObject({ type: z.enum(['branch', 'tag']), name: z.string() });
const Hash = z.string().regex(/^[0-9a-f]{40}$/);
const WorkflowState = z.enum(['created', 'reading', 'waiting', 'handing-over', 'handed-over', 'failed']);
const DeliveryLine = z.strictObject({
  kind: z.literal('delivery'),
  id: z.uuid(),
  at: Time,
  event: z.string(),
  state: z.enum(['received', 'done', 'ignored']),
  reason: Nullable,
  actor: Nullable,
  moves: z.array(
    z.strictObject({
      refType: z.enum(['branch', 'tag']),
      refName: z.string(),
      oldHash: Hash.nullable(),
      newHash: Hash.nullable(),
      forced: z.boolean(),
      message: Nullable,
      author: Nullable,
      leftOut: z.enum(['branches-off', 'tags-off', 'not-in-whitelist']).optional(),
    }),
  ),
  workflows: z.array(z.strictObject({ id: z.uuid(), ref: Ref, state: WorkflowState })),
});
const DeliveryPage = DeliveryLine.extend({
  repository: Nullable,
  odd: z.int(),
  pullRequest: z.null(),
  renamedFrom: Nullable,
  size: z.int(),
  attempt: z.int(),
  requestId: z.string(),
  webhook: z.string(),
  workedAt: Time.nullable(),
});
const WorkflowPage = z.strictObject({
  kind: z.literal('workflow'),
  id: z.uuid(),
  at: Time,
  ref: Ref,
  commit: z.strictObject({ before: Hash.nullable(), hash: Hash, url: z.url() }),
  state: WorkflowState,
  problem: z
    .strictObject({ code: z.string(), message: z.string(), cause: z.string(), finding: z.string() })
    .nullable(),
  origin: z.enum(['push', 'gap', 'person']),
  by: Nullable,
  nextTryAt: Time.nullable(),
  pipelineFile: z.string(),
  attempts: z.int(),
  finishedAt: Time.nullable(),
  deliveryId: z.uuid().nullable(),
});
const ActivityPage = z.strictObject({
  items: z.array(z.union([DeliveryLine, WorkflowPage])).min(2),
  next: Nullable,
  trouble: z
    .strictObject({
      cause: z.string(),
      subject: z.enum([...Subject.options, 'repository']),
      facts: Facts,
      owner: Nullable,
      you: z.boolean(),
    })
    .nullable(),
  gaps: z
    .array(
      z.strictObject({
        id: z.uuid(),
        branch: z.string(),
        from: Hash.nullable(),
        to: Hash,
        after: Time,
        before: Time,
        compareUrl: z.url().nullable(),
      }),
    )
    .min(1),
  runner: z.boolean(),
  canRun: z.boolean(),
  lastDeliveryAt: Time.nullable(),
  comparedAt: Time.nullable(),
  branches: z.array(z.string()),
  version: z.int(),
});
const ApiTokens = z.strictObject({
  tokens: z.array(
    z.strictObject({ id: z.uuid(), name: z.string(), createdAt: Time, lastUsedAt: Time.nullable() }),
  ),
  host: z.string(),
  https: z.boolean(),
});
const Started = z.strictObject({ id: z.uuid() });

type Row = {
  /** The address for this cast; the route's pattern when it has no parts to fill in. */
  path?(cast: Cast): string;
  body?: unknown;
  headers?: Record<string, string>;
  anonymous: number;
  /** The other person, at the owner's things where the address names one. */
  other: number;
  owner: number;
  /** Who belongs to the owner's organization and only looks; absent where that makes no difference. */
  member?: number;
  /** Answers until the one who asked goes away. */
  endless?: true;
  /** What a 2xx may hold, to the letter; absent for pages and plain text. */
  schema?: z.ZodType;
};

/** Every route and what it answers to whom. A route that is missing here fails the test below. */
const ROUTES: Record<string, Row> = {
  'GET /health/live': {
    anonymous: 200,
    other: 200,
    owner: 200,
    schema: z.strictObject({ status: z.literal('live') }),
  },
  'GET /health/ready': {
    anonymous: 200,
    other: 200,
    owner: 200,
    schema: z.strictObject({ status: z.literal('ready') }),
  },
  'GET /metrics': { anonymous: 200, other: 200, owner: 200 },
  'GET /auth/:provider/callback': {
    path: () => '/auth/bitbucket/callback?code=a&state=b',
    anonymous: 303,
    other: 303,
    owner: 303,
  },
  'GET /api/session': { anonymous: 200, other: 200, owner: 200, schema: Viewer },
  'POST /api/sign-in/:provider': {
    path: () => '/api/sign-in/bitbucket',
    body: { page: 'log-in' },
    anonymous: 200,
    other: 200,
    owner: 200,
    schema: Location,
  },
  'POST /api/connections/:provider/grant': {
    path: () => '/api/connections/bitbucket/grant',
    anonymous: 401,
    other: 200,
    owner: 200,
    schema: Location,
  },
  'GET /api/sign-in-attempts/:id': {
    path: ({ waitingId }) => `/api/sign-in-attempts/${waitingId}`,
    anonymous: 404,
    other: 404,
    owner: 200,
    schema: Attempt,
  },
  'POST /api/log-out': { anonymous: 401, other: 200, owner: 200, schema: z.strictObject({}) },
  'GET /api/account': { anonymous: 401, other: 200, owner: 200, schema: Account },
  'PATCH /api/account': {
    body: { screenName: 'Somebody' },
    anonymous: 401,
    other: 200,
    owner: 200,
    schema: Account,
  },
  'POST /api/connections/:provider/check': {
    path: () => '/api/connections/github/check',
    anonymous: 401,
    other: 200,
    owner: 200,
    schema: Connection,
  },
  'GET /api/connections/:provider/impact': {
    path: () => '/api/connections/github/impact',
    anonymous: 401,
    other: 409,
    owner: 200,
    schema: z.strictObject({ projects: Impact, lastWayIn: z.boolean() }),
  },
  'DELETE /api/connections/:provider': {
    path: () => '/api/connections/github',
    anonymous: 401,
    other: 409,
    owner: 200,
    schema: Connection,
  },
  'POST /api/waiting-connections/:id/confirm': {
    path: ({ waitingId }) => `/api/waiting-connections/${waitingId}/confirm`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: Account,
  },
  'DELETE /api/waiting-connections/:id': {
    path: ({ waitingId }) => `/api/waiting-connections/${waitingId}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: Account,
  },
  'GET /api/api-tokens': { anonymous: 401, other: 200, owner: 200, schema: ApiTokens },
  'POST /api/api-tokens': {
    body: { name: 'Desktop' },
    anonymous: 401,
    other: 201,
    owner: 201,
    // The one answer that ever shows a token.
    schema: ApiTokens.extend({ id: z.uuid(), text: z.string().regex(/^sem_[A-Za-z0-9_-]{43}$/) }),
  },
  'DELETE /api/api-tokens/:id': {
    path: ({ apiTokenId }) => `/api/api-tokens/${apiTokenId}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: ApiTokens,
  },
  'POST /api/organizations': {
    body: { name: 'New Land', slug: 'new-land' },
    anonymous: 401,
    other: 201,
    owner: 201,
    schema: z.strictObject({ slug: z.string() }),
  },
  'GET /api/organizations/:org': {
    path: () => '/api/organizations/deep-water',
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: Organization,
  },
  'GET /api/organizations/:org/people': {
    path: () => '/api/organizations/deep-water/people',
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: People,
  },
  'PATCH /api/organizations/:org/people/:id': {
    path: ({ memberId }) => `/api/organizations/deep-water/people/${memberId}`,
    body: { role: 'admin' },
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: z.strictObject({}),
  },
  'GET /api/organizations/:org/people/:id/impact': {
    path: ({ memberId }) => `/api/organizations/deep-water/people/${memberId}/impact`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: z.strictObject({ projects: Impact, lastOwner: z.boolean() }),
  },
  'DELETE /api/organizations/:org/people/:id': {
    path: ({ memberId }) => `/api/organizations/deep-water/people/${memberId}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: z.strictObject({}),
  },
  'GET /api/organizations/:org/invitations': {
    path: () => '/api/organizations/deep-water/invitations',
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: Invitations,
  },
  'POST /api/organizations/:org/invitations': {
    path: () => '/api/organizations/deep-water/invitations',
    body: { role: 'member', singleUse: true, days: 7 },
    anonymous: 401,
    other: 404,
    owner: 201,
    schema: z.strictObject({ link: z.url() }),
  },
  'DELETE /api/organizations/:org/invitations/:id': {
    path: ({ invitation }) => `/api/organizations/deep-water/invitations/${invitation.id}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    schema: z.strictObject({}),
  },
  'GET /api/organizations/:org/projects': {
    path: () => '/api/organizations/deep-water/projects',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: z.strictObject({
      projects: z.array(
        z.strictObject({
          name: z.string(),
          repository: z.string(),
          state: ProjectState,
          health: FindingState,
          cause: Nullable,
          checkedAt: Time.nullable(),
        }),
      ),
      canCreate: z.boolean(),
    }),
  },
  'POST /api/organizations/:org/projects': {
    path: () => '/api/organizations/deep-water/projects',
    body: { repository: pilotRepository, name: 'second' },
    headers: KEY,
    anonymous: 401,
    other: 404,
    owner: 201,
    member: 403,
    schema: z.strictObject({ name: z.string() }),
  },
  'GET /api/organizations/:org/repositories': {
    path: () => '/api/organizations/deep-water/repositories',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 403,
    schema: z.array(Choice),
  },
  'GET /api/organizations/:org/projects/:project': {
    path: () => '/api/organizations/deep-water/projects/pilot',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: ProjectPage,
  },
  'PATCH /api/organizations/:org/projects/:project': {
    path: () => '/api/organizations/deep-water/projects/pilot',
    body: { description: 'Where ships berth' },
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 403,
    schema: ProjectPage,
  },
  'DELETE /api/organizations/:org/projects/:project': {
    path: () => '/api/organizations/deep-water/projects/pilot',
    headers: KEY,
    anonymous: 401,
    other: 404,
    owner: 202,
    member: 403,
    schema: z.strictObject({}),
  },
  'GET /api/organizations/:org/projects/:project/repository': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: RepositoryPage,
  },
  'GET /api/organizations/:org/projects/:project/repository/events': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/events',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    endless: true,
  },
  'POST /api/organizations/:org/projects/:project/repository/check': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/check',
    body: { fresh: false },
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: RepositoryPage,
  },
  'POST /api/organizations/:org/projects/:project/repository/repair/preview': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/repair/preview',
    body: { subjects: ['webhook'] },
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 403,
    schema: z.strictObject({
      subjects: z.array(
        z.strictObject({
          subject: Repairable,
          makes: z.strictObject({ title: z.string() }),
          removes: z.array(
            z.strictObject({
              title: z.string(),
              fingerprint: z.string().optional(),
              url: z.string().optional(),
            }),
          ),
        }),
      ),
      uses: z.strictObject({ screenName: z.string(), you: z.boolean() }).nullable(),
    }),
  },
  'POST /api/organizations/:org/projects/:project/repository/repair': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/repair',
    body: { subjects: ['webhook'] },
    headers: KEY,
    anonymous: 401,
    other: 404,
    owner: 202,
    member: 403,
    schema: RepositoryPage,
  },
  'POST /api/organizations/:org/projects/:project/repository/take-over': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/take-over',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 403,
    schema: RepositoryPage,
  },
  'POST /api/organizations/:org/projects/:project/repository/url/preview': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/url/preview',
    body: { url: PILOT_URL },
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 403,
    schema: z.strictObject({
      kind: z.enum(['same', 'renamed', 'different']),
      fullName: z.string(),
      from: z.string(),
      uuid: z.string(),
    }),
  },
  'POST /api/organizations/:org/projects/:project/repository/url': {
    path: () => '/api/organizations/deep-water/projects/pilot/repository/url',
    body: { url: PILOT_URL, uuid: pilotRepository },
    headers: KEY,
    anonymous: 401,
    other: 404,
    owner: 202,
    member: 403,
    schema: RepositoryPage,
  },
  'POST /hooks/bitbucket/:id': {
    path: () => '/hooks/bitbucket/00000000-0000-4000-8000-00000000000c',
    anonymous: 401,
    other: 401,
    owner: 401,
  },
  'GET /api/organizations/:org/projects/:project/activity': {
    path: () => '/api/organizations/deep-water/projects/pilot/activity',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: ActivityPage,
  },
  'GET /api/organizations/:org/projects/:project/activity/events': {
    path: () => '/api/organizations/deep-water/projects/pilot/activity/events',
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    endless: true,
  },
  'POST /api/organizations/:org/projects/:project/activity/check': {
    path: () => '/api/organizations/deep-water/projects/pilot/activity/check',
    anonymous: 401,
    other: 404,
    owner: 202,
    member: 202,
    schema: z.strictObject({}),
  },
  'GET /api/organizations/:org/projects/:project/deliveries/:id': {
    path: () => `/api/organizations/deep-water/projects/pilot/deliveries/${DELIVERY}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: DeliveryPage,
  },
  'GET /api/organizations/:org/projects/:project/workflows/:id': {
    path: () => `/api/organizations/deep-water/projects/pilot/workflows/${WORKFLOW}`,
    anonymous: 401,
    other: 404,
    owner: 200,
    member: 200,
    schema: WorkflowPage,
  },
  'POST /api/organizations/:org/projects/:project/workflows': {
    path: () => '/api/organizations/deep-water/projects/pilot/workflows',
    body: { branch: 'main' },
    headers: KEY,
    anonymous: 401,
    other: 404,
    owner: 201,
    member: 403,
    schema: Started,
  },
  'POST /api/organizations/:org/projects/:project/gaps/:id/run': {
    path: () => `/api/organizations/deep-water/projects/pilot/gaps/${GAP}/run`,
    anonymous: 401,
    other: 404,
    owner: 201,
    member: 403,
    schema: Started,
  },
  'GET /api/invitations/:token': {
    path: ({ invitation }) => `/api/invitations/${invitation.token}`,
    anonymous: 200,
    other: 200,
    owner: 200,
    schema: Invitation,
  },
  'POST /api/invitations/:token/accept': {
    path: ({ invitation }) => `/api/invitations/${invitation.token}/accept`,
    anonymous: 401,
    other: 200,
    owner: 200,
    schema: z.strictObject({ slug: z.string() }),
  },
  'ALL /api/*': { path: () => '/api/nothing-here', anonymous: 404, other: 404, owner: 404 },
  'GET /assets/*': { path: () => '/assets/nothing.js', anonymous: 404, other: 404, owner: 404 },
  'GET /': { anonymous: 303, other: 303, owner: 303 },
  'GET /projects/:project': { path: () => '/projects/pilot', anonymous: 303, other: 404, owner: 303 },
  'GET /*': { path: () => '/organizations/deep-water', anonymous: 303, other: 404, owner: 200 },
};

/** What stands before all routes or before the built files, and answers nothing about anybody by itself. */
const MIDDLEWARE = ['ALL /*', 'ALL /assets/*', 'ALL /favicon.svg'];

/** Where tokens are asked for, and no session helps: held by `v1alpha/access.test.ts`. */
const isForTokens = (route: string) => / (\/api\/v1alpha\/|\/organizations\/:org\/{1,2}api\/)/.test(route);

const isPage = (route: string) => route === 'GET /*' || route === 'GET /projects/:project';

function ask(cast: Cast, who: Who, route: string): Promise<Response> {
  const [method = '', pattern = ''] = route.split(' ');
  const row = ROUTES[route];
  return cast[who].api(
    method === 'ALL' ? 'GET' : method,
    row?.path?.(cast) ?? pattern,
    row?.body,
    row?.headers,
  );
}

test('AZ-01 every route has its row, and every row its route', async () => {
  const { app } = await startProduct();
  const routes = new Set(app.routes.map(({ method, path }) => `${method} ${path}`));
  const rows = [...routes].filter((route) => !MIDDLEWARE.includes(route) && !isForTokens(route));
  expect(rows.sort()).toEqual(Object.keys(ROUTES).sort());
});

const ROWS = Object.entries(ROUTES);
const WHO = ['anonymous', 'other', 'member', 'owner'] as const;
type Who = (typeof WHO)[number];
const isRead = (route: string) => route.startsWith('GET ');
const isRefusal = (status: number | undefined) => status !== undefined && status >= 400;
const isGood = (status: number | undefined) => status !== undefined && status < 400;

test('AZ-01 every row says how somebody is answered well, or that nothing is there', () => {
  for (const [route, row] of ROWS)
    expect(row.schema === undefined || WHO.some((who) => isGood(row[who])), route).toBe(true);
});

// What is refused changes nothing, and what is read neither: one cast serves for all of it.
test.each(WHO)(
  'AZ-01 to %s every route answers with the refusal of its row, and changes nothing',
  async (who) => {
    const everything = await cast();
    const { sandbox } = everything.product;
    const before = await dump(everything.product);
    for (const [route, row] of ROWS.filter(([, each]) => isRefusal(each[who]))) {
      const asked = sandbox.requests().length;
      const response = await ask(everything, who, route);
      expect(response.status, route).toBe(row[who]);
      if (who !== 'owner') expect(sandbox.requests(), `${route}: calls to providers`).toHaveLength(asked);
      if (isPage(route)) await response.text();
      else expect(Problem.parse(await response.json()).status, route).toBe(row[who]);
      expect(await dump(everything.product), route).toEqual(before);
    }
  },
);

test.each(WHO)('AZ-01, AZ-07 %s reads what the rows say, with the fields that are listed', async (who) => {
  const everything = await cast();
  for (const [route] of ROWS.filter(([each, row]) => isRead(each) && isGood(row[who])))
    await isAnsweredWell(everything, who, route);
});

test.each(
  WHO.flatMap((who) =>
    ROWS.filter(([route, row]) => !isRead(route) && isGood(row[who])).map(([route]) => [who, route] as const),
  ),
)(
  'AZ-01, AZ-07 %s is answered at %s as its row says, with the fields that are listed',
  async (who, route) => {
    await isAnsweredWell(await cast(), who, route);
  },
);

/** Asks, and holds the answer against the row's status and fields: those, and no others. */
async function isAnsweredWell(everything: Cast, who: Who, route: string): Promise<void> {
  const row = ROUTES[route];
  const response = await ask(everything, who, route);
  expect(response.status, route).toBe(row?.[who]);
  if (row?.endless) {
    await response.body?.cancel();
    return;
  }
  const text = await response.text();
  if (!row?.schema || !response.ok) return;
  const lines = response.headers.get('content-type') === 'application/x-ndjson';
  const content = lines
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : JSON.parse(text);
  expect(row.schema.safeParse(content).error?.issues, route).toBeUndefined();
}

describe('AZ-04 nobody’s word on who is asking is taken', () => {
  const rows = ROWS.filter(([route]) => !route.startsWith('ALL '));
  const changes = (route: string, row: Row) => !isRead(route) && isGood(row.other);

  test('by what is read or refused', async () => {
    const everything = await cast();
    for (const [route, row] of rows) if (!changes(route, row)) await claim(everything, route, row);
  });

  test.each(rows.filter(([route, row]) => changes(route, row)))('by %s', async (route, row) => {
    await claim(await cast(), route, row);
  });

  /** Asks as one person with every word that could make it another's request. */
  async function claim(everything: Cast, route: string, row: Row): Promise<void> {
    const { product, other } = everything;
    const { id } = await product.deps.db
      .selectFrom('profile')
      .select('id')
      .where('email', '=', 'greta.vogel@harbour.example')
      .executeTakeFirstOrThrow();
    const [method = '', pattern = ''] = route.split(' ');
    const path = row.path?.(everything) ?? pattern;
    const claims = { userId: id, profileId: id, role: 'owner', id, user: { id }, isAdmin: true };
    const query = new URLSearchParams({ userId: id, profileId: id, role: 'owner', id }).toString();
    const headers = {
      'x-user-id': id,
      'x-profile-id': id,
      'x-role': 'owner',
      'x-remote-user': 'greta.vogel@harbour.example',
      'x-forwarded-user': 'greta.vogel@harbour.example',
      'x-forwarded-email': 'greta.vogel@harbour.example',
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      authorization: `Bearer ${id}`,
      'user-agent': 'kube-probe/1.33',
    };
    const mine = await belongings(product, id);
    const body = method === 'GET' ? undefined : { ...(row.body as object | undefined), ...claims };
    const response = await other.api(method, `${path}${path.includes('?') ? '&' : '?'}${query}`, body, {
      ...row.headers,
      ...headers,
    });
    // Either the claims are refused, or the answer is the one without them.
    expect([row.other, ...(row.body ? [400] : [])], route).toContain(response.status);
    expect(await response.text(), route).not.toContain('greta.vogel@harbour.example');
    expect(await belongings(product, id), route).toEqual(mine);
  }
});

async function belongings({ deps: { db } }: Product, profileId: string) {
  return {
    profile: await db.selectFrom('profile').selectAll().where('id', '=', profileId).execute(),
    connections: await db.selectFrom('connection').selectAll().where('profileId', '=', profileId).execute(),
    sessions: await db.selectFrom('session').selectAll().where('profileId', '=', profileId).execute(),
    memberships: await db.selectFrom('membership').selectAll().where('profileId', '=', profileId).execute(),
    apiTokens: await db.selectFrom('apiToken').selectAll().where('profileId', '=', profileId).execute(),
  };
}

/** All of an answer that the one who asked can see, but for what differs each time. */
async function visible(response: Response) {
  const headers = Object.fromEntries(response.headers);
  delete headers['x-request-id'];
  return { status: response.status, headers, text: await response.text() };
}

describe('AZ-02 what belongs to another', () => {
  test('an organization, or its name, answers byte for byte like one that does not exist', async () => {
    const { other } = await cast();
    for (const nobodys of ['nobody-s', 'deep-wate']) {
      expect(await visible(await other.api('GET', '/api/organizations/deep-water')), nobodys).toEqual(
        await visible(await other.api('GET', `/api/organizations/${nobodys}`)),
      );
    }
  });

  test('an id answers byte for byte like one that does not exist', async () => {
    const { other, waitingId } = await cast();
    for (const [method, path] of [
      ['GET', (id: string) => `/api/sign-in-attempts/${id}`],
      ['POST', (id: string) => `/api/waiting-connections/${id}/confirm`],
      ['DELETE', (id: string) => `/api/waiting-connections/${id}`],
    ] as const) {
      const theirs = await visible(await other.api(method, path(waitingId)));
      expect(theirs.status).toBe(404);
      for (const id of [NO_ID, 'nonsense', waitingId.toUpperCase(), `${waitingId}0`]) {
        expect(await visible(await other.api(method, path(id))), `${method} ${path(id)}`).toEqual(theirs);
      }
    }
  });

  const BELOW: [string, string, unknown][] = [
    ['GET', 'people', undefined],
    ['GET', 'invitations', undefined],
    ['POST', 'invitations', { role: 'member', singleUse: true, days: 7 }],
    ['PATCH', 'people/:person', { role: 'owner' }],
    ['GET', 'people/:person/impact', undefined],
    ['DELETE', 'people/:person', undefined],
    ['DELETE', 'invitations/:invitation', undefined],
    ...ROWS.flatMap(([route, row]): [string, string, unknown][] => {
      const [method = '', pattern = ''] = route.split(' ');
      const below = /^\/api\/organizations\/:org\/((projects|repositories).*)$/.exec(pattern)?.[1];
      return below ? [[method, below.replace(':project', 'pilot'), row.body]] : [];
    }),
  ];

  test('whatever an organization has answers byte for byte as in one that does not exist', async () => {
    const { product, other, memberId, invitation } = await cast();
    const before = await dump(product);
    for (const [method, below, body] of BELOW) {
      const label = `${method} ${below}`;
      const path = below.replace(':person', memberId).replace(':invitation', invitation.id);
      const ask = async (slug: string) =>
        visible(await other.api(method, `/api/organizations/${slug}/${path}`, body, KEY));
      const theirs = await ask('deep-water');
      expect(theirs.status, label).toBe(404);
      expect(theirs, label).toEqual(await ask('nobody-s'));
      // Nor does the name of an organization of one's own open what is another's.
      if (below.includes(':') || below.includes('/')) expect(await ask('fjord'), label).toEqual(theirs);
    }
    expect(await dump(product)).toEqual(before);
  });

  test('a page answers 404 and shows the same HTML as one that does not exist', async () => {
    const { other } = await cast();
    const [theirs, nobodys] = [
      await other.open('/organizations/deep-water'),
      await other.open('/organizations/nobody-s'),
    ];
    expect(theirs.response.status).toBe(404);
    expect(await visible(theirs.response)).toEqual(await visible(nobodys.response));
  });
});

describe('AZ-05 another spelling of an address', () => {
  const spellings = (segments: string) => [
    `//${segments}`,
    `/${segments}/`,
    `/./${segments}`,
    `/x/../${segments}`,
    `/${segments.replace('/', '//')}`,
    `/${segments.replace('/', '%2F')}`,
    `/${segments.replace('/', '%252F')}`,
    `/${segments.replace('/', '\\')}`,
    `/${segments.replace('/', ';/')}`,
    `/${segments};x=y`,
    `/${segments}%00`,
    `/${segments}%20`,
    `/${segments}.`,
    `/${segments}.json`,
    `/${segments}%2e`,
    `/${segments.toUpperCase()}`,
    `/${segments.replace('a', '%61')}`,
    `/${segments.replace('a', '%2561')}`,
    `/${segments.replace('a', '%C1%A1')}`,
    `/${segments}?`,
    `/${segments}#x`,
    `/%2e/${segments}`,
    `/assets/../${segments}`,
    `/assets/%2e%2e/${segments}`,
    `/health/live/../../${segments}`,
    `/login/..;/${segments}`,
  ];

  test('opens nothing to those who may not see it', async () => {
    const { product, other } = await cast();
    const secrets = /gretav|greta\.vogel|Deep Water|tribeiro|harbour-works/;
    for (const segments of [
      'api/account',
      'api/organizations/deep-water',
      'account',
      'organizations/deep-water',
      'organizations/deep-water/people',
      'api/organizations/deep-water/projects/pilot',
      'api/organizations/deep-water/projects/pilot/repository',
      'organizations/deep-water/projects/pilot/settings/repository',
    ]) {
      for (const path of spellings(segments)) {
        for (const headers of [{}, { cookie: cookieOf(other) }]) {
          const response = await product.app.fetch(new Request(PUBLIC_URL + path, { headers }));
          expect(response.status, path).toBeLessThan(500);
          expectSafeAnswer(response);
          expect(await response.text(), path).not.toMatch(secrets);
        }
      }
    }
  });

  test('does not fail, whatever it decodes to', async () => {
    const { owner } = await cast();
    const odd = [
      '%00',
      '%',
      '%zz',
      '%ff',
      '%c3%28',
      '%ed%a0%80',
      '..',
      '%2e%2e',
      '__proto__',
      'a'.repeat(5_000),
    ];
    for (const part of [...odd, "'", '%27%20or%20true--', '*', '%0d%0aX-Evil:%201', '%F0%9F%9A%80']) {
      for (const path of [
        `/api/organizations/${part}`,
        `/api/connections/${part}/impact`,
        `/api/sign-in-attempts/${part}`,
        `/organizations/${part}`,
        `/organizations/${part}/people`,
        `/api/organizations/${part}/people`,
        `/api/organizations/deep-water/people/${part}/impact`,
        `/api/organizations/${part}/projects`,
        `/api/organizations/deep-water/projects/${part}`,
        `/api/organizations/deep-water/projects/${part}/repository`,
        `/organizations/deep-water/projects/${part}`,
        `/organizations/deep-water/projects/${part}/settings/repository`,
        `/invitations/${part}`,
        `/api/invitations/${part}`,
        `/login?attempt=${part}`,
        `/auth/${part}/callback?state=${part}`,
        `/assets/${part}`,
        `/${part}`,
      ]) {
        const response = await owner.api('GET', path);
        expect(response.status, path).toBeLessThan(500);
        expect(response.headers.has('x-evil')).toBe(false);
      }
      for (const [method, path] of [
        ['POST', `/api/connections/${part}/check`],
        ['DELETE', `/api/organizations/deep-water/people/${part}`],
        ['DELETE', `/api/organizations/deep-water/invitations/${part}`],
        ['DELETE', `/api/organizations/deep-water/projects/${part}`],
        ['POST', `/api/organizations/deep-water/projects/${part}/repository/take-over`],
        ['POST', `/api/invitations/${part}/accept`],
        ['DELETE', `/api/connections/${part}`],
        ['POST', `/api/waiting-connections/${part}/confirm`],
        ['DELETE', `/api/waiting-connections/${part}`],
      ] as const) {
        expect((await owner.api(method, path)).status, path).toBe(404);
      }
    }
  });
});

test('AZ-06 no header lets anybody in', async () => {
  const { product, other } = await cast();
  const HEADERS: Record<string, string>[] = [
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
    { 'x-forwarded-user': 'greta.vogel@harbour.example' },
    { 'x-user-id': NO_ID },
    { 'x-original-url': '/health/live' },
    { 'x-rewrite-url': '/health/live' },
    { 'x-forwarded-uri': '/health/live' },
    { 'user-agent': 'kube-probe/1.33' },
    { 'user-agent': 'ELB-HealthChecker/2.0' },
    { forwarded: 'for=127.0.0.1' },
    { authorization: 'Basic YWRtaW46YWRtaW4=' },
    { via: '1.1 trusted' },
  ];
  for (const headers of HEADERS) {
    const label = JSON.stringify(headers);
    for (const path of ['/api/account', '/api/organizations/deep-water', '/api/connections/github/impact']) {
      const response = await product.app.fetch(new Request(PUBLIC_URL + path, { headers }));
      expect(response.status, label).toBe(401);
    }
    const response = await other.api('GET', '/api/organizations/deep-water', undefined, headers);
    expect(response.status, label).toBe(404);
  }
});

describe('IN-04 a body that does not fit', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const rows = ROWS.filter(([, row]) => row.body);
  /** The first field's. */
  const VALUE = /:("[^"]*"|\[[^\]]*\]|true|false)/;

  test('is refused everywhere, and changes nothing', async () => {
    const everything = await cast();
    const { product, owner } = everything;
    const before = await dump(product);
    for (const [route, row] of rows) {
      const [method = '', pattern = ''] = route.split(' ');
      const url = new URL(row.path?.(everything) ?? pattern, PUBLIC_URL);
      const good = JSON.stringify(row.body);
      const bodies = [
        '',
        'null',
        '[]',
        '1',
        '"x"',
        '{',
        '{}',
        deep,
        `${good}x`,
        good.replace('{', '{"__proto__":{"admin":true},'),
        good.replace('{', '{"constructor":{"prototype":{}},'),
        good.replace('{', '{"unknown":1,'),
        good.replace(VALUE, ':1'),
        good.replace(VALUE, ':null'),
        good.replace(VALUE, ':["x"]'),
        good.replace(VALUE, ':1e999'),
      ];
      for (const body of bodies) {
        const headers = {
          'content-type': 'application/json',
          'x-requested-with': 'semaphore',
          origin: PUBLIC_URL,
          ...row.headers,
        };
        const response = await owner.once(url, { method, headers, body });
        expect(response.status, `${route} ${body.slice(0, 80)}`).toBe(400);
        Problem.parse(await response.json());
      }
      expect(await dump(product), route).toEqual(before);
    }
  });
});

function cookieOf(browser: Browser): string {
  return [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
}
