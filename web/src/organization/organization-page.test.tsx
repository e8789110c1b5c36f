import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ProjectSummary } from 'bff';
import { describe, expect, test } from 'vitest';
import { answer, asked, problem } from '../../test/bff.ts';
import { announceError } from '../../test/console.ts';
import { noor } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const acme = { slug: 'acme', name: 'Acme Rockets', role: 'owner' } as const;
const stored = { ...acme, createdAt: '2026-05-03T08:15:00.000Z' };
const PROJECTS = '/api/organizations/acme/projects';

const project = (name: string, changes: Partial<ProjectSummary> = {}): ProjectSummary => ({
  name,
  repository: `acme/${name}`,
  state: 'ready',
  health: 'healthy',
  cause: null,
  checkedAt: '2026-11-20T10:00:00.000Z',
  ...changes,
});

function open(projects: ProjectSummary[], canCreate = true): void {
  openPage('/organizations/acme', {
    '/api/session': noor({ organizations: [acme] }),
    '/api/organizations/acme': stored,
    [PROJECTS]: { projects, canCreate },
  });
}

describe("an organization's page", () => {
  test('welcomes the first project with what came with the HTML', () => {
    open([]);
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
      [PROJECTS]: { projects: [], canCreate: false },
    });
    expect(screen.getByRole('main').textContent).toContain('You are a member.');
    expect(screen.getByRole('main').querySelector('button')).toBeNull();
    expect(screen.queryByRole('link', { name: 'New project' })).toBeNull();
  });

  test('asks for its data when one comes from another page', async () => {
    answer('GET /api/organizations/acme', stored);
    answer(`GET ${PROJECTS}`, { projects: [project('api')], canCreate: true });
    openPage('/organizations/acme', { '/api/session': noor({ organizations: [acme] }) });
    expect(await screen.findByRole('heading', { level: 1, name: 'Acme Rockets' })).toBeDefined();
    expect(await screen.findByRole('listitem', { name: 'api' })).toBeDefined();
  });

  test('shows each project with its health, the cause in words, and the repository', () => {
    open([project('api'), project('site', { health: 'broken', cause: 'webhook-removed' })]);
    expect(within(screen.getByRole('listitem', { name: 'api' })).getByRole('img').ariaLabel).toBe('Healthy');
    const broken = within(screen.getByRole('listitem', { name: 'site' }));
    expect(broken.getByRole('img', { name: 'Broken' })).toBeDefined();
    expect(broken.getByText(/The webhook was deleted at Bitbucket/)).toBeDefined();
    expect(broken.getByText('acme/site')).toBeDefined();
    expect(broken.getByRole('link', { name: 'See the repository' }).getAttribute('href')).toBe(
      '/organizations/acme/projects/site/settings/repository',
    );
    expect(screen.getByRole('link', { name: 'New project' }).getAttribute('href')).toBe(
      '/organizations/acme/projects/new',
    );
    expect(screen.queryByRole('searchbox')).toBeNull();
  });

  test('many projects can be searched by name and repository', async () => {
    open(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((name) => project(name)));
    const search = screen.getByRole('searchbox', { name: 'Search projects' });
    await userEvent.type(search, 'acme/B');
    expect(screen.queryByRole('listitem', { name: 'a1' })).toBeNull();
    expect(screen.getByRole('listitem', { name: 'b2' })).toBeDefined();
    await userEvent.type(search, 'zz');
    expect(screen.getByText('No project matches the search.')).toBeDefined();
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
  test.each(['/nowhere', '/organizations', '/organizations/acme/projects'])(
    '%s says so and leads on',
    (address) => {
      openPage(address, { '/api/session': noor() });
      expect(screen.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
      expect(screen.getByRole('link', { name: 'your account' }).getAttribute('href')).toBe('/account');
    },
  );
});
