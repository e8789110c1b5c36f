import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, networkLoss, problem } from '../test/bff.ts';
import { announceError } from '../test/console.ts';
import { noor } from '../test/data.ts';
import { openPage, watchLeaving } from '../test/page.tsx';
import { ErrorBoundary } from './error-boundary.tsx';

function Broken(): never {
  throw new TypeError('secret is undefined');
}

describe('a page that breaks', () => {
  test('says so in words, shows nothing of the inside, and offers a way on', async () => {
    const { reload } = watchLeaving();
    announceError(/secret is undefined/);
    render(
      <ErrorBoundary>
        <Broken />
      </ErrorBoundary>,
    );
    const page = screen.getByRole('alert');
    expect(page.textContent).toContain('This page could not be shown');
    expect(page.textContent).toContain('Something went wrong on our side.');
    expect(page.textContent).not.toContain('secret');
    await userEvent.click(screen.getByRole('button', { name: 'Load the page again' }));
    expect(reload).toHaveBeenCalledOnce();
  });

  test('a service that cannot answer is named as the cause', async () => {
    announceError(/not-ready/);
    answer('GET /api/session', () => problem('not-ready', 503));
    openPage('/account', {});
    expect((await screen.findByRole('alert')).textContent).toContain('Semaphore cannot answer just now.');
  });

  test('a session that ended leads to the log-in page without an error in between', async () => {
    const { assign } = watchLeaving();
    window.history.replaceState(null, '', '/account');
    announceError(/not-logged-in/);
    answer('GET /api/account', () => problem('not-logged-in', 401));
    openPage('/account', { '/api/session': noor() });
    await waitFor(() => expect(assign).toHaveBeenCalledWith('/login?return-to=%2Faccount'));
    await waitFor(() => expect(screen.queryByRole('banner')).toBeNull());
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('a network that is gone is asked twice more before that is said', async () => {
    announceError(/offline/);
    answer('GET /api/account', networkLoss);
    openPage('/account', { '/api/session': noor() });
    expect((await screen.findByRole('alert')).textContent).toContain('Check your network connection');
    expect(asked.map(({ address }) => address)).toEqual(Array(3).fill('GET /api/account'));
  });
});

test('a page that the service could not make says so at whatever address it stands, and offers another try', () => {
  openPage('/auth/bitbucket/callback', { fault: 'not-ready' });
  expect(screen.getByRole('alert').textContent).toContain('Semaphore cannot answer just now.');
  expect(screen.getByRole('button', { name: 'Load the page again' })).toBeDefined();
});
