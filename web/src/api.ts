/** The only door to the BFF: a typed client, and answers that are either data or a problem. */
import type { ProblemCode } from 'bff';
import type { ClientResponse } from 'hono/client';
import { client } from './client.ts';

export const { api } = client;

/** A closed list: what the BFF can answer, and what happens before it can. */
export type AnyProblemCode = ProblemCode | 'offline';

/** What went wrong; its words are in `problems.ts`. `detail` is the BFF's own sentence for a person, where it has one. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: AnyProblemCode;
  readonly detail: string | null;

  constructor(code: AnyProblemCode, detail: string | null = null) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

type Data<R> = R extends ClientResponse<infer T, 200 | 201 | 202, 'json'> ? T : never;

/** Waits for an answer and returns its data, or throws a `Problem`. Without a session it leads to the log-in page. */
export async function data<R extends ClientResponse<unknown>>(request: Promise<R>): Promise<Data<R>> {
  const response = await request.catch(unreachable);
  // A body that breaks off, or a page of something in between (a hotel's log-in), is no answer of the BFF.
  if (response.ok) return (await response.json().catch(unreachable)) as Data<R>;
  throw await readProblem(response);
}

/** What is thrown when no answer came at all. */
export function unreachable(): never {
  throw new Problem('offline');
}

/** The problem in an answer that is not `ok`. Without a session it leads to the log-in page. */
export async function readProblem(response: Pick<Response, 'json' | 'status'>): Promise<Problem> {
  // A proxy in front of the BFF may answer with a page of its own.
  const body = (await response.json().catch(() => null)) as { code?: ProblemCode; detail?: string } | null;
  const code = body?.code ?? (response.status === 503 ? 'not-ready' : 'internal');
  if (code === 'not-logged-in') leaveForLogIn();
  return new Problem(code, body?.detail ?? null);
}

function leaveForLogIn(): void {
  const { pathname, search } = window.location;
  if (pathname === '/login' || pathname === '/signup') return;
  window.location.assign(`/login?return-to=${encodeURIComponent(pathname + search)}`);
}

/** What came with the HTML: API address → data, or the code of the problem that kept the page from being made. */
export function readFirstData(): { answers: Record<string, unknown>; fault: ProblemCode | null } {
  const block = document.getElementById('first-data');
  const { fault, ...answers } = JSON.parse(block?.textContent || '{}') as Record<string, unknown>;
  return { answers, fault: (fault as ProblemCode | undefined) ?? null };
}
