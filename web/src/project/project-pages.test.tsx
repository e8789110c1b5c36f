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
  test('saves what was changed and nothing that somebody else may have changed meanwhile, and says so', async () => {
    const { project } = projectView();
    answer(`PATCH ${API}`, projectView({ project: { ...project, pipelineFile: 'ci.yml' } }));
    open('/settings/general');
    await userEvent.clear(field('Pipeline file'));
    await userEvent.type(field('Pipeline file'), 'ci.yml');
    await press('Save changes');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(asked[0]?.body).toEqual({ name: 'api', pipelineFile: 'ci.yml' });
  });

  test('lists that nobody touched are not sent, in whatever order the answer has them', async () => {
    const { project } = projectView();
    const view = projectView({ project: { ...project, whitelist: { tags: ['v1'], branches: ['main'] } } });
    answer(`PATCH ${API}`, view);
    open('/settings/general', view);
    await userEvent.type(field('Description'), 'Ours');
    await press('Save changes');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(asked[0]?.body).toEqual({ name: 'api', description: expect.stringContaining('Ours') });
  });

  test('which pushes start workflows is saved as it is typed, and comes back as it is kept', async () => {
    const { project } = projectView();
    const saved = {
      runOn: ['branches' as const],
      whitelist: { branches: ['main', '/^release-/'], tags: [] },
    };
    answer(`PATCH ${API}`, projectView({ project: { ...project, ...saved } }));
    open('/settings/general');
    await userEvent.type(field('Only these branches'), ' main {enter}{enter}/^release-/{enter}');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Tags' }));
    expect(screen.queryByRole('textbox', { name: 'Only these tags' })).toBeNull();
    await press('Save changes');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(asked[0]?.body).toMatchObject(saved);
    expect(field('Only these branches').value).toBe('main\n/^release-/');
  });

  test('that no push starts a workflow is said as soon as it is chosen', async () => {
    open('/settings/general');
    const said = () => screen.queryByText(/^No push starts a workflow\./);
    await userEvent.click(screen.getByRole('checkbox', { name: 'Tags' }));
    expect(said()).toBeNull();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Branches' }));
    expect(said()).not.toBeNull();
  });

  test('what the command line set for pull requests stays, and is said to start nothing', async () => {
    const { project } = projectView();
    const view = projectView({ project: { ...project, runOn: ['branches', 'pull_requests'] } });
    answer(`PATCH ${API}`, view);
    open('/settings/general', view);
    expect(
      screen.getByText(/^The command line also set pull requests\. They start nothing here/),
    ).toBeDefined();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Branches' }));
    await press('Save changes');
    expect(await screen.findByText('Saved.')).toBeDefined();
    expect(asked[0]?.body).toMatchObject({ runOn: ['pull_requests'] });
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
    ['invalid-branch-whitelist', 422, 'Only these branches'],
    ['invalid-tag-whitelist', 422, 'Only these tags'],
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
    expect(within(screen.getByRole('main')).queryByRole('checkbox')).toBeNull();
  });

  test('a member sees what starts workflows', () => {
    const { project } = projectView();
    const of = (term: string) => screen.getByText(term).nextElementSibling?.textContent;
    const whitelist = { branches: ['main', '/^release-/'], tags: ['v1'] };
    const runsOn = { runOn: ['branches' as const, 'draft_pull_requests' as const], whitelist };
    open('/settings/general', projectView({ canChange: false, project: { ...project, ...runsOn } }));
    expect(of('Branches that start workflows')).toBe('main/^release-/');
    expect(of('Tags that start workflows')).toBe('None');
    expect(of('Pull requests')).toContain('drafts of pull requests');
  });

  test('of a list that is wrong and put away the field comes back with its error', async () => {
    answer(`PATCH ${API}`, () => problem('invalid-tag-whitelist', 422));
    open('/settings/general');
    await userEvent.type(field('Only these tags'), 'v*');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Tags' }));
    await press('Save changes');
    await waitFor(() => expect(field('Only these tags').getAttribute('aria-invalid')).toBe('true'));
    expect(field('Only these tags').value).toBe('v*');
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
