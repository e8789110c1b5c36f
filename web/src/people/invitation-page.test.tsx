import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, holdBack, problem } from '../../test/bff.ts';
import { noor, type Session, stranger } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const LOOK = 'GET /api/invitations/abc';
const ACCEPT = 'POST /api/invitations/abc/accept';
const offered = {
  state: 'open',
  organization: 'Acme Rockets',
  role: 'admin',
  invitedBy: 'Tom',
  expiresAt: '2026-12-01T08:15:00.000Z',
};

async function open(invitation: object | null = offered, session: Session = noor()): Promise<void> {
  openPage('/invitations/abc', {
    '/api/session': session,
    ...(invitation ? { '/api/invitations/abc': invitation } : {}),
  });
  await screen.findByRole('heading', { level: 1 });
}
const joinButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Join Acme Rockets' });

describe('an invitation', () => {
  test('says who invites to what, as what and until when, and accepts nothing by itself', async () => {
    await open();
    const text = screen.getByRole('main').textContent;
    expect(text).toContain('Tom invites you to join Acme Rockets as an admin.');
    expect(text).toContain('1 December 2026');
    expect(text).toContain('You join as Noor Haddad.');
    expect(asked).toEqual([]);
  });

  test('leads who is not logged in to log in or sign up, and back', async () => {
    await open(offered, stranger());
    expect(screen.queryByRole('button', { name: /Join/ })).toBeNull();
    const way = (name: string) => screen.getByRole('link', { name }).getAttribute('href');
    expect(way('log in')).toBe('/login?return-to=%2Finvitations%2Fabc');
    expect(way('sign up')).toBe('/signup?return-to=%2Finvitations%2Fabc');
  });

  test('the way back is kept between logging in and signing up', async () => {
    await open(offered, stranger());
    await userEvent.click(screen.getByRole('link', { name: 'log in' }));
    const other = await screen.findByRole('link', { name: 'Sign up' });
    expect(other.getAttribute('href')).toBe('/signup?return-to=%2Finvitations%2Fabc');
  });

  test('that is accepted leads to the organization; two presses join once', async () => {
    const come = holdBack(ACCEPT);
    answer(
      'GET /api/session',
      noor({ organizations: [{ slug: 'acme', name: 'Acme Rockets', role: 'admin' }] }),
    );
    answer('GET /api/organizations/acme/projects', { projects: [], canCreate: false });
    answer('GET /api/organizations/acme', {
      slug: 'acme',
      name: 'Acme Rockets',
      role: 'admin',
      createdAt: '2026-05-03T08:15:00.000Z',
    });
    await open();
    await userEvent.setup({ delay: null }).dblClick(joinButton());
    await waitFor(() => expect(joinButton().getAttribute('aria-disabled')).toBe('true'));
    come({ slug: 'acme' });
    expect(await screen.findByRole('heading', { level: 1, name: 'Acme Rockets' })).toBeDefined();
    expect(countOf(ACCEPT)).toBe(1);
  });

  test('that ended while the page was open says how', async () => {
    answer(ACCEPT, () => problem('invitation-ended', 409));
    answer(LOOK, { state: 'revoked' });
    await open();
    await userEvent.click(joinButton());
    expect(
      await screen.findByRole('heading', { level: 1, name: 'This invitation was revoked' }),
    ).toBeDefined();
  });

  test.each([
    ['expired', 'This invitation has expired'],
    ['revoked', 'This invitation was revoked'],
    ['used', 'This invitation was used'],
  ])('that is %s says so and offers nothing', async (state, heading) => {
    await open({ state });
    expect(screen.getByRole('heading', { level: 1, name: heading })).toBeDefined();
    expect(screen.getByRole('main').querySelector('button')).toBeNull();
  });

  test('that there is not says so', async () => {
    answer(LOOK, () => problem('not-found', 404));
    await open(null);
    expect(
      await screen.findByRole('heading', { level: 1, name: 'There is no such invitation' }),
    ).toBeDefined();
  });

  test('leads who belongs there already to the organization', async () => {
    await open({ state: 'member', organization: 'Acme Rockets', slug: 'acme' });
    expect(screen.getByRole('heading', { level: 1, name: 'You belong to Acme Rockets' })).toBeDefined();
    const way = screen.getByRole('link', { name: 'Acme Rockets' });
    expect(way.getAttribute('href')).toBe('/organizations/acme');
  });
});
