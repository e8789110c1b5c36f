/** The one seam to the outside world: what differs between providers as data (facts), and as code (four calls). */
import type { ProviderConfig } from '../config.ts';
import type { Fault, Outbound } from '../http.ts';
import type { RepositoryAccess } from './repository-access.ts';

export type ProviderId = 'bitbucket' | 'github' | 'gitlab';

/** What is true of a provider whatever the installation: paths are below its web address. */
export type ProviderFacts = {
  id: ProviderId;
  name: 'Bitbucket' | 'GitHub' | 'GitLab';
  /** Shown with the beta notice. */
  beta: boolean;
  /** What `iss` must say in a callback that carries it, below the web address (RFC 9207). */
  issuerPath: string;
  authorizePath: string;
  tokenPath: string;
  clientAuthentication: 'basic' | 'post';
  /** Sends PKCE (S256); only where the provider documents that it checks it. */
  pkce: boolean;
  /** Scopes to ask for; null where they are set on the client and the parameter is ignored. */
  requestedScopes: readonly string[] | null;
  /** What connecting repositories takes; null where a connection serves logging in only. */
  repositoryScopes: readonly string[] | null;
  /** Where a person sees and revokes the apps they authorized, below the web address. */
  authorizedAppsPath: string;
};

/** A provider's answer in our words. */
export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/**
 * `unauthorized`: the token was refused (401). `scope-missing`: the grant does not cover the call (403).
 * Everything else is the provider's fault and says nothing about the grant.
 */
export type Refusal =
  | { kind: 'unauthorized' }
  | { kind: 'scope-missing'; missing: string[] }
  | { kind: 'fault'; fault: Fault };

export type Account = {
  /** Immutable; the only thing a person is recognised by. */
  accountId: string;
  /** Without `@`; changeable and not unique. */
  nickname: string;
  displayName: string;
  /** The person's page at the provider. */
  url: string;
  avatarUrl: string | null;
};

/** The primary address: `missing` when the provider has none to give. */
export type PrimaryEmail = { state: 'confirmed' | 'unconfirmed'; address: string } | { state: 'missing' };

export type Provider = {
  facts: ProviderFacts;
  config: ProviderConfig;
  readAccount(accessToken: string): Promise<Answer<Account>>;
  readPrimaryEmail(accessToken: string): Promise<Answer<PrimaryEmail>>;
  /** Repositories with their keys and webhooks; absent where a connection serves logging in only. */
  repositories?: RepositoryAccess;
  /** Takes the app's permission back at the provider, where it has a call for that. Best effort: never throws. */
  withdraw?(accessToken: string): Promise<void>;
};

/** A provider's module: its facts, and how to build it for an installation. */
export type ProviderModule = {
  facts: ProviderFacts;
  create(config: ProviderConfig, outbound: Outbound): Provider;
};
