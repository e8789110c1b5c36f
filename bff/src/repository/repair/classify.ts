/** What an answer to one of an operation's calls means for the operation. Pure. */
import type { GrantRefusal, GrantUse } from '../grant.ts';
import type { Problem } from './problem.ts';

/**
 * `refused`: definite, nothing was done. `wait`: nothing was done, come back later (null: the provider did not say when).
 * `unknown`: a write may or may not have been done, or may yet be; a read told nothing.
 */
export type Verdict<T> = { kind: 'known'; value: T } | { kind: 'duplicate'; words: string } | Unsettled;
export type Unsettled = Refused | Passing;
export type Refused = { kind: 'refused'; problem: Problem };
export type Passing = { kind: 'wait'; retryAt: Date | null } | { kind: 'unknown' };

export function classify<T>(use: GrantUse<T>): Verdict<T> {
  return use.ok ? { kind: 'known', value: use.value } : judge(use.why);
}

/** The same for a question, where a repeated "has this already" cannot be the answer. */
export function classifyRead<T>(use: GrantUse<T>): { kind: 'known'; value: T } | Unsettled {
  const verdict = classify(use);
  return verdict.kind === 'duplicate' ? refused('rejected', verdict.words) : verdict;
}

function judge(why: GrantRefusal): Exclude<Verdict<never>, { kind: 'known' }> {
  switch (why.kind) {
    case 'no-grant':
      return refused('no-usable-grant');
    case 'forbidden':
      return refused('not-admin');
    case 'scope-missing':
      return refused('scope-missing');
    case 'not-found':
      return refused('repository-gone');
    case 'rejected':
      return why.duplicate ? { kind: 'duplicate', words: why.words } : refused('rejected', why.words);
    // Whether the grant lives could not be found out, so nothing was sent.
    case 'doubtful':
      return { kind: 'wait', retryAt: null };
    case 'fault':
      return why.fault.code === 'provider-rate-limited'
        ? { kind: 'wait', retryAt: why.fault.retryAt ?? null }
        : { kind: 'unknown' };
  }
}

function refused(code: Problem['code'], words?: string): Refused {
  return { kind: 'refused', problem: words ? { code, words } : { code } };
}

const BY_WEIGHT: Problem['code'][] = ['rejected', 'not-admin', 'scope-missing', 'repository-gone'];

/** What to say when several grants were refused: the reason that lies nearest to being mended. */
export function weightiest(problems: Problem[]): Problem {
  for (const code of BY_WEIGHT) {
    const found = problems.find((problem) => problem.code === code);
    if (found) return found;
  }
  return problems[0] ?? { code: 'no-usable-grant' };
}

/** Whether another person's grant could fare better. */
export function isAboutGrant({ code }: Problem): boolean {
  return code !== 'rejected' && code !== 'verification-failed' && code !== 'host-key-mismatch';
}
