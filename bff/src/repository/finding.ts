/** What a look at a project's repository finds: for each of the four things that are checked a state, its cause, and facts. */
import type { FaultCode } from '../http.ts';

export const SUBJECTS = ['token-owner', 'deploy-key', 'webhook', 'pipeline-file'] as const;
export type Subject = (typeof SUBJECTS)[number];
/** What is made at the provider for a project, and can be made anew. */
export type Repairable = 'deploy-key' | 'webhook';

export type FindingState = 'healthy' | 'broken' | 'not-checked';

/** Why something is proved broken. A dependent of the token owner or the repository carries that cause, and is folded under it. */
export type BrokenCause =
  // Token owner
  | 'no-owner'
  | 'not-connected'
  | 'grant-revoked'
  | 'grant-expired'
  | 'grant-unusable'
  | 'left-organization'
  | 'scope-missing'
  | 'no-admin-right'
  // The repository itself: gone, or out of the token owner's sight (Bitbucket answers both alike).
  | 'repository-gone'
  | 'repository-moved'
  // Deploy key
  | 'key-missing'
  | 'key-removed'
  | 'key-lost-with-grant'
  | 'key-lost-with-right'
  | 'key-replaced'
  | 'ssh-refused'
  | 'host-key-mismatch'
  // Webhook
  | 'webhook-missing'
  | 'webhook-removed'
  | 'webhook-inactive'
  | 'webhook-wrong-url'
  | 'webhook-missing-events'
  | 'webhook-without-secret'
  | 'webhook-not-allowed'
  // Pipeline file
  | 'file-missing'
  | 'file-elsewhere'
  | 'branch-gone'
  | 'repository-empty'
  | 'disconnected';

/** Why nothing was proved: the provider's fault, or an earlier check that has to pass first. Never red. */
export type NotCheckedCause =
  | FaultCode
  | 'grant-doubtful'
  | 'refresh-under-way'
  | 'ssh-unreachable'
  | 'needs-token-owner'
  | 'never-checked';

export type Cause = BrokenCause | NotCheckedCause;

/** What a row shows beside its state; every field only when it is known. Strings from the provider are as it sent them. */
export type Facts = {
  /** ISO 8601: when the provider asked us to come back. */
  retryAt?: string;
  /** Scopes that the grant lacks. */
  missingScopes?: string[];
  /** The token owner's right on the repository: admin, write, read; null: none at all. */
  permission?: 'admin' | 'write' | 'read' | null;
  /** When the grant ended, as far as seen. */
  endedAt?: string;
  title?: string;
  /** `SHA256:…` of the public key. */
  fingerprint?: string;
  addedAt?: string;
  /** What SSH said, word for word: `git@bitbucket.org: Permission denied (publickey).` */
  sshWords?: string;
  /** Fingerprint of the host key that was presented instead of a pinned one. */
  presentedHostKey?: string;
  /** Whether the login with the private key read the refs. */
  sshReads?: boolean;
  /** The webhook's address as it should be, and as it was found. */
  url?: string;
  foundUrl?: string;
  missingEvents?: string[];
  /** When the last delivery came. */
  lastDeliveryAt?: string;
  path?: string;
  branch?: string;
  commit?: string;
  /** Bytes. */
  size?: number;
  /** Branches that have the file. */
  foundOnBranches?: string[];
  /** Where a pipeline file is instead. */
  foundAtPath?: string;
  /** Which check says that the repository is disconnected. */
  brokenSubject?: Subject;
  /** `workspace/slug` where the repository is now. */
  movedTo?: string;
};

export type Finding =
  | { subject: Subject; state: 'healthy'; cause: null; facts: Facts }
  | { subject: Subject; state: 'broken'; cause: BrokenCause; facts: Facts }
  | { subject: Subject; state: 'not-checked'; cause: NotCheckedCause; facts: Facts };
