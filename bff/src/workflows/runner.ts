/** Handing a workflow over to the runner: a signed POST that may arrive twice, with an id that makes that harmless. */
import type { Deps } from '../deps.ts';
import { sign } from '../hooks/signature.ts';
import type { FaultCode } from '../http.ts';
import type { WorkflowProblem } from './workflow.ts';

/** What the runner is sent; `docs/runner.md` describes it, so it only ever grows. */
export type RunnerRequest = {
  /** The same in every attempt. */
  id: string;
  createdAt: string;
  /** Why: a push, one that was not announced, or a person who asked for it. */
  origin: 'push' | 'gap' | 'person';
  organization: string;
  project: { id: string; name: string };
  repository: { provider: 'bitbucket'; uuid: string; fullName: string };
  ref: { type: 'branch' | 'tag'; name: string };
  /** 40 hex digits; `before` null: the ref is new. */
  commit: { before: string | null; hash: string };
  pipelineFile: string;
};

export type HandOver =
  | { ok: true }
  /** `final`: the runner will never take this one. */
  | { ok: false; final: boolean; problem: WorkflowProblem; retryAt?: Date };

const WORDS = 300;
/** With this status a runner says that it understood, and will never take it. */
const REJECTED = 422;

export async function handOver(
  { outbound }: Pick<Deps, 'outbound'>,
  runner: { url: string; secret: string },
  request: RunnerRequest,
): Promise<HandOver> {
  const body = JSON.stringify(request);
  const result = await outbound({
    provider: 'runner',
    what: 'POST workflow',
    method: 'POST',
    url: runner.url,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': request.id,
      'x-semaphore-signature': sign(runner.secret, body),
    },
    body,
  });
  if (!result.ok) {
    const { code, retryAt } = result.fault;
    return { ok: false, final: false, problem: PROBLEMS[code], ...(retryAt ? { retryAt } : {}) };
  }
  const { status, text } = result;
  if (status >= 200 && status < 300) return { ok: true };
  if (status === REJECTED) {
    const words = text.replaceAll('\u0000', '\ufffd').toWellFormed().trim().slice(0, WORDS) || null;
    return { ok: false, final: true, problem: { code: 'runner-rejected', status, words } };
  }
  // Also a wrong secret or address: an operator mends that, and everything that waited goes.
  return { ok: false, final: false, problem: { code: 'runner-refused', status } };
}

const PROBLEMS: Record<FaultCode, WorkflowProblem> = {
  'provider-timeout': { code: 'runner-timeout' },
  'provider-unreachable': { code: 'runner-unreachable' },
  'provider-rate-limited': { code: 'runner-refused', status: 429 },
  'provider-error': { code: 'runner-refused', status: null },
  'provider-unexpected': { code: 'runner-refused', status: null },
};
