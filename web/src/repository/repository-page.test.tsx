import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { RepairPreview, RepositoryView } from 'bff';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, holdBack, networkLoss, problem } from '../../test/bff.ts';
import { noor, operation, repositoryView, withRows } from '../../test/data.ts';
import { sources } from '../../test/events.ts';
import { openPage } from '../../test/page.tsx';

const TAB = '/organizations/acme/projects/api/settings/repository';
const API = '/api/organizations/acme/projects/api/repository';
const CHECK = `POST ${API}/check` as const;
const REPAIR = `POST ${API}/repair` as const;
const PREVIEW = `POST ${API}/repair/preview` as const;
const TAKE_OVER = `POST ${API}/take-over` as const;
const URL_PREVIEW = `POST ${API}/url/preview` as const;
const CHANGE_URL = `POST ${API}/url` as const;
const UUID = '{0b8f6f0e-52a1-4b47-9e56-6f1c2b6c6f10}';

const ROWS = ['OAuth API token owner', 'Deploy Key', 'Webhook', 'Pipeline file'] as const;
const region = (name: (typeof ROWS)[number]) => screen.getByRole('region', { name });
const inside = (name: (typeof ROWS)[number]) => within(region(name));
const buttons = (name: (typeof ROWS)[number]) =>
  inside(name)
    .queryAllByRole('button')
    .map(({ textContent }) => textContent);
const press = (name: string, place: { getByRole: typeof screen.getByRole } = screen) =>
  userEvent.click(place.getByRole('button', { name }));
const lastOf = (dialog: HTMLElement) => within(dialog).getAllByRole('button').at(-1);

/** Opens the tab with what came with the HTML; the look that follows says the same. */
async function open(view: RepositoryView): Promise<void> {
  answer(CHECK, view);
  openPage(TAB, { '/api/session': noor(), [API]: view });
  await waitFor(() => expect(countOf(CHECK)).toBe(1));
  await waitFor(() => expect(screen.queryAllByText(/^Checking…$/)).toEqual([]));
}

const preview: RepairPreview = {
  subjects: [
    {
      subject: 'deploy-key',
      makes: { title: 'Semaphore · acme/api' },
      removes: [{ title: 'Semaphore · acme/api', fingerprint: 'SHA256:old' }],
    },
  ],
  uses: { screenName: 'Tom Fern', you: false },
};
const keyRemoved = (changes: Partial<RepositoryView> = {}) =>
  withRows(
    {
      'deploy-key': {
        state: 'broken',
        cause: 'key-removed',
        facts: { sshWords: 'git@bitbucket.org: Permission denied (publickey).' },
      },
    },
    {
      summary: {
        cause: 'key-removed',
        subject: 'deploy-key',
        facts: {},
        mend: 'repair',
        you: changes.canChange ?? true,
        people: ['Ines'],
      },
      ...changes,
    },
  );

