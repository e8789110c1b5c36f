import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, holdBack, networkLoss, problem } from '../test/bff.ts';
import { account, apiTokens, noor, stranger } from '../test/data.ts';
import { openPage, watchLeaving } from '../test/page.tsx';

const LOG_OUT = 'POST /api/log-out';
const header = () => within(screen.getByRole('banner'));
const logOut = () => header().getByRole<HTMLButtonElement>('button', { name: 'Log out' });

function openAccount(session = noor()): void {
  openPage('/account', {
    '/api/session': session,
    '/api/api-tokens': apiTokens(),
    '/api/account': account(),
  });
}

describe('what stands around every page', () => {
  test('someone who is not logged in sees the mark alone', () => {
    openPage('/login', { '/api/session': stranger() });
    expect(header().queryByRole('button')).toBeNull();
    expect(
      header()
        .getAllByRole('link')
        .map(({ textContent }) => textContent),
    ).toEqual(['Semaphore']);
  });

  test('the first stop of the keyboard skips to the content', async () => {
    openAccount();
    // As a browser has it after loading a page.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await userEvent.tab();
    const skip = screen.getByRole('link', { name: 'Skip to the content' });
    expect(document.activeElement === skip).toBe(true);
    const target = document.querySelector(skip.getAttribute('href') ?? '');
    expect(target === screen.getByRole('main')).toBe(true);
  });

  test("one's account and organizations are a click away", () => {
    const organizations = [
      { slug: 'acme', name: 'Acme Rockets', role: 'owner' },
      { slug: 'globex', name: 'Globex', role: 'member' },
    ] as const;
    openAccount(noor({ organizations: [...organizations] }));
    const links = within(screen.getByRole('navigation', { name: 'Organizations' })).getAllByRole('link');
    expect(links.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
      ['Acme Rockets', '/organizations/acme'],
      ['Globex', '/organizations/globex'],
    ]);
    const own = header().getByRole('link', { name: 'Noor Haddad, your account' });
    expect(own.getAttribute('href')).toBe('/account');
    expect(header().getByRole('link', { name: 'Semaphore' }).getAttribute('href')).toBe(
      '/organizations/acme',
    );
  });

  test('without an organization there is no list of them', () => {
    openAccount();
    expect(screen.queryByRole('navigation')).toBeNull();
  });

  test('the sandbox is marked, with the way to it, only where there is one', () => {
    openAccount(noor({ sandboxUrl: 'http://localhost:3001/' }));
    expect(header().getByRole('link', { name: 'Sandbox' }).getAttribute('href')).toBe(
      'http://localhost:3001/',
    );
  });

  test('a product that is connected to the real providers says nothing of a sandbox', () => {
    openAccount();
    expect(screen.queryByText(/sandbox/i)).toBeNull();
  });
});

describe('logging out', () => {
  test('says beforehand that it ends the sessions everywhere', () => {
    openAccount();
    expect(logOut().title).toBe('Ends your sessions on every device');
  });

  test('asks the service first, then starts afresh at the log-in page', async () => {
    const { assign } = watchLeaving();
    const come = holdBack(LOG_OUT);
    openAccount();
    await userEvent.click(logOut());
    await waitFor(() => expect(logOut().getAttribute('aria-disabled')).toBe('true'));
    expect(assign).not.toHaveBeenCalled();
    come({});
    await waitFor(() => expect(assign.mock.calls).toEqual([['/login']]));
    expect(asked.map(({ address }) => address)).toEqual([LOG_OUT]);
  });

  test('the log-in page that follows says so, once', async () => {
    sessionStorage.setItem('logged-out', 'yes');
    openPage('/login', { '/api/session': stranger() });
    expect(screen.getByRole('status').textContent).toBe('You are logged out, on every device.');
    expect(sessionStorage.getItem('logged-out')).toBeNull();
  });

  test.each([
    ['no network', networkLoss, 'Check your network connection'],
    ['a fault', () => problem('internal', 500), 'Something went wrong on our side.'],
  ])('%s: nobody is told that they are out while they are in', async (_, fails, words) => {
    const { assign } = watchLeaving();
    answer(LOG_OUT, fails);
    openAccount();
    await userEvent.click(logOut());
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('You are still logged in.');
    expect(alert.textContent).toContain(words);
    expect(assign).not.toHaveBeenCalled();
    expect(logOut().getAttribute('aria-disabled')).toBe(null);
  });
});
