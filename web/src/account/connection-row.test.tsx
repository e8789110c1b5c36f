import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ConnectionView } from 'bff';
import { describe, expect, test, vi } from 'vitest';
import { type Address, answer, asked, countOf, holdBack, networkLoss, problem } from '../../test/bff.ts';
import {
  account,
  apiTokens,
  connected,
  neverConnected,
  noor,
  notConnected,
  unconfirmed,
} from '../../test/data.ts';
import { openPage, watchLeaving } from '../../test/page.tsx';

const LOOK = 'POST /api/connections/bitbucket/check';

/** The account page with these connections; a look finds them as they are stored, unless the test says otherwise. */
function openAccount(...connections: ConnectionView[]): void {
  for (const connection of connections) {
    const address: Address = `POST /api/connections/${connection.provider}/check`;
    if (connection.state !== 'not-connected') answer(address, connection);
  }
  openAccountAsItIs(...connections);
}

function openAccountAsItIs(...connections: ConnectionView[]): void {
  openPage('/account', {
    '/api/session': noor(),
    '/api/api-tokens': apiTokens(),
    '/api/account': account({ connections }),
  });
}

function row(name = 'Bitbucket'): HTMLElement {
  const region = screen.getByRole('region', { name: 'Repository settings' });
  return within(region).getByRole('group', { name });
}

/** Once nothing is under way in the row. */
async function settledRow(name = 'Bitbucket'): Promise<HTMLElement> {
  await waitFor(() => expect(asked.length).toBeGreaterThan(0));
  await waitFor(() => expect(row(name).getAttribute('aria-busy')).toBeNull());
  return row(name);
}

const buttonsOf = (element: HTMLElement) =>
  within(element)
    .queryAllByRole('button')
    .map(({ textContent }) => textContent);
const shapeOf = (element: HTMLElement) => element.querySelector('svg')?.innerHTML;

