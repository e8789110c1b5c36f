import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, holdBack, networkLoss, problem } from '../../test/bff.ts';
import {
  ATTEMPT,
  account,
  apiTokens,
  attempt,
  connected,
  neverConnected,
  noor,
  notConnected,
  SIGN_IN_PROBLEMS,
  waiting,
} from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

describe('the account page', () => {
  test('shows what is stored at once, before anything is asked', () => {
    openPage('/account', {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ connections: [notConnected('revoked')] }),
    });
    expect(screen.getByRole('heading', { level: 1, name: 'Noor Haddad' })).toBeDefined();
    expect(screen.getByText('noor@example.com')).toBeDefined();
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Screen name' }).value).toBe('Noor Haddad');
    expect(screen.getByText('Not Connected')).toBeDefined();
    expect(document.title).toBe('Noor Haddad · Semaphore');
    expect(asked).toEqual([]);
  });

  test('has one row for each provider, in the order that the service gives', () => {
    const connections = [
      neverConnected(),
      neverConnected({ provider: 'github', name: 'GitHub' }),
      neverConnected({ provider: 'gitlab', name: 'GitLab' }),
    ];
    openPage('/account', {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ connections }),
    });
    const region = screen.getByRole('region', { name: 'Repository settings' });
    const names = within(region)
      .getAllByRole('group')
      .map((row) => row.getAttribute('aria-label'));
    expect(names).toEqual(['Bitbucket', 'GitHub', 'GitLab']);
  });

  test('asks for the account when it did not come with the HTML, and shows the structure meanwhile', async () => {
    const come = holdBack('GET /api/account');
    answer('GET /api/api-tokens', apiTokens());
    openPage('/account', { '/api/session': noor() });
    expect((await screen.findByRole('status')).textContent).toContain('Loading the page');
    come(account());
    expect(await screen.findByRole('heading', { level: 1, name: 'Noor Haddad' })).toBeDefined();
    expect(screen.queryByText('Loading the page')).toBeNull();
    expect(await screen.findByText('You have no token yet.')).toBeDefined();
  });

  test('says what a walk for access came to, at the top', () => {
    openPage(`/account?attempt=${ATTEMPT}`, {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ connections: [neverConnected()] }),
      [`/api/sign-in-attempts/${ATTEMPT}`]: attempt(SIGN_IN_PROBLEMS['account-owned-by-another']),
    });
    expect(screen.getByRole('alert').textContent).toContain(
      '@noorh at Bitbucket is connected to another Semaphore profile.',
    );
  });

  test('shows initials when there is no picture, and when it does not load', () => {
    const avatarUrl = 'https://bitbucket.test/avatars/noorh.png';
    openPage('/account', {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ avatarUrl }),
    });
    const picture = document.querySelector<HTMLImageElement>('main img');
    expect(picture?.getAttribute('src')).toBe(avatarUrl);
    // Where a person logs in is nobody's business.
    expect(picture?.getAttribute('referrerpolicy')).toBe('no-referrer');
    if (picture) fireEvent.error(picture);
    expect(document.querySelector('main img')).toBeNull();
    expect(within(screen.getByRole('main')).getByText('NH')).toBeDefined();
  });
});