describe('the Repository tab', () => {
  test('stands with what came with the HTML, and asks for a look that may be a moment old', async () => {
    answer(CHECK, repositoryView());
    openPage(TAB, { '/api/session': noor(), [API]: repositoryView() });
    expect(screen.getByRole('heading', { level: 1, name: 'api' })).toBeDefined();
    for (const name of ROWS) {
      expect(inside(name).getByRole('img', { name: 'Healthy' })).toBeDefined();
      expect(inside(name).getByText('Healthy')).toBeDefined();
    }
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Repository URL' }).value).toBe(
      'git@bitbucket.org:acme/api.git',
    );
    await waitFor(() => expect(asked.map(({ body }) => body)).toEqual([{ fresh: false }]));
  });

  test('leads to the other pages of the project', async () => {
    await open(repositoryView());
    const links = ['Activity', 'Settings', 'General', 'Repository'].map((name) =>
      screen.getByRole('link', { name }),
    );
    expect(links.map((link) => [link.getAttribute('href'), link.getAttribute('aria-current')])).toEqual([
      ['/organizations/acme/projects/api', null],
      ['/organizations/acme/projects/api/settings/general', 'page'],
      ['/organizations/acme/projects/api/settings/general', null],
      [TAB, 'page'],
    ]);
  });

  test('a row is busy until the look has come to it', async () => {
    const come = holdBack(CHECK);
    openPage(TAB, { '/api/session': noor(), [API]: withRows({ webhook: { busy: true } }) });
    await waitFor(() => expect(region('Deploy Key').getAttribute('aria-busy')).toBe('true'));
    come(withRows({ webhook: { busy: true } }, { version: 8 }));
    await waitFor(() => expect(region('Deploy Key').getAttribute('aria-busy')).toBeNull());
    expect(region('Webhook').getAttribute('aria-busy')).toBe('true');
  });

  test('healthy rows offer an owner no more than to regenerate', async () => {
    await open(repositoryView());
    expect(ROWS.map(buttons)).toEqual([[], ['Regenerate'], ['Regenerate'], []]);
  });

  test('a member sees everything, and no button but the one that looks', async () => {
    await open(keyRemoved({ canChange: false, tokenOwner: null }));
    expect(ROWS.map(buttons)).toEqual([[], ['Check again'], [], []]);
    expect(screen.queryByRole('button', { name: 'Change…' })).toBeNull();
    expect(screen.getByRole('region', { name: 'What is wrong' }).textContent).toContain(
      'First: ask Ines, who can repair it.',
    );
  });

  test('a broken row says why, in the very words of git, and offers "Repair" beside the cross', async () => {
    await open(keyRemoved());
    const row = inside('Deploy Key');
    expect(row.getByRole('img', { name: 'Broken' })).toBeDefined();
    expect(row.getByText('git@bitbucket.org: Permission denied (publickey).').tagName).toBe('CODE');
    expect(buttons('Deploy Key')).toEqual(['Repair', 'Check again']);
    expect(screen.getByRole('region', { name: 'What is wrong' }).textContent).toBe(
      'The deploy key was removed at Bitbucket. First: press “Repair” below. Ines can do it too.',
    );
  });

  test('a pipeline file that is not there is explained with what a workflow says of it', async () => {
    await open(
      withRows({
        'pipeline-file': {
          state: 'broken',
          cause: 'file-missing',
          facts: { path: 'ci.yml', branch: 'main' },
        },
      }),
    );
    const row = inside('Pipeline file');
    expect(row.getByText(`Error: {"File 'ci.yml' is not available", "Not Found"}`)).toBeDefined();
    expect(row.getByText('There is no ci.yml on the branch main.')).toBeDefined();
    expect(buttons('Pipeline file')).toEqual(['Check again']);
  });

  test('what was not checked says why, and what was known before, and never reads as broken', async () => {
    await open(
      withRows({
        webhook: {
          state: 'not-checked',
          cause: 'provider-timeout',
          facts: {},
          previous: { state: 'healthy', cause: null, facts: {}, at: '2026-11-20T10:00:00.000Z' },
        },
      }),
    );
    const row = inside('Webhook');
    expect(row.getByRole('img', { name: 'Not checked' })).toBeDefined();
    expect(row.getByText('Bitbucket did not answer in time.')).toBeDefined();
    expect(row.getByText(/^Last result:/).textContent).toContain('healthy');
    expect(buttons('Webhook')).toEqual(['Check again']);
    expect(screen.queryByRole('region', { name: 'What is wrong' })).toBeNull();
  });

  test('"Check again" asks for a look that begins now', async () => {
    const view = withRows({ webhook: { state: 'not-checked', cause: 'provider-error', facts: {} } });
    await open(view);
    answer(CHECK, repositoryView({ version: 8 }));
    await press('Check again', inside('Webhook'));
    await waitFor(() => expect(inside('Webhook').getByRole('img', { name: 'Healthy' })).toBeDefined());
    expect(asked.at(-1)?.body).toEqual({ fresh: true });
    expect(await screen.findByText('Checked. Everything is healthy.')).toBeDefined();
  });

  test('rows that only follow from another name it, and shout nothing of their own', async () => {
    await open(
      withRows({
        'token-owner': { state: 'broken', cause: 'grant-revoked', facts: {} },
        'deploy-key': { state: 'broken', cause: 'key-lost-with-grant', becauseOf: 'token-owner' },
        webhook: { state: 'not-checked', cause: 'needs-token-owner', becauseOf: 'token-owner' },
        'pipeline-file': { state: 'broken', cause: 'disconnected', becauseOf: 'token-owner' },
      }),
    );
    for (const name of ['Deploy Key', 'Webhook', 'Pipeline file'] as const)
      expect(inside(name).getByText('Follows from OAuth API token owner, above')).toBeDefined();
    expect(buttons('OAuth API token owner')).toEqual(['Take over', 'Check again']);
    // The right of whoever presses it may do, though the token owner's is gone.
    expect(buttons('Deploy Key')).toEqual(['Repair', 'Check again']);
    expect(buttons('Webhook')).toEqual(['Check again']);
  });

  test('a host key that is not pinned shows what was presented, and no "Repair"', async () => {
    await open(
      withRows({
        'deploy-key': {
          state: 'broken',
          cause: 'host-key-mismatch',
          facts: { presentedHostKey: 'SHA256:strange' },
        },
      }),
    );
    expect(region('Deploy Key').textContent).toContain('It presented SHA256:strange');
    expect(buttons('Deploy Key')).toEqual(['Check again']);
  });

  test('a look that could not be asked for is said, and what is known stays', async () => {
    answer(CHECK, networkLoss);
    openPage(TAB, { '/api/session': noor(), [API]: repositoryView() });
    expect((await screen.findByRole('alert')).textContent).toContain('Nothing was checked just now.');
    expect(inside('Webhook').getByRole('img', { name: 'Healthy' })).toBeDefined();
  });

  test('of a project that is not there is as if it never was', async () => {
    answer(CHECK, () => problem('not-found', 404));
    answer(`GET ${API}`, () => problem('not-found', 404));
    openPage(TAB, { '/api/session': noor() });
    await waitFor(() => expect(sources.length).toBeGreaterThan(0));
    act(() => sources.at(-1)?.fail());
    expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
  });

  test('of a project that was deleted a moment ago tells what was removed', async () => {
    answer(CHECK, () => problem('not-found', 404));
    answer(`GET ${API}`, () => problem('not-found', 404));
    openPage(TAB, { '/api/session': noor() });
    await waitFor(() => expect(sources.length).toBeGreaterThan(0));
    act(() => sources.at(-1)?.send('gone', { operation: operation({ kind: 'delete' }) }));
    expect(await screen.findByRole('heading', { level: 1, name: /is deleted$/ })).toBeDefined();
  });
});

