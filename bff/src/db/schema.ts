/** The tables as Kysely sees them: `migrations/` in camel case. Times are `Date`, always with a time zone. */
import type { ColumnType, Generated, GeneratedAlways, Insertable, Selectable } from 'kysely';
import type { DeliveryFacts, IgnoredReason, RefType } from '../hooks/payload.ts';
import type { KeptSettings, RunOn, Whitelist } from '../projects/settings.ts';
import type { ProviderId } from '../providers/provider.ts';
import type { Facts, FindingState, Repairable, Subject } from '../repository/finding.ts';
import type { Problem } from '../repository/repair/problem.ts';
import type { OperationView, StepView } from '../repository/view.ts';
import type { WorkflowProblem, WorkflowState } from '../workflows/workflow.ts';

export type Role = 'owner' | 'admin' | 'member';
export type EndReason = 'revoked' | 'expired' | 'unusable';
export type StartPage = 'sign-up' | 'log-in' | 'account';

/** Written as text, read as a value. */
type Json<T> = ColumnType<T | null, string | null | undefined, string | null>;

type JsonValue<T> = ColumnType<T, string, string>;

type ProfileTable = {
  id: string;
  screenName: string;
  email: string;
  emailKey: string;
  avatarUrl: string | null;
  createdAt: Date;
};

type ConnectionTable = {
  id: string;
  profileId: string;
  provider: ProviderId;
  accountId: string;
  nickname: string;
  accountUrl: string;
  state: 'connected' | 'not-connected';
  reason: EndReason | null;
  reasonAt: Date | null;
  connectedAt: Date;
  confirmedAt: Date | null;
  checkedAt: Date | null;
  fault: string | null;
  faultRetryAt: Date | null;
  missingScopes: string[] | null;
  sweepAt: Date;
};

type GrantTable = {
  connectionId: string;
  accessToken: string;
  refreshToken: string | null;
  scopes: string[];
  issuedAt: Date;
  expiresAt: Date | null;
  version: Generated<number>;
  refreshHolder: string | null;
  refreshUntil: Date | null;
  refreshLost: Generated<boolean>;
  refusals: Generated<number>;
  firstRefusedAt: Date | null;
  lastRefusedAt: Date | null;
};

type OAuthClientTable = {
  provider: ProviderId;
  fingerprint: string;
  refreshedAt: Date;
};

type SessionTable = {
  id: string;
  tokenHash: string;
  profileId: string;
  createdAt: Date;
  seenAt: Date;
};

type SignInAttemptTable = {
  id: string;
  stateHash: string;
  browserHash: string;
  provider: ProviderId;
  page: StartPage;
  profileId: string | null;
  /** Sealed. */
  returnTo: string | null;
  verifier: string | null;
  startedAt: Date;
  consumedAt: Date | null;
  problem: Json<Record<string, unknown>>;
  waitingProfileId: string | null;
  waitingIdentity: Json<Record<string, unknown>>;
  waitingTokens: string | null;
};

type OrganizationTable = { id: string; name: string; slug: string; createdAt: Date };
type MembershipTable = { organizationId: string; profileId: string; role: Role; createdAt: Date };

type InvitationTable = {
  id: string;
  organizationId: string;
  role: Role;
  tokenHash: string;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  singleUse: boolean;
  usedCount: Generated<number>;
};

type ProjectTable = {
  id: string;
  organizationId: string;
  name: string;
  nameKey: string;
  description: Generated<string>;
  createdBy: string | null;
  createdAt: Date;
  state: 'creating' | 'ready' | 'deleting' | 'deleted';
  provider: 'bitbucket';
  repositoryUuid: string;
  repositoryName: string;
  seenName: string;
  defaultBranch: string | null;
  pipelineFile: Generated<string>;
  visibility: Generated<'private' | 'public'>;
  runOn: Generated<RunOn[]>;
  whitelist: ColumnType<Whitelist, string | undefined, string>;
  kept: ColumnType<KeptSettings, string | undefined, string>;
  tokenOwnerId: string | null;
  version: Generated<number>;
  lookHolder: string | null;
  lookUntil: Date | null;
  lookStartedAt: Date | null;
  lookFinishedAt: Date | null;
  lookDueAt: Date;
  reconcileAt: Date | null;
  reconcileRound: Generated<number>;
};

type ApiTokenTable = {
  id: string;
  profileId: string;
  name: string;
  tokenHash: string;
  createdAt: Date;
  lastUsedAt: Date | null;
};

type FindingTable = {
  projectId: string;
  subject: Subject;
  state: FindingState;
  cause: string | null;
  facts: JsonValue<Facts>;
  checkedAt: Date;
  look: string | null;
  provedState: 'healthy' | 'broken' | null;
  provedCause: string | null;
  provedFacts: Json<Facts>;
  provedAt: Date | null;
};

