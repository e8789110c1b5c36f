/** What the Activity page shows: the answers of `…/projects/:project/activity` and of the addresses below it. */
import type { DeliveryFacts, IgnoredReason, RefMove, RefType } from '../hooks/payload.ts';
import type { Cause, Facts, Subject } from '../repository/finding.ts';
import type { WorkflowProblem, WorkflowState } from '../workflows/workflow.ts';

export type RefView = { type: RefType; name: string };

/** Times are ISO 8601. */
export type DeliveryItem = {
  kind: 'delivery';
  id: string;
  at: string;
  /** As Bitbucket names it: `repo:push`. */
  event: string;
  /** `received`: nobody has worked on it yet. */
  state: 'received' | 'done' | 'ignored';
  reason: IgnoredReason | null;
  /** Who did it, as Bitbucket says. */
  actor: string | null;
  /** In a list the first ten. */
  moves: RefMove[];
  workflows: { id: string; ref: RefView; state: WorkflowState }[];
};

export type WorkflowDetail = {
  kind: 'workflow';
  id: string;
  at: string;
  ref: RefView;
  /** 40 hex digits; `before` null: the ref was new, or the head was run by hand. */
  commit: { before: string | null; hash: string; url: string };
  state: WorkflowState;
  problem: WorkflowProblem | null;
  origin: 'push' | 'gap' | 'person';
  /** Screen name of who asked for it; null: nobody did. */
  by: string | null;
  /** When it is tried again, while it waits for something. */
  nextTryAt: string | null;
  pipelineFile: string;
  attempts: number;
  finishedAt: string | null;
  /** The delivery that it came of. */
  deliveryId: string | null;
};

/** A branch moved and nobody told: how many pushes that were cannot be known. */
export type GapView = {
  id: string;
  branch: string;
  /** Null: the branch was not there before. */
  from: string | null;
  to: string;
  /** The branch moved between these two. */
  after: string;
  before: string;
  compareUrl: string | null;
};

/** The root of what is proved broken, as the Repository tab's summary has it. */
export type TroubleView = {
  cause: Cause;
  /** The row that names the cause; `repository` for one that is gone or moved. */
  subject: Subject | 'repository';
  facts: Facts;
  /** Screen name of the token owner; null when there is none. */
  owner: string | null;
  /** The token owner is the one who looks. */
  you: boolean;
};

export type ActivityView = {
  items: (DeliveryItem | WorkflowDetail)[];
  /** Goes back as `before` for the next page; null: there is none. */
  next: string | null;
  /** Why pushes may not arrive, or workflows fail; null: nothing is wrong as far as is known. */
  trouble: TroubleView | null;
  /** What was missed and not run yet, whatever the filters. */
  gaps: GapView[];
  /** Whether a runner is configured: without one workflows wait. */
  runner: boolean;
  /** Whether the one who looks may run something (owners and admins). */
  canRun: boolean;
  /** Null: none was ever received. */
  lastDeliveryAt: string | null;
  /** When the branches were last compared with what was announced; null: never. */
  comparedAt: string | null;
  /** Branches that a person may want to run, the default one first. */
  branches: string[];
  /** Grows with every change; an older answer never replaces a newer one. */
  version: number;
};

export type DeliveryDetail = DeliveryItem & {
  repository: string | null;
  /** Changes in it that had no form we know. */
  odd: number;
  pullRequest: DeliveryFacts['pullRequest'];
  renamedFrom: string | null;
  /** Bytes. */
  size: number;
  /** Which of Bitbucket's tries was the first to get through. */
  attempt: number;
  requestId: string;
  /** Title of the webhook it came through. */
  webhook: string;
  workedAt: string | null;
};
