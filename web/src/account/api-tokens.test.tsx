import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test, vi } from 'vitest';
import { answer, asked, countOf, holdBack, networkLoss, problem } from '../../test/bff.ts';
import { account, apiTokens, noor } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const CREATE = 'POST /api/api-tokens';
const laptop = {
  id: '4d6ac2b4-55ab-4f0e-8ab9-0f8f3c2b9c11',
  name: 'Laptop',
  createdAt: '2026-03-05T10:00:00.000Z',
  lastUsedAt: null,
};
const TEXT = `sem_${'x'.repeat(43)}`;
const acme = { slug: 'acme', name: 'Acme', role: 'member' } as const;

function open(
  stored = apiTokens(),
  organizations: { slug: string; name: string; role: 'member' }[] = [acme],
) {
  openPage('/account', {
    '/api/session': noor({ organizations }),
    '/api/account': account(),
    '/api/api-tokens': stored,
  });
  return screen.getByRole('region', { name: 'API tokens' });
}
const nameField = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Token name' });
const createButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Create token' });
const command = (name = 'Acme') =>
  screen.getByRole<HTMLInputElement>('textbox', { name: `To ${name}` }).value;
const made = (more: object = {}) => ({
  id: laptop.id,
  text: TEXT,
  ...apiTokens({ tokens: [laptop] }),
  ...more,
});

async function create(user = userEvent.setup()): Promise<void> {
  answer(CREATE, made());
  await user.type(nameField(), 'Laptop');
  await user.click(createButton());
  await screen.findByRole('textbox', { name: 'New token' });
}

describe('the section of API tokens', () => {
  test('shows name, creation and last use of each before anything is asked', () => {
    const used = { ...laptop, id: 'b', name: 'CI', lastUsedAt: new Date(Date.now() - 120_000).toISOString() };
    const region = open(apiTokens({ tokens: [used, laptop] }));
    const lines = within(region).getAllByRole('listitem');
    expect(lines.map(({ textContent }) => textContent)).toEqual([
      'CICreated 5 March 2026 · last used 2 minutes agoRevoke',
      'LaptopCreated 5 March 2026 · never usedRevoke',
    ]);
    expect(asked).toEqual([]);
  });

  test('says that there is none, and how to connect to each organization once there is', () => {
    const region = open(apiTokens(), [acme, { slug: 'b', name: 'Bay', role: 'member' }]);
    expect(region.textContent).toContain('You have no token yet.');
    expect(command()).toBe('sem connect ci.example.com/organizations/acme TOKEN');
    expect(command('Bay')).toBe('sem connect ci.example.com/organizations/b TOKEN');
    expect(region.textContent).not.toContain('https');
  });

  test('sends who belongs to no organization to make one', () => {
    const region = open(apiTokens(), []);
    const way = within(region).getByRole('link', { name: 'Create one' });
    expect(way.getAttribute('href')).toBe('/organizations/new');
  });

  test('says where the service is without https, which is all that sem speaks', () => {
    const region = open(apiTokens({ host: 'localhost:3000', https: false }));
    expect(region.textContent).toContain(
      'sem speaks only https, and this service answers at http://localhost:3000. The README tells',
    );
  });

  test('says what is wrong when the tokens cannot be read', async () => {
    answer('GET /api/api-tokens', () => problem('not-ready', 503));
    openPage('/account', { '/api/session': noor(), '/api/account': account() });
    const region = await screen.findByRole('region', { name: 'API tokens' });
    expect((await within(region).findByRole('alert')).textContent).not.toBe('');
    expect(screen.getByRole('heading', { level: 1, name: 'Noor Haddad' })).toBeDefined();
  });
});