type CredentialTable = {
  id: string;
  projectId: string;
  kind: Repairable;
  repositoryUuid: string;
  state: 'intended' | 'present' | 'active' | 'retiring' | 'gone';
  match: string;
  remoteId: string | null;
  title: string;
  /** Sealed. */
  material: string | null;
  madeBy: string | null;
  createdAt: Date;
};

type OperationTable = {
  id: string;
  projectId: string;
  kind: OperationView['kind'];
  subjects: Repairable[];
  requestedBy: string | null;
  idempotencyKey: string;
  bodyHash: string;
  target: Json<{ uuid: string; fullName: string; defaultBranch: string | null }>;
  state: OperationView['state'];
  epoch: Generated<number>;
  leaseUntil: Date | null;
  notBefore: Date | null;
  attempts: Generated<number>;
  steps: JsonValue<StepView[]>;
  problem: Json<Problem>;
  result: Json<Pick<OperationView, 'done' | 'leftovers'>>;
  createdAt: Date;
  finishedAt: Date | null;
};

type UpstreamCallTable = {
  operationId: string;
  seq: number;
  verb: string;
  target: string;
  sentAt: Date;
  outcome: string | null;
};

type DeliveryTable = {
  id: string;
  seq: GeneratedAlways<number>;
  projectId: string;
  credentialId: string;
  requestId: string;
  hookId: string | null;
  event: string;
  attempt: number;
  receivedAt: Date;
  payload: string | null;
  encoding: 'utf8' | 'base64';
  size: number;
  state: 'received' | 'done' | 'ignored';
  reason: IgnoredReason | null;
  facts: Json<DeliveryFacts>;
  workedAt: Date | null;
};

type RefChangeTable = {
  deliveryId: string;
  index: number;
  seq: number;
  projectId: string;
  credentialId: string;
  refType: RefType;
  refName: string;
  oldHash: string | null;
  newHash: string | null;
  repeated: boolean;
  receivedAt: Date;
};

type WorkflowTable = {
  id: string;
  projectId: string;
  repositoryUuid: string;
  refType: RefType;
  refName: string;
  oldHash: string | null;
  newHash: string;
  origin: 'push' | 'gap' | 'person';
  deliveryId: string | null;
  requestedBy: string | null;
  idempotencyKey: string | null;
  pipelineFile: string;
  state: WorkflowState;
  problem: Json<WorkflowProblem>;
  attempts: Generated<number>;
  nextTryAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
};

type BranchHeadTable = {
  projectId: string;
  repositoryUuid: string;
  name: string;
  hash: string;
  seenAt: Date;
};

type HeadComparisonTable = {
  projectId: string;
  repositoryUuid: string;
  webhookId: string | null;
  comparedAt: Date | null;
  dueAt: Date;
  attempts: Generated<number>;
  runMissed: Generated<boolean>;
};

type GapTable = {
  id: string;
  projectId: string;
  repositoryUuid: string;
  branch: string;
  oldHash: string | null;
  newHash: string;
  lastKnownAt: Date;
  foundAt: Date;
  state: 'suspected' | 'open' | 'announced' | 'run' | 'passed';
  workflowId: string | null;
};

type KeyCheckTable = { id: number; sealed: string };

export type Tables = {
  profile: ProfileTable;
  connection: ConnectionTable;
  grant: GrantTable;
  oauthClient: OAuthClientTable;
  session: SessionTable;
  signInAttempt: SignInAttemptTable;
  organization: OrganizationTable;
  membership: MembershipTable;
  invitation: InvitationTable;
  apiToken: ApiTokenTable;
  project: ProjectTable;
  finding: FindingTable;
  credential: CredentialTable;
  operation: OperationTable;
  upstreamCall: UpstreamCallTable;
  delivery: DeliveryTable;
  refChange: RefChangeTable;
  workflow: WorkflowTable;
  branchHead: BranchHeadTable;
  headComparison: HeadComparisonTable;
  gap: GapTable;
  keyCheck: KeyCheckTable;
};

export type ConnectionRow = Selectable<ConnectionTable>;
export type NewGrant = Insertable<GrantTable>;
export type GrantRow = Selectable<GrantTable>;
export type ProjectRow = Selectable<ProjectTable>;
export type CredentialRow = Selectable<CredentialTable>;
export type OperationRow = Selectable<OperationTable>;
export type FindingRow = Selectable<FindingTable>;
export type DeliveryRow = Selectable<DeliveryTable>;
export type WorkflowRow = Selectable<WorkflowTable>;
export type GapRow = Selectable<GapTable>;
