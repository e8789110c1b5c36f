import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, holdBack, networkLoss, problem } from '../../test/bff.ts';
import { noor } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const CREATE = 'POST /api/organizations';
const field = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });
const create = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Create organization' });
const acme = { slug: 'acme-rockets', name: 'Acme Rockets', role: 'owner' } as const;

function open(): void {
  openPage('/organizations/new', { '/api/session': noor() });
}

/** The service from now on: Noor owns Acme Rockets. */
function acmeIsThere(): void {
  answer('GET /api/session', noor({ organizations: [acme] }));
  answer('GET /api/organizations/acme-rockets/projects', { projects: [], canCreate: true });
  answer('GET /api/organizations/acme-rockets', {
    ...acme,
    createdAt: new Date().toISOString(),
    projects: [],
  });
}

/** What is announced at a field as wrong with it. */
function wrongWith(name: string): string | null {
  const ids = field(name).getAttribute('aria-describedby')?.split(' ') ?? [];
  const texts = ids.map((id) => document.getElementById(id));
  return texts.find((text) => text?.getAttribute('role') === 'alert')?.textContent ?? null;
}

describe('the URL name', () => {
  test('follows the name until it is edited, and then stays as typed', async () => {
    open();
    await userEvent.type(field('Name'), 'Acme Röckets');
    expect(field('URL name').value).toBe('acme-rockets');
    await userEvent.type(field('Name'), ' & Co');
    expect(field('URL name').value).toBe('acme-rockets-co');
    await userEvent.clear(field('URL name'));
    await userEvent.type(field('URL name'), 'acme');
    await userEvent.type(field('Name'), ' Ltd');
    expect(field('URL name').value).toBe('acme');
  });

  test('one that was emptied by hand stays empty', async () => {
    open();
    await userEvent.type(field('Name'), 'Acme');
    await userEvent.clear(field('URL name'));
    await userEvent.type(field('Name'), 'X');
    expect(field('URL name').value).toBe('');
  });

  test('shows the address that comes of it, tied to the field', async () => {
    open();
    const hint = document.getElementById(field('URL name').getAttribute('aria-describedby') ?? '');
    expect(hint?.textContent).toBe(`Its address will be ${window.location.host}/organizations/…`);
    await userEvent.type(field('Name'), 'Acme');
    expect(hint?.textContent).toBe(`Its address will be ${window.location.host}/organizations/acme`);
  });
});

describe('creating', () => {
  test('sends what stands in the fields and leads to the new organization', async () => {
    answer(CREATE, { slug: 'acme-rockets' });
    acmeIsThere();
    open();
    await userEvent.type(field('Name'), 'Acme Rockets{Enter}');
    expect(await screen.findByRole('heading', { level: 1, name: 'Acme Rockets' })).toBeDefined();
    expect(window.location.pathname).toBe('/organizations/acme-rockets');
    expect(asked[0]).toMatchObject({ address: CREATE, body: { name: 'Acme Rockets', slug: 'acme-rockets' } });
  });

  test('two presses create one organization', async () => {
    const come = holdBack(CREATE);
    acmeIsThere();
    open();
    await userEvent.type(field('Name'), 'Acme Rockets');
    await userEvent.setup({ delay: null }).dblClick(create());
    await waitFor(() => expect(create().getAttribute('aria-disabled')).toBe('true'));
    come({ slug: 'acme-rockets' });
    await screen.findByRole('heading', { level: 1, name: 'Acme Rockets' });
    expect(countOf(CREATE)).toBe(1);
  });

  test.each([
    ['invalid-name', 422, 'Name', 'Enter a name.'],
    ['invalid-slug', 422, 'URL name', 'Use lower-case letters, digits and single hyphens between them.'],
    ['slug-taken', 409, 'URL name', undefined],
  ] as const)('%s stands at its field, and nothing typed is lost', async (code, status, at, detail) => {
    answer(CREATE, () => problem(code, status, detail));
    open();
    await userEvent.type(field('Name'), 'Acme');
    await userEvent.clear(field('URL name'));
    await userEvent.type(field('URL name'), 'AC--ME');
    await userEvent.click(create());
    const other = at === 'Name' ? 'URL name' : 'Name';
    await waitFor(() => expect(field(at).getAttribute('aria-invalid')).toBe('true'));
    expect(wrongWith(at)).toBe(detail ?? 'Another organization has this URL name. Choose another one.');
    expect(wrongWith(other)).toBeNull();
    expect(field(other).getAttribute('aria-invalid')).toBeNull();
    expect([field('Name').value, field('URL name').value]).toEqual(['Acme', 'AC--ME']);

    await userEvent.type(field(at), 'x');
    expect(wrongWith(at)).toBeNull();
  });

  test.each([
    ['the network is gone', networkLoss, 'Check your network connection'],
    ['the service has a fault', () => problem('internal', 500), 'Something went wrong on our side.'],
  ])('%s: said above the fields, which keep what was typed', async (_, fails, words) => {
    answer(CREATE, fails);
    open();
    await userEvent.type(field('Name'), 'Acme');
    await userEvent.click(create());
    expect((await screen.findByRole('alert')).textContent).toContain(words);
    expect(field('Name').value).toBe('Acme');
    expect(create().getAttribute('aria-disabled')).toBe(null);
  });
});
