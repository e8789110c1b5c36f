/** What a look asks, and what it was answered: the input of the diagnosis. */
import type { FaultCode } from '../http.ts';
import type {
  Permission,
  RemoteKey,
  RemoteRepository,
  RemoteWebhook,
} from '../providers/repository-access.ts';
import type { SshProof } from '../ssh/read-refs.ts';
import type { BrokenCause } from './finding.ts';

/** Why there is no grant to ask with: what the database knows, or what the provider said when it was asked for a token. */
export type NoGrantReason = Extract<
  BrokenCause,
  'no-owner' | 'left-organization' | 'not-connected' | 'grant-revoked' | 'grant-expired' | 'grant-unusable'
>;

/** A question that brought no answer of its own. A fault proves nothing at all. */
export type Refused =
  | { kind: 'no-grant'; reason: NoGrantReason; endedAt: Date | null }
  | { kind: 'scope-missing'; missing: string[] }
  | { kind: 'forbidden' }
  | { kind: 'not-found' }
  | { kind: 'fault'; code: FaultCode | 'grant-doubtful' | 'refresh-under-way'; retryAt: Date | null };

export type Seen<T> = { kind: 'value'; value: T } | Refused;

/** `absent`: not in the complete list. `replaced`: nor that, and another key stands under the id that was ours. */
export type SeenKey = Seen<RemoteKey> | { kind: 'absent' } | { kind: 'replaced' };
/** `not-asked`: there is none to look for. */
export type SeenWebhook = Seen<RemoteWebhook> | { kind: 'absent' } | { kind: 'not-asked' };

export type SeenFile =
  | Seen<{ branch: string; commit: string; size: number }>
  /** The branch is there and has no such file; where it is instead, as far as that could be found out. */
  | { kind: 'missing'; branch: string; onBranches: string[]; atPath: string | null }
  | { kind: 'branch-gone'; branch: string; onBranches: string[] }
  | { kind: 'empty' };

/** `not-asked`: there is no key to log in with. */
export type SeenSsh = SshProof | { kind: 'not-asked' };

/** `hidden`: the token owner does not see it, and somebody else of the organization does. */
export type SeenRepository = Seen<RemoteRepository> | { kind: 'hidden' };

/** Every answer of a look; one that has not come yet is left out. */
export type Observation = {
  repository?: SeenRepository;
  /** The right given to the token owner by name; null: none was. */
  permission?: Seen<Permission | null>;
  key?: SeenKey;
  webhook?: SeenWebhook;
  file?: SeenFile;
  ssh?: SeenSsh;
};

/** What the database knows when the look begins. */
export type Known = {
  /** `workspace/slug` of the project's URL. */
  repositoryName: string;
  pipelineFile: string;
  /** What the webhook has to announce. */
  events: readonly string[];
  /** Null: there is no active generation. */
  key: {
    publicKey: string;
    title: string;
    fingerprint: string;
    createdAt: Date;
    /** The token owner made it. */
    byOwner: boolean;
    /** The connection that it was made with ended since, or was granted anew. */
    grantChanged: boolean;
  } | null;
  webhook: { url: string; title: string } | null;
};
