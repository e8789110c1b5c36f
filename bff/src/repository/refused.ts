/** What could not be asked, or done, with a person's grant, as the problem that the page has words for. Pure. */
import type { ProblemCode } from '../problem.ts';
import type { AdminProof, GrantRefusal } from './grant.ts';

type Refused = GrantRefusal | Exclude<AdminProof, { kind: 'admin' }>;

/** Refusals about one repository. */
export function problemOfRefusal({ kind }: Pick<Refused, 'kind'>): ProblemCode {
  switch (kind) {
    case 'no-grant':
      return 'grant-needed';
    case 'scope-missing':
      return 'scope-missing';
    case 'not-admin':
      return 'no-admin-right';
    // Providers answer alike for what is not there and what these eyes may not see.
    case 'not-found':
    case 'forbidden':
    case 'rejected':
      return 'repository-not-visible';
    case 'doubtful':
    case 'fault':
      return 'provider-fault';
  }
}
