/** The tables as Kysely sees them: `migrations/` in camel case. Times are `Date`, always with a time zone. */
import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';
import type { ProviderId } from '../providers/provider.ts';

export type Role = 'owner' | 'admin' | 'member';
export type EndReason = 'revoked' | 'expired' | 'unusable';
export type StartPage = 'sign-up' | 'log-in' | 'account';

/** Written as text, read as a value. */
type Json<T> = ColumnType<T | null, string | null | undefined, string | null>;

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
  keyCheck: KeyCheckTable;
};

export type ConnectionRow = Selectable<ConnectionTable>;
export type NewGrant = Insertable<GrantTable>;
export type GrantRow = Selectable<GrantTable>;