describe('the screen name', () => {
  const SAVE = 'PATCH /api/account';
  const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Screen name' });
  const save = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Save changes' });

  async function type(name: string): Promise<void> {
    openPage('/account', {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account(),
    });
    await userEvent.clear(field());
    if (name !== '') await userEvent.type(field(), name);
  }

  test('is saved as typed, announced, and stands in the heading and in the frame', async () => {
    await type('  Noor H. ');
    const profile = { id: '0b8f6f0e', screenName: 'Noor H.', email: 'noor@example.com', avatarUrl: null };
    answer('GET /api/session', noor({ profile }));
    answer(SAVE, account({ screenName: 'Noor H.' }));
    await userEvent.click(save());
    expect(await screen.findByRole('heading', { level: 1, name: 'Noor H.' })).toBeDefined();
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(screen.getByText('Saved.').closest('[role="status"]')).not.toBeNull();
    expect(asked[0]).toMatchObject({ address: SAVE, body: { screenName: '  Noor H. ' } });
    // The service's own reading of it, without the spaces around.
    expect(field().value).toBe('Noor H.');
    expect(await within(screen.getByRole('banner')).findByText('Noor H.')).toBeDefined();
  });

  test('a refused one stays in the field, with the reason tied to it', async () => {
    answer(SAVE, () => problem('invalid-screen-name', 422, 'Use at most 80 characters.'));
    await type('x'.repeat(81));
    await userEvent.click(save());
    const reason = await screen.findByRole('alert');
    expect(reason.textContent).toBe('Use at most 80 characters.');
    expect(field().value).toBe('x'.repeat(81));
    expect(field().getAttribute('aria-invalid')).toBe('true');
    expect(field().getAttribute('aria-describedby')).toBe(reason.id);
    expect(screen.queryByText('Saved.')).toBeNull();

    await userEvent.type(field(), '{Backspace}');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(field().getAttribute('aria-invalid')).toBeNull();
  });

  test('loses nothing when the network is gone', async () => {
    answer(SAVE, networkLoss);
    await type('Noor the Second');
    await userEvent.click(save());
    expect((await screen.findByRole('alert')).textContent).toContain('Check your network connection');
    expect(field().value).toBe('Noor the Second');
    expect(save().getAttribute('aria-disabled')).toBe(null);
  });

  test('cannot be sent twice while it is on its way', async () => {
    const come = holdBack(SAVE);
    answer('GET /api/session', noor());
    await type('Noor');
    await userEvent.dblClick(save());
    await waitFor(() => expect(save().getAttribute('aria-disabled')).toBe('true'));
    expect(save().getAttribute('aria-busy')).toBe('true');
    come(account({ screenName: 'Noor' }));
    await screen.findByText('Saved.');
    expect(asked.filter(({ address }) => address === SAVE).length).toBe(1);
  });
});

