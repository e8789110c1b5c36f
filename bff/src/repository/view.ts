/** What the Repository tab shows: the answer of `GET /api/organizations/:org/projects/:project/repository`. */
import type { Cause, Facts, FindingState, Repairable, Subject } from './finding.ts';

export type RowView = {
  subject: Subject;
  state: FindingState;
  /** Null when healthy, and while it is being made for a new project. */
  cause: Cause | null;
  facts: Facts;
  /** When this was seen, or tried; null: never. ISO 8601. */
  checkedAt: string | null;
  /** What was last proved, when `state` is `not-checked` and something ever was. */
  previous: { state: 'healthy' | 'broken'; cause: Cause | null; facts: Facts; at: string } | null;
  /** A look that has not come to this row yet, or an operation on it, is under way. */
  busy: boolean;
  /** The row whose cause this one only shows: it is folded under it. */
  becauseOf: Subject | 'repository' | null;
};

export type SummaryView = {
  cause: Cause;
  /** The row that names the cause; `repository` for one that is gone or moved. */
  subject: Subject | 'repository';
  facts: Facts;
  /** What mends it: see the words of the page. */
  mend:
    | 'repair'
    | 'take-over'
    | 'grant-access'
    | 'update-url'
    | 'change-url'
    | 'add-file'
    | 'change-path'
    | 'at-provider';
  /** Who can do that: the one who looks, and others by name (owners and admins, or the token owner). */
  you: boolean;
  people: string[];
};

export type StepName = 'make' | 'verify' | 'switch' | 'remove-old' | 'check';
export type StepView = {
  /** Null for `check`, which looks at everything. */
  subject: Repairable | null;
  step: StepName;
  state: 'waiting' | 'running' | 'done' | 'failed';
};

export type OperationView = {
  id: string;
  kind: 'create' | 'repair' | 'move' | 'delete' | 'sweep';
  subjects: Repairable[];
  state: 'running' | 'done' | 'failed';
  /** Screen name of who asked; null: the service itself. */
  by: string | null;
  startedAt: string;
  finishedAt: string | null;
  steps: StepView[];
  /** Waiting for the provider until then. ISO 8601. */
  waitingUntil: string | null;
  /** Why it failed, or what it waits for, in a sentence for the one who looks. */
  problem: { code: OperationProblem; message: string } | null;
  /** What was done, when it is done: for each subject what came new and what went. */
  done: { subject: Repairable; made: string; removed: string[] }[];
  /** What could not be removed at the provider, and why. */
  leftovers: { subject: Repairable; title: string; why: 'not-allowed' | 'no-access' }[];
};

export type OperationProblem =
  | 'no-usable-grant'
  | 'not-admin'
  | 'scope-missing'
  | 'repository-gone'
  | 'rejected'
  | 'verification-failed'
  | 'host-key-mismatch'
  | 'provider-fault';

export type RepositoryView = {
  organization: { slug: string; name: string };
  project: { id: string; name: string; state: 'creating' | 'ready' | 'deleting' };
  /** Grows with every change; an older answer never replaces a newer one. */
  version: number;
  /** Whether the one who looks may change anything here (owners and admins). */
  canChange: boolean;
  /** Whether the one who looks has a connection to Bitbucket that works, as far as is known. */
  ownConnection: boolean;
  repository: {
    /** `git@bitbucket.org:acme/api.git`-like, with the host that serves SSH. */
    url: string;
    fullName: string;
    webUrl: string;
    /** `workspace/slug` where it is now, when that is not what the URL says. */
    movedTo: string | null;
  };
  tokenOwner: { id: string; screenName: string; avatarUrl: string | null; you: boolean } | null;
  pipelineFile: string;
  rows: RowView[];
  /** Null: nothing is wrong, or nothing is known. */
  summary: SummaryView | null;
  /** The running operation, or the last one when it ended within the last ten minutes. */
  operation: OperationView | null;
};
