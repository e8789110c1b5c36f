import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ConnectionView } from 'bff';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, holdBack, networkLoss, problem } from '../../test/bff.ts';
import { account, apiTokens, connected, neverConnected, noor, notConnected } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const IMPACT = 'GET /api/connections/bitbucket/impact';
const DISCONNECT = 'DELETE /api/connections/bitbucket';
const nothing = { projects: [], lastWayIn: false };

/** Presses "Disconnect" in Bitbucket's row, once the look on opening is over. */
async function ask(connection: ConnectionView = connected()): Promise<HTMLElement> {
  answer('POST /api/connections/bitbucket/check', connection);
  openPage('/account', {
    '/api/session': noor(),
    '/api/api-tokens': apiTokens(),
    '/api/account': account({ connections: [connection] }),
  });
  const row = screen.getByRole('group', { name: 'Bitbucket' });
  if (connection.state !== 'not-connected') {
    await waitFor(() => expect(countOf('POST /api/connections/bitbucket/check')).toBe(1));
    await waitFor(() => expect(row.getAttribute('aria-busy')).toBeNull());
  }
  await userEvent.click(within(row).getByRole('button', { name: 'Disconnect' }));
  return await screen.findByRole('dialog');
}

const last = (dialog: HTMLElement) => within(dialog).getAllByRole<HTMLButtonElement>('button').at(-1);

describe('before a connection is taken away', () => {
  test('the dialog is named after the account, and its last button repeats the verb', async () => {
    answer(IMPACT, nothing);
    const dialog = await ask();
    expect(screen.getByRole('dialog', { name: 'Disconnect @noorh at Bitbucket?' })).toBe(dialog);
    expect(last(dialog)?.textContent).toBe('Disconnect');
    expect(await within(dialog).findByText('No project depends on this connection.')).toBeDefined();
    expect(dialog.textContent).toContain('you can no longer log in with this account');
  });

  test('the projects that depend on it are listed, with who could take each over', async () => {
    answer(IMPACT, {
      projects: [
        {
          name: 'api',
          organization: 'acme',
          url: '/organizations/acme/projects/api',
          successors: [{ screenName: 'Ines' }, { screenName: 'Tom' }],
        },
        { name: 'site', organization: 'acme', url: '/organizations/acme/projects/site', successors: [] },
      ],
      lastWayIn: false,
    });
    const dialog = await ask();
    const items = await within(dialog).findAllByRole('listitem');
    expect(items.map(({ textContent }) => textContent)).toEqual([
      'acme/api: Ines, Tom could take over',
      'acme/site: nobody else could take over',
    ]);
    expect(dialog.textContent).not.toContain('No project depends');
  });

  test('nothing can be decided before what depends on it is known', async () => {
    const come = holdBack(IMPACT);
    const dialog = await ask();
    expect(last(dialog)?.getAttribute('aria-disabled')).toBe('true');
    come(nothing);
    await waitFor(() => expect(last(dialog)?.getAttribute('aria-disabled')).toBe(null));
  });

  test('when it cannot be found out, that is said, and nothing can be taken away', async () => {
    answer(IMPACT, () => problem('not-ready', 503));
    const dialog = await ask();
    expect((await within(dialog).findByRole('alert')).textContent).toContain(
      'What depends on this connection could not be found out. Semaphore cannot answer just now.',
    );
    expect(last(dialog)?.getAttribute('aria-disabled')).toBe('true');
  });

  test.each([
    ['known from the account', connected({ lastWayIn: true }), { projects: [], lastWayIn: true }],
    ['known only since the dialog asked', connected(), { projects: [], lastWayIn: true }],
  ])('the last way in stays, and no button pretends otherwise: %s', async (_, connection, impact) => {
    answer(IMPACT, impact);
    await ask(connection);
    const dialog = await screen.findByRole('dialog', { name: 'Bitbucket cannot be disconnected' });
    expect(within(dialog).queryByRole('button', { name: 'Disconnect' })).toBeNull();
    expect(dialog.textContent).toContain('Connect another provider first.');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('answering the dialog', () => {
  test.each([
    [
      'Cancel',
      (dialog: HTMLElement) => userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' })),
    ],
    // What a browser makes of the Escape key.
    ['Escape', (dialog: HTMLElement) => fireEvent(dialog, new Event('cancel', { cancelable: true }))],
    ['a click beside it', (dialog: HTMLElement) => userEvent.click(dialog)],
  ])('%s closes it, changes nothing, and gives the focus back', async (_, close) => {
    answer(IMPACT, nothing);
    const dialog = await ask();
    await within(dialog).findByText('No project depends on this connection.');
    expect(dialog.contains(document.activeElement)).toBe(true);
    await close(dialog);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(countOf(DISCONNECT)).toBe(0);
    const row = screen.getByRole('group', { name: 'Bitbucket' });
    expect(document.activeElement).toBe(within(row).getByRole('button', { name: 'Disconnect' }));
  });

  test('a click inside it does not close it', async () => {
    answer(IMPACT, nothing);
    const dialog = await ask();
    await userEvent.click(await within(dialog).findByText('No project depends on this connection.'));
    expect(screen.getByRole('dialog')).toBe(dialog);
  });

  test('"Disconnect" takes it away, says so, and the row follows', async () => {
    const gone = neverConnected();
    answer(IMPACT, nothing);
    const dialog = await ask();
    answer(DISCONNECT, gone);
    answer('GET /api/account', account({ connections: [gone] }));
    await waitFor(() => expect(last(dialog)?.getAttribute('aria-disabled')).toBe(null));
    await userEvent.dblClick(within(dialog).getByRole('button', { name: 'Disconnect' }));
    const said = await screen.findByText(/^Bitbucket is disconnected\./);
    expect(said.closest('[role="status"]')).not.toBeNull();
    expect(said.textContent).toContain('@noorh');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(await screen.findByText('Not Connected')).toBeDefined();
    // With one way in less, another connection may be the last one now: the account is asked again.
    await waitFor(() => expect(countOf('GET /api/account')).toBe(1));
    expect(countOf(DISCONNECT)).toBe(1);
  });

  test.each([
    ['last-way-in', () => problem('last-way-in', 409), 'This is your last way to log in, so it stays.'],
    ['a fault', () => problem('internal', 500), 'Something went wrong on our side.'],
    ['no network', networkLoss, 'Check your network connection'],
  ])('%s is said in the dialog, which stays open', async (_, fails, words) => {
    answer(IMPACT, nothing);
    answer(DISCONNECT, fails);
    const dialog = await ask();
    await waitFor(() => expect(last(dialog)?.getAttribute('aria-disabled')).toBe(null));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
    expect((await within(dialog).findByRole('alert')).textContent).toContain(words);
    expect(screen.getByRole('dialog')).toBe(dialog);
    expect(screen.getByText('Connected')).toBeDefined();
  });

  test('a connection that has ended can be taken away for good', async () => {
    answer(IMPACT, nothing);
    const dialog = await ask(notConnected('revoked'));
    answer(DISCONNECT, neverConnected());
    answer('GET /api/account', account({ connections: [neverConnected()] }));
    await waitFor(() => expect(last(dialog)?.getAttribute('aria-disabled')).toBe(null));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Disconnect' }));
    await screen.findByText(/^Bitbucket is disconnected\./);
    const row = screen.getByRole('group', { name: 'Bitbucket' });
    expect(within(row).queryByRole('button', { name: 'Disconnect' })).toBeNull();
    await waitFor(() => expect(asked.at(-1)?.address).toBe('GET /api/account'));
  });
});