describe('an account that waits for a word', () => {
  const WAITING = `/api/waiting-connections/${waiting().id}` as const;
  const card = (name: string) => screen.findByRole('region', { name });

  function openWith(what: ReturnType<typeof waiting>, ...connections: ReturnType<typeof connected>[]): void {
    openPage('/account', {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ waiting: what, connections }),
    });
  }

  test('is named with where it came from, and belongs to nobody until the person says so', async () => {
    openWith(waiting(), neverConnected());
    const found = await card('Connect @noor-second at Bitbucket?');
    expect(found.textContent).toContain(
      'You came from Bitbucket as @noor-second, with the address noor@example.com.',
    );
    expect(asked).toEqual([]);
  });

  test('"Connect" connects it, says so, and shows the row connected', async () => {
    const now = connected({
      account: { nickname: 'noor-second', url: 'https://bitbucket.test/noor-second' },
    });
    answer(`POST ${WAITING}/confirm`, account({ connections: [now] }));
    answer('POST /api/connections/bitbucket/check', now);
    openWith(waiting(), neverConnected());
    await userEvent.click(await screen.findByRole('button', { name: 'Connect @noor-second' }));
    expect(await screen.findByText('@noor-second at Bitbucket is connected to your profile.')).toBeDefined();
    expect(screen.queryByRole('region', { name: /Connect @noor-second/ })).toBeNull();
    expect(screen.getByText('Connected')).toBeDefined();
    await waitFor(() => expect(asked.length).toBe(2));
  });

  test('"Discard" forgets it and says so', async () => {
    answer(`DELETE ${WAITING}`, account({ connections: [neverConnected()] }));
    openWith(waiting(), neverConnected());
    await userEvent.click(await screen.findByRole('button', { name: 'Discard' }));
    const said = await screen.findByText('@noor-second at Bitbucket was not connected.');
    expect(said.closest('[role="status"]')).not.toBeNull();
    expect(screen.getByText('Not Connected')).toBeDefined();
  });

  const other = waiting({ kind: 'different-account', previousNickname: 'noorh', email: null });

  test('a person who came back as someone else is told both names and may switch', async () => {
    const now = connected({
      account: { nickname: 'noor-second', url: 'https://bitbucket.test/noor-second' },
    });
    answer('POST /api/connections/bitbucket/check', connected());
    openWith(other, connected());
    const found = await card('Which account at Bitbucket?');
    expect(found.textContent).toMatch(/@noorh,.* you came back as @noor-second\./);
    await waitFor(() => expect(screen.getByRole('group').getAttribute('aria-busy')).toBeNull());
    answer(`POST ${WAITING}/confirm`, account({ connections: [now] }));
    await userEvent.click(within(found).getByRole('button', { name: 'Switch to @noor-second' }));
    expect(await screen.findByRole('link', { name: '@noor-second' })).toBeDefined();
    expect(screen.queryByRole('link', { name: '@noorh' })).toBeNull();
  });

  test('… or stay', async () => {
    answer('POST /api/connections/bitbucket/check', connected());
    answer(`DELETE ${WAITING}`, account({ connections: [connected()] }));
    openWith(other, connected());
    await userEvent.click(await screen.findByRole('button', { name: 'Stay with @noorh' }));
    expect(await screen.findByText('@noor-second at Bitbucket was not connected.')).toBeDefined();
    expect(screen.getByRole('link', { name: '@noorh' })).toBeDefined();
  });

  test('one that replaces a connection offers to switch, whatever brought it here', async () => {
    answer('POST /api/connections/bitbucket/check', connected());
    openWith(waiting({ previousNickname: 'noorh' }), connected());
    expect(await screen.findByRole('button', { name: 'Switch to @noor-second' })).toBeDefined();
    await waitFor(() => expect(asked.length).toBe(1));
  });

  test('the notice of the walk that brought it goes with it', async () => {
    const id = waiting().id;
    answer('POST /api/connections/bitbucket/check', connected());
    answer(`DELETE ${WAITING}`, account({ connections: [connected()] }));
    answer(`GET /api/sign-in-attempts/${id}`, attempt(null));
    openPage(`/account?attempt=${id}`, {
      '/api/session': noor(),
      '/api/api-tokens': apiTokens(),
      '/api/account': account({ waiting: other, connections: [connected()] }),
      [`/api/sign-in-attempts/${id}`]: attempt(SIGN_IN_PROBLEMS['different-account']),
    });
    expect(screen.getByRole('alert').textContent).toContain(
      'Choose below which account at Bitbucket to use.',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Stay with @noorh' }));
    expect(await screen.findByText('@noor-second at Bitbucket was not connected.')).toBeDefined();
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  test.each([
    ['waiting-gone', 404, 'This connection is no longer waiting. Use “Grant access” to start again.'],
    ['account-owned-by-another', 409, 'This account is connected to another Semaphore profile.'],
  ] as const)('%s is said where it happened', async (code, status, words) => {
    answer(`POST ${WAITING}/confirm`, () => problem(code, status));
    openWith(waiting(), neverConnected());
    const found = await card('Connect @noor-second at Bitbucket?');
    await userEvent.click(within(found).getByRole('button', { name: 'Connect @noor-second' }));
    expect((await within(found).findByRole('alert')).textContent).toContain(words);
  });

  test('while one word is on its way no other can be given', async () => {
    const come = holdBack(`POST ${WAITING}/confirm`);
    openWith(waiting(), neverConnected());
    const found = await card('Connect @noor-second at Bitbucket?');
    await userEvent.dblClick(within(found).getByRole('button', { name: 'Connect @noor-second' }));
    const buttons = within(found).getAllByRole<HTMLButtonElement>('button');
    await waitFor(() =>
      expect(buttons.map((each) => each.getAttribute('aria-disabled'))).toEqual(['true', 'true']),
    );
    come(account({ connections: [neverConnected()] }));
    await waitFor(() => expect(found.isConnected).toBe(false));
    expect(asked.length).toBe(1);
  });
});
