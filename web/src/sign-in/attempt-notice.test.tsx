import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { SignInProblem } from 'bff';
import { describe, expect, test } from 'vitest';
import { type Address, answer, asked, networkLoss, problem } from '../../test/bff.ts';
import { ATTEMPT, attempt, noor, SIGN_IN_PROBLEMS, stranger } from '../../test/data.ts';
import { openPage, watchLeaving } from '../../test/page.tsx';
import { explainSignIn } from './words.ts';

const ADDRESS: Address = `GET /api/sign-in-attempts/${ATTEMPT}`;
const UNKNOWN = 'You came back without an answer that this browser can use.';

function comeBack(what: SignInProblem | null, session = stranger(), page = '/login'): void {
  openPage(`${page}?attempt=${ATTEMPT}`, {
    '/api/session': session,
    [`/api/sign-in-attempts/${ATTEMPT}`]: attempt(what),
  });
}

describe('coming back from a provider with nothing', () => {
  test.each(Object.values(SIGN_IN_PROBLEMS))(
    '$code is announced with what happened and what to do',
    (what) => {
      comeBack(what);
      const alert = screen.getByRole('alert');
      const words = explainSignIn(what, 'Bitbucket');
      expect(alert.textContent).toContain(words.what);
      expect(alert.textContent).toContain(words.next);
      // The ways in are still there, below it.
      expect(screen.getByRole('button', { name: 'Log in with Bitbucket' })).toBeDefined();
      expect(asked).toEqual([]);
    },
  );

  test('stands on the sign-up page as well, when the walk began there', () => {
    comeBack(SIGN_IN_PROBLEMS['consent-denied'], stranger(), '/signup');
    expect(screen.getByRole('heading', { level: 1, name: 'Sign up' })).toBeDefined();
    expect(screen.getByRole('alert')).toBeDefined();
  });

  test("leads to the provider's list of authorized apps, and to support where there is one", () => {
    comeBack(SIGN_IN_PROBLEMS['provider-refused'], stranger({ supportUrl: 'https://help.test' }));
    const links = within(screen.getByRole('alert')).getAllByRole('link');
    expect(links.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
      ['Bitbucket’s list of authorized apps', 'https://bitbucket.test/authorized-apps'],
      ['Contact support', 'https://help.test'],
    ]);
    // What opens beside the page must not be able to steer it.
    expect(links.every((link) => link.getAttribute('rel')?.includes('noopener'))).toBe(true);
  });

  test('without a support address it names whom to tell', () => {
    comeBack(SIGN_IN_PROBLEMS['provider-refused']);
    const alert = screen.getByRole('alert');
    expect(within(alert).queryByRole('link', { name: 'Contact support' })).toBeNull();
    expect(alert.textContent).toContain('Tell the person who runs this service');
  });

  test('a walk that came to nothing bad says nothing', () => {
    comeBack(null);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('someone who is logged in reads it before going on', () => {
    comeBack(SIGN_IN_PROBLEMS['attempt-replayed'], noor());
    expect(window.location.pathname).toBe('/login');
    expect(screen.getByRole('alert').textContent).toContain('This answer was used before.');
  });
});

describe('an address that a profile has already', () => {
  const taken = SIGN_IN_PROBLEMS['email-taken'];

  test('both ways on are offered: log in there, or use another account', () => {
    comeBack(taken);
    const ways = within(screen.getByRole('alert')).getAllByRole('listitem');
    expect(ways.length).toBe(2);
    expect(ways[0]?.textContent).toContain('log in with GitHub in this browser');
    expect(ways[0]?.textContent).toContain('offers to connect @noorh');
    expect(ways[1]?.textContent).toContain('use another Bitbucket account');
  });

  test('logging in there leads to the account page, where the connection waits', async () => {
    const { assign } = watchLeaving();
    answer('POST /api/sign-in/github', { location: 'https://github.test/authorize' });
    comeBack(taken);
    await userEvent.click(screen.getByRole('button', { name: 'Log in with GitHub' }));
    await waitFor(() => expect(assign).toHaveBeenCalledWith('https://github.test/authorize'));
    expect(asked[0]?.body).toEqual({ page: 'log-in', returnTo: '/account' });
  });

  test('a profile whose providers are all gone from here is told of in words', () => {
    comeBack({ ...taken, existingProviders: [] });
    expect(screen.getByRole('alert').textContent).toContain('log in with the account you signed up with');
  });
});

describe('an attempt that is not known', () => {
  test('is called so, without asking, when the callback could not tell whose it was', () => {
    openPage('/login?attempt=unknown', { '/api/session': stranger() });
    expect(screen.getByRole('alert').textContent).toContain(UNKNOWN);
    expect(asked).toEqual([]);
  });

  test('is called so when the service does not know it in this browser', async () => {
    answer(ADDRESS, () => problem('not-found', 404));
    openPage(`/login?attempt=${ATTEMPT}`, { '/api/session': stranger() });
    expect((await screen.findByRole('alert')).textContent).toContain(UNKNOWN);
    expect(asked.length).toBe(1);
  });

  test.each([
    ['the network is gone', networkLoss, 'Check your network connection'],
    ['the service is not ready', () => problem('not-ready', 503), 'Semaphore cannot answer just now.'],
  ])('is not called so when %s: that proves nothing', async (_, fails, words) => {
    answer(ADDRESS, fails);
    openPage(`/login?attempt=${ATTEMPT}`, { '/api/session': stranger() });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain(words);
    expect(alert.textContent).not.toContain(UNKNOWN);
  });
});