describe('a new token', () => {
  test('is shown, announced, listed, and put into the commands', async () => {
    open();
    await create();
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'New token' }).value).toBe(TEXT);
    const said = screen.getByText('The token is ready. Keep it like a password: it is shown only now.');
    expect(said.getAttribute('role')).toBe('status');
    expect(screen.getByRole('listitem', { name: 'Laptop' })).toBeDefined();
    expect(command()).toBe(`sem connect ci.example.com/organizations/acme ${TEXT}`);
    expect(asked).toMatchObject([{ address: CREATE, body: { name: 'Laptop' } }]);
    expect(nameField().value).toBe('');
  });

  test('is copied, alone or in its command', async () => {
    const user = userEvent.setup();
    open();
    await create(user);
    await user.click(screen.getByRole('button', { name: 'Copy token' }));
    expect(await navigator.clipboard.readText()).toBe(TEXT);
    await screen.findByText('Copied.');
    await user.click(screen.getByRole('button', { name: 'Copy command for Acme' }));
    expect(await navigator.clipboard.readText()).toBe(command());
  });

  test('is selected where the browser does not copy, and the page says so', async () => {
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('not allowed'));
    open();
    await create(user);
    await user.click(screen.getByRole('button', { name: 'Copy token' }));
    await screen.findByText(/The token is selected/);
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'New token' });
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, TEXT.length]);
  });

  test('is made once by two presses', async () => {
    const come = holdBack(CREATE);
    open();
    await userEvent.type(nameField(), 'Laptop');
    await userEvent.setup({ delay: null }).dblClick(createButton());
    await userEvent.type(nameField(), '{Enter}');
    await waitFor(() => expect(createButton().getAttribute('aria-disabled')).toBe('true'));
    come(made());
    await screen.findByRole('textbox', { name: 'New token' });
    expect(countOf(CREATE)).toBe(1);
  });

  test('that was refused leaves the name in the field, with the reason tied to it', async () => {
    answer(CREATE, () => problem('invalid-name', 422, 'Use at most 60 characters.'));
    open();
    await userEvent.type(nameField(), 'x'.repeat(61));
    await userEvent.click(createButton());
    const reason = await screen.findByRole('alert');
    expect(reason.textContent).toBe('Use at most 60 characters.');
    expect(nameField().getAttribute('aria-describedby')).toContain(reason.id);
    expect(nameField().value).toBe('x'.repeat(61));
  });

  test('of which there are too many names the way out', async () => {
    answer(CREATE, () => problem('too-many-tokens', 409));
    open();
    await userEvent.type(nameField(), 'Laptop');
    await userEvent.click(createButton());
    expect((await screen.findByRole('alert')).textContent).toContain('Revoke one first.');
  });
});

describe('revoking', () => {
  const REVOKE = `DELETE /api/api-tokens/${laptop.id}` as const;
  const ask = () => userEvent.click(screen.getByRole('button', { name: 'Revoke', description: 'Laptop' }));
  const dialog = () => screen.getByRole('dialog', { name: 'Revoke “Laptop”?' });
  const confirm = () => userEvent.click(within(dialog()).getByRole('button', { name: 'Revoke' }));

  test('asks first, the verb last, and says that it was never used', async () => {
    open(apiTokens({ tokens: [laptop] }));
    await ask();
    expect(dialog().textContent).toContain('It was never used.');
    const buttons = within(dialog()).getAllByRole('button');
    expect(buttons.map(({ textContent }) => textContent)).toEqual(['Cancel', 'Revoke']);
    await userEvent.click(within(dialog()).getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked).toEqual([]);
  });

  test('takes the token from the list, and from the page where it was just shown', async () => {
    open();
    await create();
    answer(REVOKE, apiTokens());
    await ask();
    await confirm();
    const said = await screen.findByText('“Laptop” is revoked.');
    expect(said.closest('[role="status"]')).not.toBeNull();
    await screen.findByText('You have no token yet.');
    expect(document.body.innerHTML).not.toContain(TEXT);
    expect(command()).toContain(' TOKEN');
  });

  test('that did not get through says so in the dialog', async () => {
    answer(REVOKE, networkLoss);
    answer('GET /api/api-tokens', apiTokens({ tokens: [laptop] }));
    open(apiTokens({ tokens: [laptop] }));
    await ask();
    await confirm();
    expect((await within(dialog()).findByRole('alert')).textContent).toContain(
      'Check your network connection',
    );
    await waitFor(() => expect(countOf('GET /api/api-tokens')).toBe(1));
  });
});
