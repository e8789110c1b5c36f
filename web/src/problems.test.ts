import { describe, expect, test } from 'vitest';
import { type AnyProblemCode, Problem } from './api.ts';
import { explainFault, explainReason } from './connection-words.ts';
import { explain } from './problems.ts';

/** Every code; one that is missing does not compile. */
const CODES: Record<AnyProblemCode, true> = {
  offline: true,
  'not-logged-in': true,
  'not-found': true,
  'cross-site': true,
  'unsupported-media-type': true,
  'invalid-request': true,
  'too-large': true,
  'invalid-screen-name': true,
  'invalid-name': true,
  'invalid-slug': true,
  'slug-taken': true,
  'not-allowed': true,
  'last-owner': true,
  'invitation-ended': true,
  'too-many-tokens': true,
  'last-way-in': true,
  'waiting-gone': true,
  'account-owned-by-another': true,
  'provider-not-configured': true,
  'not-connected': true,
  'invalid-project-name': true,
  'project-name-taken': true,
  'invalid-pipeline-file': true,
  'invalid-branch-whitelist': true,
  'invalid-tag-whitelist': true,
  'invalid-repository-url': true,
  'repository-not-visible': true,
  'repository-changed': true,
  'no-admin-right': true,
  'grant-needed': true,
  'scope-missing': true,
  'operation-running': true,
  'idempotency-mismatch': true,
  'provider-fault': true,
  'not-ready': true,
  internal: true,
};

describe('words for a problem', () => {
  test.each(Object.keys(CODES) as AnyProblemCode[])('%s says what happened and then what to do', (code) => {
    expect(explain(new Problem(code))).toMatch(/^[A-Z“].*\. [A-Z].*\.$/);
  });

  test("the service's own sentence is the more exact one and stands alone", () => {
    expect(explain(new Problem('invalid-name', 'Use at most 80 characters.'))).toBe(
      'Use at most 80 characters.',
    );
  });

  test('an error that nobody foresaw shows nothing of its inside', () => {
    expect(explain(new TypeError('x is undefined at y.js'))).toBe(explain(new Problem('internal')));
    expect(explain(new Problem('teapot' as AnyProblemCode))).toBe(explain(new Problem('internal')));
    expect(explain(new Problem('toString' as AnyProblemCode))).toBe(explain(new Problem('internal')));
    expect(explain('a thrown word')).toBe(explain(new Problem('internal')));
  });
});

describe('words for a connection', () => {
  test.each([
    'provider-timeout',
    'provider-unreachable',
    'provider-rate-limited',
    'provider-error',
    'provider-unexpected',
    'grant-doubtful',
    'scope-missing',
  ] as const)('%s names the provider and proves no revocation', (code) => {
    expect(explainFault(code, 'GitHub')).toContain('GitHub');
    expect(explainFault(code, 'GitHub')).not.toMatch(/was revoked/);
  });

  test.each(['never-connected', 'revoked', 'expired', 'unusable'] as const)('%s is a sentence', (code) => {
    expect(explainReason(code, 'GitHub')).toMatch(/^[A-Z].*\.$/);
  });
});
