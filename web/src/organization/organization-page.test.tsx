import { screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { answer, asked, problem } from '../../test/bff.ts';
import { announceError } from '../../test/console.ts';
import { noor } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const acme = { slug: 'acme', name: 'Acme Rockets', role: 'owner' } as const;
const stored = { ...acme, createdAt: '2026-05-03T08:15:00.000Z', projects: [] };

describe("an organization's page", () => {
  test('welcomes the first project with what came with the HTML', () => {
    openPage('/organizations/acme', {
      '/api/session': noor({ organizations: [acme] }),
      '/api/organizations/acme': stored,
    });
    expect(screen.getByRole('heading', { level: 1, name: 'Acme Rockets' })).toBeDefined();
    expect(screen.getByRole('main').textContent).toContain('You are its owner. Created on 3 May 2026.');
    expect(screen.getByRole('main').textContent).toContain('There is no project here yet.');
    const way = screen.getByRole('link', { name: 'See how your connections stand' });
    expect(way.getAttribute('href')).toBe('/account');
    expect(asked).toEqual([]);
  });

  test('offers no button that leads nowhere', () => {
    const member = { ...acme, role: 'member' } as const;
    openPage('/organizations/acme', {
      '/api/session': noor({ organizations: [member] }),
      '/api/organizations/acme': { ...stored, role: 'member' },
    });
    expect(screen.getByRole('main').textContent).toContain('You are a member.');
    expect(screen.getByRole('main').querySelector('button')).toBeNull();
  });

  test('asks for its data when one comes from another page', async () => {
    answer('GET /api/organizations/acme', stored);
    openPage('/organizations/acme', { '/api/session': noor({ organizations: [acme] }) });
    expect(await screen.findByRole('heading', { level: 1, name: 'Acme Rockets' })).toBeDefined();
  });

  test('one that a person does not belong to, or that ended meanwhile, is as if it were not there', async () => {
    answer('GET /api/organizations/other', () => problem('not-found', 404));
    openPage('/organizations/other', { '/api/session': noor({ organizations: [acme] }) });
    expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
  });

  test('one that cannot be read just now says so', async () => {
    announceError(/not-ready/);
    answer('GET /api/organizations/acme', () => problem('not-ready', 503));
    openPage('/organizations/acme', { '/api/session': noor({ organizations: [acme] }) });
    expect((await screen.findByRole('alert')).textContent).toContain('Semaphore cannot answer just now.');
  });
});

describe('an address that is not ours', () => {
  test.each(['/nowhere', '/organizations', '/organizations/acme/projects/new'])(
    '%s says so and leads on',
    (address) => {
      openPage(address, { '/api/session': noor() });
      expect(screen.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
      expect(screen.getByRole('link', { name: 'your account' }).getAttribute('href')).toBe('/account');
    },
  );
});
