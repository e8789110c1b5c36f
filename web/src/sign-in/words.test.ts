import { describe, expect, test } from 'vitest';
import { SIGN_IN_PROBLEMS } from '../../test/data.ts';
import { explainSignIn } from './words.ts';

const all = Object.values(SIGN_IN_PROBLEMS);
/** What went wrong lies with us or with the browser; the provider has no part in it. */
const WITHOUT_PROVIDER = ['attempt-expired', 'attempt-replayed', 'session-changed'];

describe('why a walk to a provider came to nothing', () => {
  test.each(all)('$code: a sentence on what happened, and one on what to do', (problem) => {
    const { what, next } = explainSignIn(problem, 'Bitbucket');
    expect(what).toMatch(/^[A-Z@].*\.$/);
    expect(next).toMatch(/^[A-Z].*\.$/);
    expect(next).not.toBe(what);
  });

  test.each(all.filter(({ code }) => !WITHOUT_PROVIDER.includes(code)))(
    '$code names the provider',
    (problem) => {
      const { what, next } = explainSignIn(problem, 'GitLab');
      expect(`${what} ${next}`).toContain('GitLab');
      expect(`${what} ${next}`).not.toContain('Bitbucket');
    },
  );

  test.each(all)('$code says that nothing was changed, created or linked', (problem) => {
    expect(explainSignIn(problem, 'Bitbucket').next).toMatch(/^Nothing was (changed|created)/);
  });

  test.each(all.filter((problem) => 'nickname' in problem))('$code names the account', (problem) => {
    expect(explainSignIn(problem, 'Bitbucket').what).toContain(`@${problem.nickname}`);
  });

  test('an address that is taken names the address and the providers that lead into its profile', () => {
    const taken = SIGN_IN_PROBLEMS['email-taken'];
    expect(explainSignIn(taken, 'Bitbucket').what).toContain('noor@example.com');
    const both = [
      { id: 'github', name: 'GitHub' },
      { id: 'gitlab', name: 'GitLab' },
    ] as const;
    expect(explainSignIn({ ...taken, existingProviders: [...both] }, 'Bitbucket').what).toContain(
      'that logs in with GitHub or GitLab.',
    );
    // A profile may have lost every provider that this installation knows.
    expect(explainSignIn({ ...taken, existingProviders: [] }, 'Bitbucket').what).not.toContain(
      'logs in with',
    );
  });

  test('a scope that is missing is named, for the operator', () => {
    expect(explainSignIn(SIGN_IN_PROBLEMS['scope-missing'], 'Bitbucket').what).toContain('missing: email');
  });

  test('coming back as another account names both', () => {
    const { what } = explainSignIn(SIGN_IN_PROBLEMS['different-account'], 'Bitbucket');
    expect(what).toBe('You were @noorh, you came back as @noor-second.');
  });
});
