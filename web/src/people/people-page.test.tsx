import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { OpenInvitation, PeopleView, PersonView } from 'bff';
import { describe, expect, test, vi } from 'vitest';
import { answer, asked, countOf, holdBack, problem } from '../../test/bff.ts';
import { noor } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const PEOPLE = 'GET /api/organizations/acme/people';
const INVITATIONS = 'GET /api/organizations/acme/invitations';
const INVITE = 'POST /api/organizations/acme/invitations';
const REVOKE = 'DELETE /api/organizations/acme/invitations/i1';
const LINK = 'https://ci.example.com/invitations/abc';

const me: PersonView = {
  id: 'noor',
  screenName: 'Noor Haddad',
  avatarUrl: null,
  email: 'noor@example.com',
  role: 'owner',
  since: '2026-05-03T08:15:00.000Z',
  you: true,
  manageable: true,
};
const tom: PersonView = {
  ...me,
  id: 'tom',
  screenName: 'Tom',
  email: 'tom@example.com',
  role: 'member',
  you: false,
};
const invitation: OpenInvitation = {
  id: 'i1',
  role: 'admin',
  singleUse: false,
  usedCount: 2,
  invitedBy: 'Noor Haddad',
  createdAt: '2026-11-01T08:15:00.000Z',
  expiresAt: '2026-12-01T08:15:00.000Z',
  revocable: true,
};

const asOwner = (people = [me, tom]): PeopleView => ({
  organization: 'Acme Rockets',
  givable: ['owner', 'admin', 'member'],
  people,
});
const asMember = (): PeopleView => ({
  organization: 'Acme Rockets',
  givable: [],
  people: [
    { ...me, role: 'member', manageable: false },
    { ...tom, role: 'owner', email: null, manageable: false },
  ],
});

async function open(view = asOwner(), invitations: OpenInvitation[] = [invitation]): Promise<void> {
  answer(
    'GET /api/session',
    noor({ organizations: [{ slug: 'acme', name: 'Acme Rockets', role: 'owner' }] }),
  );
  openPage('/organizations/acme/people', {
    '/api/session': noor({ organizations: [{ slug: 'acme', name: 'Acme Rockets', role: 'owner' }] }),
    '/api/organizations/acme/people': view,
    ...(view.givable.length > 0 ? { '/api/organizations/acme/invitations': { invitations } } : {}),
  });
  await screen.findByRole('heading', { level: 1 });
}

const row = (name: string) => within(screen.getByRole('listitem', { name }));
const last = (dialog: HTMLElement) => within(dialog).getAllByRole<HTMLButtonElement>('button').at(-1);
const press = (name: string, within_: { getByRole: typeof screen.getByRole } = screen) =>
  userEvent.click(within_.getByRole('button', { name }));

describe('the people of an organization', () => {
  test('stand there with what came with the HTML, their roles in words', async () => {
    await open();
    expect(screen.getByRole('heading', { level: 1, name: 'People of Acme Rockets' })).toBeDefined();
    expect(screen.getByRole('listitem', { name: 'Noor Haddad' }).textContent).toContain('(you)');
    expect(screen.getByRole('listitem', { name: 'Tom' }).textContent).toContain('Member since 3 May 2026');
    expect(asked).toEqual([]);
  });

  test('a member sees the list, can leave, and finds no other button', async () => {
    await open(asMember());
    const main = within(screen.getByRole('main'));
    expect(main.getAllByRole('button').map(({ textContent }) => textContent)).toEqual(['Leave organization']);
    expect(main.queryByRole('heading', { name: 'Invite people' })).toBeNull();
    expect(asked).toEqual([]);
  });

  test('an owner whom an admin may not touch has no buttons', async () => {
    await open({
      ...asOwner([me, { ...tom, role: 'owner', manageable: false }]),
      givable: ['admin', 'member'],
    });
    expect(row('Tom').queryByRole('button')).toBeNull();
    const roles = within(screen.getByRole('combobox', { name: 'Role' })).getAllByRole('option');
    expect(roles.map(({ textContent }) => textContent)).toEqual(['Admin', 'Member']);
  });

  test('of an organization that one does not belong to are as if they were not there', async () => {
    answer('GET /api/organizations/other/people', () => problem('not-found', 404));
    openPage('/organizations/other/people', { '/api/session': noor() });
    expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
  });
});