describe('what a row says', () => {
  const STATES: [what: string, connection: ConnectionView, word: string, buttons: string[]][] = [
    ['connected', connected(), 'Connected', ['Disconnect']],
    [
      'connected as the last way in',
      connected({ lastWayIn: true }),
      'Connected',
      // The way is there; the dialog behind it says why not.
      ['Disconnect'],
    ],
    [
      'connected with too few permissions',
      connected({ granted: 'insufficient', missingScopes: ['webhook'] }),
      'Connected',
      ['Grant access', 'Disconnect'],
    ],
    [
      'not confirmed',
      unconfirmed('provider-error'),
      'Connected, not confirmed just now',
      ['Check again', 'Disconnect'],
    ],
    [
      'in doubt',
      unconfirmed('grant-doubtful'),
      'Connected, not confirmed just now',
      ['Check again', 'Grant access', 'Disconnect'],
    ],
    ['revoked', notConnected('revoked'), 'Not Connected', ['Grant access', 'Disconnect']],
    ['never connected', neverConnected(), 'Not Connected', ['Grant access']],
  ];

  test.each(STATES)('%s: its own word and exactly its own ways on', async (_, connection, word, buttons) => {
    openAccount(connection);
    const found = connection.state === 'not-connected' ? row() : await settledRow();
    expect(within(found).getByText(word)).toBeDefined();
    expect(buttonsOf(found)).toEqual(buttons);
  });

  test('each state has a shape of its own beside its word, so that no state is told by colour alone', () => {
    openAccount(
      connected(),
      unconfirmed('provider-timeout', { provider: 'github', name: 'GitHub' }),
      neverConnected({ provider: 'gitlab', name: 'GitLab' }),
    );
    const shapes = ['Bitbucket', 'GitHub', 'GitLab'].map((name) => shapeOf(row(name)));
    expect(shapes.every(Boolean)).toBe(true);
    expect(new Set(shapes).size).toBe(3);
  });

  test('connected: who, since when, when last confirmed, and what was granted', async () => {
    openAccount(connected());
    const found = await settledRow();
    const profile = within(found).getByRole('link', { name: '@noorh' });
    expect(profile.getAttribute('href')).toBe('https://bitbucket.test/noorh');
    expect(found.textContent).toContain('Since 3 May 2026');
    expect(found.textContent).toMatch(/Last confirmed .*(now|ago)/);
    expect(found.textContent).toContain('private and public repositories can be connected');
  });

  test('a profile-only grant promises no repositories', async () => {
    openAccount(connected({ granted: 'profile-only' }));
    const found = await settledRow();
    expect(found.textContent).toContain('for logging in');
    expect(found.textContent).not.toContain('repositories can be connected');
  });

  test('an insufficient grant names what is missing and who can add it', async () => {
    openAccount(connected({ granted: 'insufficient', missingScopes: ['webhook', 'repository:admin'] }));
    const found = await settledRow();
    expect(found.textContent).toContain('lacks webhook, repository:admin');
    expect(found.textContent).toContain('Have the person who runs this service add it');
  });

  test.each([
    ['revoked', 'Access was revoked at Bitbucket. Seen 20 November 2026 at 10:00:00 UTC.'],
    ['expired', 'Access expired after three months without use. Seen 20 November 2026 at 10:00:00 UTC.'],
    [
      'unusable',
      'Bitbucket no longer accepts the access that was granted. Seen 20 November 2026 at 10:00:00 UTC.',
    ],
  ] as const)(
    '%s: the reason, when it was seen, and that access has to be granted again',
    (code, sentence) => {
      openAccount(notConnected(code));
      expect(row().textContent).toContain(sentence);
      expect(row().textContent).toContain('Access has to be granted again at the next log-in');
      const list = within(row()).getByRole('link', { name: 'Bitbucket’s list of authorized apps' });
      expect(list.getAttribute('href')).toBe('https://bitbucket.test/authorized-apps');
    },
  );

  test('never connected: says so without speaking of "again"', () => {
    openAccount(neverConnected());
    expect(row().textContent).toContain('No account at Bitbucket is connected.');
    expect(row().textContent).not.toContain('again');
    expect(row().textContent).toContain('You can revoke it at any time');
  });

  test.each([
    ['provider-timeout', 'Bitbucket did not answer in time.'],
    ['provider-unreachable', 'Bitbucket could not be reached.'],
    ['provider-rate-limited', 'Bitbucket is limiting our requests just now.'],
    ['provider-error', 'Bitbucket has a fault of its own just now.'],
    ['provider-unexpected', 'Bitbucket gave an answer that cannot be used.'],
    ['refresh-under-way', 'The access is being renewed just now.'],
    ['grant-doubtful', 'Bitbucket refuses to renew the access.'],
    ['scope-missing', 'Bitbucket says that the access covers too little to be checked.'],
  ] as const)('%s: the cause is named, the last known state stays with its age', async (code, sentence) => {
    const anHourAgo = new Date(Date.now() - 3_660_000).toISOString();
    openAccount(unconfirmed(code, { confirmedAt: anHourAgo }));
    const found = await settledRow();
    expect(found.textContent).toContain(sentence);
    expect(found.textContent).toContain('The last known state stays.');
    expect(found.textContent).toContain('Last confirmed 1 hour ago');
    expect(found.textContent).not.toContain('revoked at');
  });

  test('a rate limit says when it will be asked again', async () => {
    const retryAt = '2026-11-20T10:05:00.000Z';
    openAccount(
      unconfirmed('provider-rate-limited', { fault: { code: 'provider-rate-limited', at: null, retryAt } }),
    );
    expect((await settledRow()).textContent).toContain('We ask again after 20 November 2026 at 10:05:00 UTC');
  });

  test('one that was never confirmed says so', async () => {
    openAccount(unconfirmed('provider-timeout', { confirmedAt: null }));
    expect((await settledRow()).textContent).toContain('Never confirmed');
  });

  test('an address that is no web address does not become a link', async () => {
    openAccount(connected({ account: { nickname: 'noorh', url: 'javascript:alert(1)' } }));
    const found = await settledRow();
    expect(within(found).queryByRole('link', { name: '@noorh' })).toBeNull();
    expect(within(found).getByText('@noorh', { exact: false })).toBeDefined();
  });
});

