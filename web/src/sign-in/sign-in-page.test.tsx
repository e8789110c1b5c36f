import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, networkLoss, problem } from '../../test/bff.ts';
import { apiTokens, noor, provider, stranger } from '../../test/data.ts';
import { openPage, watchLeaving } from '../../test/page.tsx';

const LOG_IN = 'POST /api/sign-in/bitbucket';
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
const labels = () => screen.queryAllByRole('button').map(({ textContent }) => textContent);

describe('the ways in', () => {
  test.each(['/login', '/signup'])(
    '%s has one button for each provider that is set up, and no other',
    (page) => {
      openPage(page, {
        '/api/session': stranger({ providers: [provider('bitbucket'), provider('gitlab')] }),
      });
      expect(labels()).toEqual(['Log in with Bitbucket', 'Log in with GitLab']);
      // They came with the HTML.
      expect(asked).toEqual([]);
    },
  );

  test('Bitbucket alone carries the beta badge and its notice', () => {
    openPage('/login', { '/api/session': stranger({ supportUrl: 'https://help.test' }) });
    const [bitbucket, ...others] = screen.getAllByRole('listitem');
    expect(bitbucket && within(bitbucket).getByText('Beta')).toBeDefined();
    expect(bitbucket?.textContent).toContain('Bitbucket support is in beta');
    expect(bitbucket && within(bitbucket).getByRole('link').getAttribute('href')).toBe('https://help.test');
    expect(others.map(({ textContent }) => textContent)).toEqual([
      'Log in with GitHub',
      'Log in with GitLab',
    ]);
  });

  test('without a support address the beta notice leads nowhere', () => {
    openPage('/login', { '/api/session': stranger({ providers: [provider('bitbucket')] }) });
    expect(within(screen.getByRole('listitem')).queryByRole('link')).toBeNull();
  });

  test('when no provider is set up the page says what the operator has to do', () => {
    openPage('/signup', { '/api/session': stranger({ providers: [] }) });
    expect(screen.getByText('No provider is set up yet.')).toBeDefined();
    expect(screen.getByRole('main').textContent).toContain('BITBUCKET_CLIENT_ID and BITBUCKET_CLIENT_SECRET');
    expect(labels()).toEqual([]);
  });

  test('each page is named for what it is and leads to the other, where the focus follows', async () => {
    openPage('/login', { '/api/session': stranger() });
    expect(screen.getByRole('heading', { level: 1, name: 'Log in' })).toBeDefined();
    expect(document.title).toBe('Log in · Semaphore');
    await userEvent.click(screen.getByRole('link', { name: 'Sign up' }));
    const heading = screen.getByRole('heading', { level: 1, name: 'Sign up' });
    expect(document.title).toBe('Sign up · Semaphore');
    expect(document.activeElement === heading).toBe(true);
    await userEvent.click(within(screen.getByRole('main')).getByRole('link', { name: 'Log in' }));
    expect(screen.getByRole('heading', { level: 1, name: 'Log in' })).toBeDefined();
  });
});

describe('setting out', () => {
  test.each([
    ['/login', { page: 'log-in' }],
    ['/signup', { page: 'sign-up' }],
    ['/login?return-to=%2Forganizations%2Facme', { page: 'log-in', returnTo: '/organizations/acme' }],
  ])('%s leads to the provider and says where the walk began', async (address, body) => {
    const { assign } = watchLeaving();
    answer(LOG_IN, { location: 'https://bitbucket.test/authorize?state=1' });
    openPage(address, { '/api/session': stranger() });
    await userEvent.click(button('Log in with Bitbucket'));
    await waitFor(() => expect(assign.mock.calls).toEqual([['https://bitbucket.test/authorize?state=1']]));
    expect(asked.map(({ address, body }) => ({ address, body }))).toEqual([{ address: LOG_IN, body }]);
    expect(asked[0]?.headers.get('x-requested-with')).toBe('semaphore');
  });

  test('a double click starts one walk, and no other can be started meanwhile', async () => {
    const { assign } = watchLeaving();
    answer(LOG_IN, { location: 'https://bitbucket.test/authorize' });
    openPage('/login', { '/api/session': stranger() });
    // Without a pause between the two presses: the second comes before anything could have been answered.
    await userEvent.setup({ delay: null }).dblClick(button('Log in with Bitbucket'));
    await waitFor(() => expect(assign).toHaveBeenCalled());
    expect(asked.length).toBe(1);
    expect(button('Log in with Bitbucket').getAttribute('aria-busy')).toBe('true');
    const inert = (each: HTMLElement) => each.getAttribute('aria-disabled') === 'true';
    expect(screen.getAllByRole('button').every(inert)).toBe(true);
  });

  test.each([
    [
      'not ready',
      () => problem('not-ready', 503),
      'Semaphore cannot answer just now. Try again in a moment.',
    ],
    ['no network', networkLoss, 'Check your network connection'],
    ['a provider that is gone', () => problem('provider-not-configured', 404), 'Ask the person who runs'],
  ])('%s: the page says so, and the buttons can be pressed again', async (_, fails, words) => {
    const { assign } = watchLeaving();
    answer(LOG_IN, fails);
    openPage('/login', { '/api/session': stranger() });
    await userEvent.click(button('Log in with Bitbucket'));
    expect((await screen.findByRole('alert')).textContent).toContain(words);
    expect(button('Log in with Bitbucket').getAttribute('aria-disabled')).toBe(null);
    expect(assign).not.toHaveBeenCalled();
  });
});

describe('someone who is logged in', () => {
  test.each(['/login', '/signup'])('is sent on from %s to the account', async (page) => {
    answer('GET /api/account', {
      screenName: 'Noor Haddad',
      email: 'noor@example.com',
      avatarUrl: null,
      connections: [],
      waiting: null,
    });
    answer('GET /api/api-tokens', apiTokens());
    openPage(page, { '/api/session': noor() });
    expect(await screen.findByRole('heading', { level: 1, name: 'Noor Haddad' })).toBeDefined();
    expect(window.location.pathname).toBe('/account');
  });
});
