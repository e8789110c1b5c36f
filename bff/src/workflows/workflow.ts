/** A workflow request: what is handed over to the runner, how far it is, and why it stopped. */
import type { FaultCode } from '../http.ts';
import type { Subject } from '../repository/finding.ts';

/**
 * created → reading (the pipeline file, at that very commit) → handing-over → handed-over, or waiting as long as no
 * runner is configured; or failed.
 */
export type WorkflowState = 'created' | 'reading' | 'waiting' | 'handing-over' | 'handed-over' | 'failed';

/** Why the pipeline file could not be had, and so which finding explains it. */
export type UnavailableCause =
  | 'file-missing'
  | 'not-a-file'
  | 'commit-gone'
  | 'repository-gone'
  | 'no-access'
  | 'no-grant'
  | 'no-token-owner';

export type WorkflowProblem =
  /** Failed. `message` is what the service has always said, word for word. */
  | { code: 'pipeline-file-unavailable'; message: string; cause: UnavailableCause; finding: Subject }
  /** Failed: the runner said that it will never take this one, and perhaps why. */
  | { code: 'runner-rejected'; status: number; words: string | null }
  /** The provider could not be asked; it is tried again. */
  | { code: FaultCode | 'grant-doubtful' | 'refresh-under-way' }
  /** The runner did not take it; it is tried again. */
  | { code: 'runner-unreachable' | 'runner-timeout' }
  | { code: 'runner-refused'; status: number | null };

export function unavailable(path: string, cause: UnavailableCause): WorkflowProblem {
  const message = `Error: {"File '${path}' is not available", "Not Found"}`;
  return { code: 'pipeline-file-unavailable', message, cause, finding: FINDING[cause] };
}

const FINDING: Record<UnavailableCause, Subject> = {
  'file-missing': 'pipeline-file',
  'not-a-file': 'pipeline-file',
  'commit-gone': 'pipeline-file',
  'repository-gone': 'token-owner',
  'no-access': 'token-owner',
  'no-grant': 'token-owner',
  'no-token-owner': 'token-owner',
};

const FIRST = 5_000;
const LONGEST = 2 * 3_600_000;

/** Milliseconds until the next try after this many failed ones: doubling up to two hours, spread by a tenth. */
export function backoff(attempts: number): number {
  const wait = Math.min(LONGEST, FIRST * 2 ** Math.min(attempts - 1, 20));
  return wait * (0.95 + Math.random() / 10);
}