describe('inviting', () => {
  test('sends what was chosen, shows the link once, and copies it', async () => {
    const user = userEvent.setup();
    answer(INVITE, { link: LINK });
    answer(INVITATIONS, { invitations: [invitation] });
    await open(asOwner(), []);
    expect(screen.getByText('No link is open.')).toBeDefined();
    await user.selectOptions(screen.getByRole('combobox', { name: 'Role' }), 'Admin');
    await user.selectOptions(
      screen.getByRole('combobox', { name: 'Who can use the link' }),
      'Several people',
    );
    await user.selectOptions(screen.getByRole('combobox', { name: 'Valid for' }), '30 days');
    await user.click(screen.getByRole('button', { name: 'Create link' }));
    const link = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Invitation link' });
    expect(link.value).toBe(LINK);
    expect(asked[0]).toMatchObject({ address: INVITE, body: { role: 'admin', singleUse: false, days: 30 } });
    await user.click(screen.getByRole('button', { name: 'Copy link' }));
    expect(await navigator.clipboard.readText()).toBe(LINK);
    expect(await screen.findByText('Copied.')).toBeDefined();
    expect(
      await screen.findByRole('listitem', { name: 'Admin, for several people (2 joined)' }),
    ).toBeDefined();
  });

  test('where the browser does not copy, the link is selected and the page says so', async () => {
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('not allowed'));
    answer(INVITE, { link: LINK });
    answer(INVITATIONS, { invitations: [invitation] });
    await open();
    await user.click(screen.getByRole('button', { name: 'Create link' }));
    const link = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Invitation link' });
    await user.click(screen.getByRole('button', { name: 'Copy link' }));
    await screen.findByText(/The link is selected/);
    expect([link.selectionStart, link.selectionEnd]).toEqual([0, LINK.length]);
  });

  test('two presses make one link', async () => {
    const come = holdBack(INVITE);
    answer(INVITATIONS, { invitations: [] });
    await open();
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Create link' });
    await userEvent.setup({ delay: null }).dblClick(button);
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
    come({ link: LINK });
    await screen.findByRole('textbox', { name: 'Invitation link' });
    expect(countOf(INVITE)).toBe(1);
  });

  test('a pending invitation can be revoked, and the page says that it was', async () => {
    answer(REVOKE, {});
    answer(INVITATIONS, { invitations: [] });
    await open();
    await press('Revoke');
    expect(await screen.findByText(/^The invitation is revoked\./)).toBeDefined();
    expect(await screen.findByText('No link is open.')).toBeDefined();
  });

  test('one for owners shows an admin no button', async () => {
    await open(asOwner(), [{ ...invitation, role: 'owner', revocable: false }]);
    expect(screen.queryByRole('button', { name: 'Revoke' })).toBeNull();
  });
});