describe('looking', () => {
  test('opening the page asks every provider that is or may be connected, once, and no other', async () => {
    openAccount(
      connected(),
      unconfirmed('provider-timeout', { provider: 'github', name: 'GitHub' }),
      neverConnected({ provider: 'gitlab', name: 'GitLab' }),
    );
    await settledRow('GitHub');
    await settledRow('Bitbucket');
    expect(asked.map(({ address }) => address).sort()).toEqual([
      'POST /api/connections/bitbucket/check',
      'POST /api/connections/github/check',
    ]);
    // Safety of every unsafe request: a foreign page cannot set this header.
    expect(asked.every(({ headers }) => headers.get('x-requested-with') === 'semaphore')).toBe(true);
  });

  test('while a look is under way the row is busy and shows what is stored', async () => {
    const come = holdBack(LOOK);
    openAccountAsItIs(connected());
    await waitFor(() => expect(row().getAttribute('aria-busy')).toBe('true'));
    expect(within(row()).getByText('Connected')).toBeDefined();
    expect(row().textContent).toContain('Asking Bitbucket…');
    come(connected());
    const found = await settledRow();
    expect(found.textContent).not.toContain('Asking Bitbucket…');
  });

  test('each row follows its own answer and does not wait for the others', async () => {
    const github = { provider: 'github', name: 'GitHub' } as const;
    const bitbucketAnswers = holdBack(LOOK);
    answer('POST /api/connections/github/check', notConnected('revoked', github));
    openAccountAsItIs(connected(), connected(github));
    await within(row('GitHub')).findByText('Not Connected');
    expect(row('Bitbucket').getAttribute('aria-busy')).toBe('true');
    bitbucketAnswers(unconfirmed('provider-error'));
    await within(row('Bitbucket')).findByText('Connected, not confirmed just now');
  });

  test('a revocation at the provider shows by itself, with the way back', async () => {
    answer(LOOK, notConnected('revoked'));
    openAccountAsItIs(connected());
    expect(await within(row()).findByText('Not Connected')).toBeDefined();
    expect(row().textContent).toContain('Access was revoked at Bitbucket.');
    expect(buttonsOf(row())).toContain('Grant access');
  });

  test.each([
    ['the network is gone', networkLoss, 'Check your network connection'],
    ['the service has a fault', () => problem('internal', 500), 'Something went wrong on our side.'],
    ['the service is not ready', () => problem('not-ready', 503), 'Semaphore cannot answer just now.'],
  ])('%s: the stored state stays, and the row says that nobody was asked', async (_, fails, words) => {
    answer(LOOK, fails);
    openAccountAsItIs(connected());
    const alert = await within(row()).findByRole('alert');
    expect(alert.textContent).toContain('Bitbucket was not asked.');
    expect(alert.textContent).toContain(words);
    expect(within(row()).getByText('Connected')).toBeDefined();
    expect(row().getAttribute('aria-busy')).toBeNull();

    answer(LOOK, connected());
    await userEvent.click(within(row()).getByRole('button', { name: 'Check again' }));
    await waitFor(() => expect(within(row()).queryByRole('alert')).toBeNull());
  });

  test('"Check again" asks again and puts the answer into the row', async () => {
    openAccount(unconfirmed('provider-timeout'));
    await settledRow();
    answer(LOOK, connected());
    await userEvent.click(within(row()).getByRole('button', { name: 'Check again' }));
    expect(await within(row()).findByText('Connected')).toBeDefined();
    expect(within(row()).queryByRole('button', { name: 'Check again' })).toBeNull();
  });

  test('a person who comes back after five seconds sees a new look; flicking between tabs asks nobody', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-20T10:00:00Z') });
    openAccount(connected());
    await settledRow();
    expect(countOf(LOOK)).toBe(1);

    vi.setSystemTime(new Date('2026-11-20T10:00:04.900Z'));
    fireEvent.focus(window);
    expect(row().getAttribute('aria-busy')).toBeNull();

    answer(LOOK, notConnected('revoked'));
    vi.setSystemTime(new Date('2026-11-20T10:00:05.100Z'));
    fireEvent.focus(window);
    expect(await within(row()).findByText('Not Connected')).toBeDefined();
    expect(countOf(LOOK)).toBe(2);
  });

  test('what is not connected is not asked on coming back either', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-20T10:00:00Z') });
    const github = { provider: 'github', name: 'GitHub' } as const;
    openAccount(notConnected('revoked'), connected(github));
    await settledRow('GitHub');
    vi.setSystemTime(new Date('2026-11-20T10:01:00Z'));
    fireEvent.focus(window);
    await waitFor(() => expect(countOf('POST /api/connections/github/check')).toBe(2));
    await settledRow('GitHub');
    expect(countOf(LOOK)).toBe(0);
  });
});

describe('"Grant access"', () => {
  const GRANT = 'POST /api/connections/bitbucket/grant';

  test('leads to the provider', async () => {
    const { assign } = watchLeaving();
    answer(GRANT, { location: 'https://bitbucket.test/authorize?state=1' });
    openAccount(notConnected('revoked'));
    await userEvent.click(within(row()).getByRole('button', { name: 'Grant access' }));
    await waitFor(() => expect(assign).toHaveBeenCalledWith('https://bitbucket.test/authorize?state=1'));
    // The browser is leaving: a second press would start a second walk.
    expect(
      within(row())
        .getByRole<HTMLButtonElement>('button', { name: 'Grant access' })
        .getAttribute('aria-disabled'),
    ).toBe('true');
  });

  test('a failure is said in the row, and the button can be pressed again', async () => {
    answer(GRANT, () => problem('not-ready', 503));
    openAccount(notConnected('revoked'));
    await userEvent.click(within(row()).getByRole('button', { name: 'Grant access' }));
    expect((await within(row()).findByRole('alert')).textContent).toContain(
      'Semaphore cannot answer just now.',
    );
    expect(
      within(row())
        .getByRole<HTMLButtonElement>('button', { name: 'Grant access' })
        .getAttribute('aria-disabled'),
    ).toBe(null);
  });
});
