import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, problem } from '../../test/bff.ts';
import { noor, operation, projectView, repositoryView } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const PAGE = '/organizations/acme/projects/api';
const API = `/api${PAGE}` as const;

const open = (page: '/settings/general', view = projectView()) =>
  openPage(PAGE + page, { '/api/session': noor(), [API]: view });
const field = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });
const press = (name: string, place: { getByRole: typeof screen.getByRole } = screen) =>
  userEvent.click(place.getByRole('button', { name }));

describe('General settings', () => {
  test('saves what stands in the fields, and says so', async () => {
    const { project } = projectView();
    answer(`PATCH ${API}`, projectView({ project: { ...project, pipelineFile: 'ci.yml' } }));
    open('/settings/general');
    await userEvent.clear(field('Pipeline file'));
    await userEvent.type(field('Pipeline file'), 'ci.yml');
    await press('Save changes');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(asked[0]?.body).toEqual({ name: 'api', description: '', pipelineFile: 'ci.yml' });
  });

  test('another name leads to the project’s new address', async () => {
    const { project } = projectView();
    answer(`PATCH ${API}`, projectView({ project: { ...project, name: 'core' } }));
    open('/settings/general');
    await userEvent.clear(field('Name'));
    await userEvent.type(field('Name'), 'core');
    await press('Save changes');
    expect(await screen.findByRole('heading', { level: 1, name: 'core' })).toBeDefined();
    expect(window.location.pathname).toBe('/organizations/acme/projects/core/settings/general');
  });

  test.each([
    ['project-name-taken', 409, 'Name'],
    ['invalid-project-name', 422, 'Name'],
    ['invalid-pipeline-file', 422, 'Pipeline file'],
  ] as const)('%s is said at its field', async (code, status, name) => {
    answer(`PATCH ${API}`, () => problem(code, status));
    open('/settings/general');
    await press('Save changes');
    await waitFor(() => expect(field(name).getAttribute('aria-invalid')).toBe('true'));
  });

  test('a member sees the settings and changes nothing', () => {
    open('/settings/general', projectView({ canChange: false }));
    expect(screen.getByRole('main').textContent).toContain('.semaphore/semaphore.yml');
    expect(within(screen.getByRole('main')).queryByRole('button')).toBeNull();
    expect(within(screen.getByRole('main')).queryByRole('textbox')).toBeNull();
  });

  test('deleting lists first what is removed at Bitbucket, and then shows it on the Repository tab', async () => {
    answer(`POST ${API}/repository/repair/preview`, {
      subjects: [
        {
          subject: 'deploy-key',
          makes: { title: 'x' },
          removes: [{ title: 'Our key', fingerprint: 'SHA256:k' }],
        },
        { subject: 'webhook', makes: { title: 'x' }, removes: [{ title: 'Our hook', url: 'https://ci/h' }] },
      ],
      uses: null,
    });
    answer(`DELETE ${API}`, {});
    const deleting = repositoryView({
      project: { id: 'p', name: 'api', state: 'deleting' },
      operation: operation({ kind: 'delete', state: 'running', done: [] }),
    });
    answer(`GET ${API}/repository`, deleting);
    answer(`POST ${API}/repository/check`, deleting);
    open('/settings/general');
    await press('Delete project…');
    const dialog = screen.getByRole('dialog', { name: 'Delete api?' });
    const things = await within(dialog).findAllByRole('listitem');
    expect(things.map(({ textContent }) => textContent)).toEqual([
      'The deploy key “Our key”SHA256:k',
      'The webhook “Our hook”https://ci/h',
    ]);
    expect(within(dialog).getAllByRole('button').at(-1)?.textContent).toBe('Delete');
    await press('Delete', within(dialog));
    expect(await screen.findByRole('region', { name: 'Deleting the project' })).toBeDefined();
    expect(
      asked.find(({ address }) => address === `DELETE ${API}`)?.headers.get('Idempotency-Key'),
    ).toBeTruthy();
    await waitFor(() => expect(countOf(`POST ${API}/repository/check`)).toBe(1));
  });
});