describe('changing a role', () => {
  test('is asked in a dialog whose last button repeats the verb, and is said afterwards', async () => {
    answer('PATCH /api/organizations/acme/people/tom', {});
    answer(PEOPLE, asOwner([me, { ...tom, role: 'admin' }]));
    answer(INVITATIONS, { invitations: [] });
    await open();
    await press('Change role…', row('Tom'));
    const dialog = screen.getByRole('dialog', { name: 'Change the role of Tom?' });
    expect([last(dialog)?.textContent, last(dialog)?.getAttribute('aria-disabled')]).toEqual([
      'Change role',
      'true',
    ]);
    await userEvent.selectOptions(within(dialog).getByRole('combobox', { name: 'Role' }), 'Admin');
    await press('Change role', within(dialog));
    expect(await screen.findByText('Tom is now an admin.')).toBeDefined();
    await waitFor(() => expect(screen.getByRole('listitem', { name: 'Tom' }).textContent).toContain('Admin'));
    expect(asked[0]?.body).toEqual({ role: 'admin' });
  });

  test('that is refused is said in the dialog, which stays', async () => {
    answer('PATCH /api/organizations/acme/people/noor', () => problem('last-owner', 409));
    await open();
    await press('Change role…', row('Noor Haddad'));
    const dialog = screen.getByRole('dialog', { name: 'Change your role?' });
    await userEvent.selectOptions(within(dialog).getByRole('combobox', { name: 'Role' }), 'Member');
    await press('Change role', within(dialog));
    expect((await within(dialog).findByRole('alert')).textContent).toContain(
      'Make somebody else an owner first',
    );
  });
});

describe('going', () => {
  test('removing says first which projects depend on the person, and who could take over', async () => {
    answer('GET /api/organizations/acme/people/tom/impact', {
      projects: [
        { name: 'api', organization: 'acme', url: '/a', successors: [{ screenName: 'Ines' }] },
        { name: 'site', organization: 'acme', url: '/b', successors: [] },
      ],
      lastOwner: false,
    });
    await open();
    await press('Remove', row('Tom'));
    const dialog = screen.getByRole('dialog', { name: 'Remove Tom from Acme Rockets?' });
    const items = await within(dialog).findAllByRole('listitem');
    expect(items.map(({ textContent }) => textContent)).toEqual([
      'api: Ines could take over',
      'site: nobody else could take over',
    ]);
    expect(last(dialog)?.textContent).toBe('Remove');
  });

  test('who was removed is gone from the list, and the page says so', async () => {
    const come = holdBack('GET /api/organizations/acme/people/tom/impact');
    answer('DELETE /api/organizations/acme/people/tom', {});
    answer(PEOPLE, asOwner([me]));
    answer(INVITATIONS, { invitations: [] });
    await open();
    await press('Remove', row('Tom'));
    const dialog = screen.getByRole('dialog');
    expect(last(dialog)?.getAttribute('aria-disabled')).toBe('true');
    come({ projects: [], lastOwner: false });
    await within(dialog).findByText('No project depends on this person.');
    await press('Remove', within(dialog));
    expect(await screen.findByText('Tom is removed from Acme Rockets.')).toBeDefined();
    await waitFor(() => expect(screen.queryByRole('listitem', { name: 'Tom' })).toBeNull());
  });

  test('the last owner is not offered to leave', async () => {
    answer('GET /api/organizations/acme/people/noor/impact', { projects: [], lastOwner: true });
    await open();
    await press('Leave organization', row('Noor Haddad'));
    const dialog = await screen.findByRole('dialog', { name: 'The last owner stays' });
    expect(
      within(dialog)
        .getAllByRole('button')
        .map(({ textContent }) => textContent),
    ).toEqual(['Close']);
  });

  test('who leaves is told so, and nothing of the organization is asked any more', async () => {
    answer('GET /api/organizations/acme/people/noor/impact', { projects: [], lastOwner: false });
    answer('DELETE /api/organizations/acme/people/noor', {});
    await open(asMember());
    await press('Leave organization', row('Noor Haddad'));
    const dialog = screen.getByRole('dialog', { name: 'Leave Acme Rockets?' });
    await waitFor(() => expect(last(dialog)?.getAttribute('aria-disabled')).toBe(null));
    await press('Leave organization', within(dialog));
    expect(
      await screen.findByRole('heading', { level: 1, name: 'You have left Acme Rockets' }),
    ).toBeDefined();
    await waitFor(() => expect(countOf('GET /api/session')).toBe(1));
    expect(countOf(PEOPLE)).toBe(0);
  });
});
