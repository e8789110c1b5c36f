export type Service = 'bitbucket' | 'github' | 'gitlab';
export type Permission = 'read' | 'write' | 'admin';

/** One address of a person; `confirmed` is what GitHub calls verified. */
export interface Email {
  email: string;
  primary: boolean;
  confirmed: boolean;
}

/** Someone with an account at one service. `id` never changes: a UUID in braces at Bitbucket, a decimal number elsewhere. */
export interface Person {
  service: Service;
  id: string;
  /** Atlassian account id; empty at the other services. */
  accountId: string;
  nickname: string;
  name: string;
  emails: Email[];
  createdOn: string;
}

/** An application registered at a service. Bitbucket takes the scopes from here and nowhere else. */
export interface OAuthClient {
  service: Service;
  id: string;
  secret: string;
  name: string;
  callback: string;
  scopes: string[];
}

/** A person's standing yes to a client; asked again when the scopes differ. */
export interface Consent {
  service: Service;
  person: string;
  client: string;
  scopes: string[];
  at: number;
}

export interface Code {
  hash: string;
  service: Service;
  person: string;
  client: string;
  /** null: the authorize request named none, so the exchange need not either. */
  redirectUri: string | null;
  challenge: string | null;
  scopes: string[];
  expiresAt: number;
}

/** One token family: what a single exchange of a code gave. `person` is null for client credentials. */
export interface Grant {
  id: string;
  service: Service;
  person: string | null;
  client: string;
  scopes: string[];
  createdAt: number;
}

/** Tokens are kept as SHA-256 only, so no saved state and no page can give one away. Times are epoch milliseconds. */
export interface AccessToken {
  hash: string;
  grant: string;
  /** null: does not expire (GitHub). */
  expiresAt: number | null;
}

export interface RefreshToken {
  hash: string;
  grant: string;
  issuedAt: number;
  /** When a newer one took its place; null while it is the current one. */
  rotatedAt: number | null;
}

export interface Workspace {
  uuid: string;
  slug: string;
  name: string;
  members: { person: string; owner: boolean }[];
}

export interface Repository {
  uuid: string;
  workspace: string;
  slug: string;
  name: string;
  description: string;
  isPrivate: boolean;
  mainbranch: string | null;
  createdOn: string;
  updatedOn: string;
  /** Earlier `workspace/slug` addresses. */
  formerNames: string[];
  /** `group`: the workspace's group that it came through; without one it was given to the person by name. */
  permissions: { person: string; permission: Permission; group?: string }[];
}

export interface DeployKey {
  id: number;
  repository: string;
  /** Type and base64 part, without the comment. */
  key: string;
  comment: string;
  label: string;
  createdOn: string;
  lastUsed: string | null;
  addedBy: string;
  /** The OAuth client it was made through; null when made by hand. */
  client: string | null;
  /** A stopped key is still listed, but SSH no longer takes it. */
  stopped: boolean;
}

export interface Hook {
  uuid: string;
  repository: string;
  description: string;
  url: string;
  active: boolean;
  events: string[];
  secret: string | null;
  skipCertVerification: boolean;
  createdAt: string;
}

export interface BuildStatus {
  repository: string;
  commit: string;
  key: string;
  state: string;
  url: string;
  name: string;
  description: string;
  refname: string | null;
  createdOn: string;
  updatedOn: string;
}

export interface ToldStory {
  /** `made`: its projects are there; `done`: what happens to them happened too. */
  state: 'made' | 'done';
}

/** Where reports about the real services disagree, or where nothing is known: each plausible behaviour can be chosen. */
export interface Quirks {
  /** Characters of a Bitbucket access token; real ones have been seen from 1,900 to more than 2,500. */
  accessTokenLength: number;
  /** Bitbucket's token answer named it `scopes` before May 2026. */
  scopeField: 'scope' | 'scopes';
  /** How long a rotated-away Bitbucket refresh token still works. */
  refreshGraceMs: number;
  /** How long the whole client gets `unauthorized_client` after one rotated-away token was presented. */
  lockoutMs: number;
  /** Bitbucket's answer to a refresh after the person revoked the client. */
  revokedRefresh: 'invalid_grant' | 'unauthorized_client' | 'invalid_request';
  /** The API's answer at an old address of a renamed repository. */
  oldSlug: 301 | 302 | 307 | 308 | 404 | 'follow';
  /** Whether git over SSH still serves the old address of a renamed repository. */
  gitFollowsRename: boolean;
  /** The body that refuses a key which the repository already has. */
  duplicateKey: 'fields' | 'envelope';
  /** What becomes of deploy keys when the grant or the right behind them goes. */
  orphanedKeys: 'vanish' | 'stop';
  /** Bitbucket refuses hook addresses inside its own network; a sandbox beside the product has no others. */
  localHookUrls: boolean;
  /** Whether the list of a person's permissions holds what they have only as an owner of the workspace. */
  permissionList: 'effective' | 'explicit';
  /** What PUT of a webhook makes of fields that are left out: keeps them, or takes their defaults and misses the required. */
  hookPut: 'partial' | 'whole';
  /** How many webhooks a repository may have; null: any number. */
  hookLimit: number | null;
  /** Whether keys and webhooks survive the transfer of a repository to another workspace. */
  transferKeeps: boolean;
  /** Whether `src` takes a branch with an encoded slash in the place of the commit. */
  slashInSrc: boolean;
}

/** Everything the sandbox knows, as plain data that survives JSON. */
export interface WorldData {
  version: 1;
  /** Milliseconds that the sandbox's clock runs ahead. */
  clockOffset: number;
  quirks: Quirks;
  clients: OAuthClient[];
  people: Person[];
  /** Who is logged in where: one for each browser and service; ids as SHA-256. */
  sessions: { hash: string; service: Service; person: string }[];
  consents: Consent[];
  codes: Code[];
  grants: Grant[];
  accessTokens: AccessToken[];
  refreshTokens: RefreshToken[];
  /** Hashes of refresh tokens that died by revocation, because their refusal may read differently from that of unknown ones. */
  revokedRefreshTokens: string[];
  /** Until when a client is locked out of refreshing, by client id. */
  lockouts: Record<string, number>;
  workspaces: Workspace[];
  repositories: Repository[];
  deployKeys: DeployKey[];
  nextKeyId: number;
  hooks: Hook[];
  statuses: BuildStatus[];
  /** Which edition of the seed this world began with, or has grown to. */
  seeded: number;
  /** What was already brought about in the product: who joined the organization (nicknames), and the stories by id. */
  stories: { joined: string[]; told: Record<string, ToldStory> };
}

export const usualQuirks: Quirks = {
  accessTokenLength: 2300,
  scopeField: 'scope',
  refreshGraceMs: 0,
  lockoutMs: 0,
  revokedRefresh: 'unauthorized_client',
  oldSlug: 301,
  gitFollowsRename: false,
  duplicateKey: 'fields',
  orphanedKeys: 'vanish',
  localHookUrls: true,
  permissionList: 'effective',
  hookPut: 'partial',
  hookLimit: null,
  transferKeeps: true,
  slashInSrc: false,
};