describe('repairing', () => {
  const running = operation({
    state: 'running',
    steps: [
      { subject: 'deploy-key', step: 'make', state: 'done' },
      { subject: 'deploy-key', step: 'verify', state: 'running' },
      { subject: null, step: 'check', state: 'waiting' },
    ],
    done: [],
  });

  test('says first what will change and whose access it uses, then does it, and shows each step', async () => {
    answer(PREVIEW, preview);
    answer(REPAIR, keyRemoved({ version: 9, operation: running }));
    await open(keyRemoved());
    await press('Repair', inside('Deploy Key'));
    const dialog = await screen.findByRole('dialog', { name: 'Repair the deploy key?' });
    expect(await within(dialog).findByText('It uses the access of Tom Fern to Bitbucket.')).toBeDefined();
    expect(dialog.textContent).toContain('SHA256:old');
    expect(lastOf(dialog)?.textContent).toBe('Repair');
    expect(countOf(REPAIR)).toBe(0);
    await press('Repair', within(dialog));
    const progress = await screen.findByRole('region', { name: 'Repairing' });
    expect(
      within(progress)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual([
      'Make a new deploy key at Bitbucket · done',
      'Prove the new deploy key · under way',
      'Check everything again · waits',
    ]);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked.find(({ address }) => address === REPAIR)?.body).toEqual({ subjects: ['deploy-key'] });
    // While it runs nothing else is started.
    expect(inside('Deploy Key').getByRole('button', { name: 'Repair' }).ariaDisabled).toBe('true');
  });

  test('a click that is sent again carries the same key; another click another one', async () => {
    answer(PREVIEW, preview);
    answer(REPAIR, networkLoss);
    await open(keyRemoved());
    await press('Repair', inside('Deploy Key'));
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByText(/It uses the access/);
    await press('Repair', within(dialog));
    await within(dialog).findByRole('alert');
    answer(REPAIR, keyRemoved({ version: 9 }));
    await press('Repair', within(dialog));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await press('Repair', inside('Deploy Key'));
    const second = await screen.findByRole('dialog');
    await within(second).findByText(/It uses the access/);
    await press('Repair', within(second));
    await waitFor(() => expect(countOf(REPAIR)).toBe(3));
    const keys = asked
      .filter(({ address }) => address === REPAIR)
      .map(({ headers }) => headers.get('Idempotency-Key'));
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('what is healthy is regenerated by the same way, and the button says so', async () => {
    answer(PREVIEW, preview);
    await open(repositoryView());
    await press('Regenerate', inside('Deploy Key'));
    expect(lastOf(await screen.findByRole('dialog'))?.textContent).toBe('Regenerate');
  });

  test('where nobody’s access works, the dialog says where to get one', async () => {
    answer(PREVIEW, { ...preview, uses: null });
    await open(keyRemoved());
    await press('Repair', inside('Deploy Key'));
    const dialog = await screen.findByRole('dialog');
    expect((await within(dialog).findByRole('alert')).textContent).toContain('your account page');
    expect(lastOf(dialog)?.ariaDisabled).toBe('true');
  });

  test('afterwards the page says what was done, and what stayed behind', async () => {
    await open(
      repositoryView({
        operation: operation({
          leftovers: [{ subject: 'deploy-key', title: 'Semaphore · old', why: 'not-allowed' }],
        }),
      }),
    );
    expect(
      screen.getByText('Repaired: a new deploy key was made and proved and the old deploy key was removed.'),
    ).toBeDefined();
    expect(screen.getByText(/^The deploy key “Semaphore · old” could not be removed/)).toBeDefined();
  });

  test('one that failed says why, in the provider’s own words too', async () => {
    await open(
      keyRemoved({
        operation: operation({
          state: 'failed',
          problem: { code: 'rejected', message: 'Bitbucket refused it. It said: “Too many keys.”' },
          done: [],
        }),
      }),
    );
    expect(screen.getByRole('alert').textContent).toContain(
      'Bitbucket refused it. It said: “Too many keys.”',
    );
  });

  test('while a project is set up, what is not there yet is not broken', async () => {
    await open(
      withRows(
        {
          'deploy-key': { state: 'not-checked', cause: null, facts: {}, busy: true },
          webhook: { state: 'not-checked', cause: null, facts: {}, busy: true },
        },
        {
          project: { id: 'p', name: 'api', state: 'creating' },
          operation: { ...running, kind: 'create', subjects: ['deploy-key', 'webhook'] },
        },
      ),
    );
    expect(inside('Deploy Key').getByRole('img', { name: 'Not checked' })).toBeDefined();
    expect(screen.getByRole('region', { name: 'Setting up the repository' })).toBeDefined();
    expect(inside('Deploy Key').getByText('Prove the new deploy key…')).toBeDefined();
  });
});

describe('taking over', () => {
  const others = repositoryView({
    tokenOwner: { id: 'tom', screenName: 'Tom Fern', avatarUrl: null, you: false },
  });

  test('is confirmed, and said when it is done', async () => {
    answer(TAKE_OVER, repositoryView({ version: 9 }));
    await open(others);
    await press('Take over', inside('OAuth API token owner'));
    const dialog = await screen.findByRole('dialog', { name: 'Take over as token owner?' });
    expect(dialog.textContent).toContain('with your access instead of Tom Fern’s');
    expect(lastOf(dialog)?.textContent).toBe('Take over');
    await press('Take over', within(dialog));
    expect(await screen.findByText(/^You are now the token owner/)).toBeDefined();
    expect(inside('OAuth API token owner').getByText('Noor Haddad (you)')).toBeDefined();
  });

  test('without admin right is refused in the dialog, which stays', async () => {
    answer(TAKE_OVER, () => problem('no-admin-right', 403));
    await open(others);
    await press('Take over', inside('OAuth API token owner'));
    const dialog = await screen.findByRole('dialog');
    await press('Take over', within(dialog));
    expect((await within(dialog).findByRole('alert')).textContent).toContain('no admin right');
  });

  test('without a connection of one’s own leads to the account page', async () => {
    await open({ ...others, ownConnection: false });
    await press('Take over', inside('OAuth API token owner'));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByRole('link', { name: 'your account page' })).toBeDefined();
    expect(lastOf(dialog)?.ariaDisabled).toBe('true');
  });
});

describe('the repository’s URL', () => {
  const different = { kind: 'different', fullName: 'acme/other', from: 'acme/api', uuid: UUID };
  async function type(url: string): Promise<HTMLElement> {
    await press('Change…');
    const dialog = await screen.findByRole('dialog', { name: 'Change the repository?' });
    const field = within(dialog).getByRole('textbox', { name: 'Repository URL' });
    await userEvent.clear(field);
    await userEvent.type(field, url);
    await press('Change', within(dialog));
    return dialog;
  }

  test('another name of the same repository is taken at once', async () => {
    answer(URL_PREVIEW, { ...different, kind: 'renamed', fullName: 'acme/new' });
    answer(CHANGE_URL, repositoryView({ version: 9 }));
    await open(repositoryView());
    await type('https://bitbucket.org/acme/new');
    expect(await screen.findByText(/^The URL is updated: the project uses acme\/new\./)).toBeDefined();
    const change = asked.find(({ address }) => address === CHANGE_URL);
    expect(change?.body).toEqual({ url: 'https://bitbucket.org/acme/new', uuid: UUID });
    expect(change?.headers.get('Idempotency-Key')).toBeTruthy();
  });

  test('a different repository is said before anything changes', async () => {
    answer(URL_PREVIEW, different);
    const moving = operation({ kind: 'move', state: 'running', finishedAt: null });
    answer(CHANGE_URL, repositoryView({ version: 9, operation: moving }));
    await open(repositoryView());
    const dialog = await type('acme/other');
    expect(await within(dialog).findByText(/^acme\/other is a different repository/)).toBeDefined();
    expect(countOf(CHANGE_URL)).toBe(0);
    expect(lastOf(dialog)?.textContent).toBe('Change');
    await press('Change', within(dialog));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked.find(({ address }) => address === CHANGE_URL)?.body).toEqual({
      url: 'acme/other',
      uuid: UUID,
    });
    // Of the move only the operation tells.
    expect(screen.queryByText(/The URL is updated/)).toBeNull();
  });

  test.each([
    ['invalid-repository-url', 422, 'The URL leads to another host than bitbucket.org.'],
    ['repository-not-visible', 422, undefined],
  ] as const)('%s is said at the field', async (code, status, detail) => {
    answer(URL_PREVIEW, () => problem(code, status, detail));
    await open(repositoryView());
    const dialog = await type('https://example.com/a/b');
    const field = within(dialog).getByRole('textbox', { name: 'Repository URL' });
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(within(dialog).getByRole('alert').textContent).toContain(detail ?? 'sees no such repository');
    expect(countOf(CHANGE_URL)).toBe(0);
  });

  test('the one that the project has changes nothing', async () => {
    answer(URL_PREVIEW, { ...different, kind: 'same', fullName: 'acme/api' });
    await open(repositoryView());
    const dialog = await type('acme/api');
    expect((await within(dialog).findByRole('alert')).textContent).toContain('acme/api');
    expect(lastOf(dialog)?.ariaDisabled).toBe('true');
  });

  const moved = repositoryView({
    repository: { ...repositoryView().repository, movedTo: 'acme/new-name' },
  });

  test('of a repository that moved is updated with one press', async () => {
    answer(URL_PREVIEW, { ...different, kind: 'renamed', fullName: 'acme/new-name' });
    answer(CHANGE_URL, repositoryView({ version: 9 }));
    await open(moved);
    expect(await screen.findByText('This repository is now acme/new-name')).toBeDefined();
    await press('Update the URL');
    expect(await screen.findByText(/^The URL is updated/)).toBeDefined();
    expect(asked.find(({ address }) => address === URL_PREVIEW)?.body).toEqual({
      url: 'git@bitbucket.org:acme/new-name.git',
    });
  });

  test('where someone else’s took the new name, one press changes nothing and asks', async () => {
    answer(URL_PREVIEW, different);
    await open(moved);
    await press('Update the URL');
    expect(await screen.findByRole('dialog', { name: 'Change the repository?' })).toBeDefined();
    expect(countOf(CHANGE_URL)).toBe(0);
  });
});
