import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ChoiceLine, RepositoryChoice } from 'bff';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, networkLoss, problem } from '../../test/bff.ts';
import { noor, repositoryView } from '../../test/data.ts';
import { openPage } from '../../test/page.tsx';

const LIST = 'GET /api/organizations/acme/repositories';
const CREATE = 'POST /api/organizations/acme/projects';
const TAB = '/api/organizations/acme/projects/api/repository';

const choice = (fullName: string, changes: Partial<RepositoryChoice> = {}): RepositoryChoice => ({
  type: 'repository',
  uuid: `{${fullName}}`,
  fullName,
  name: fullName,
  isPrivate: true,
  addable: true,
  reason: null,
  projects: [],
  ...changes,
});
const END: ChoiceLine = { type: 'end' };

const ndjson = (lines: ChoiceLine[]) =>
  new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

function open(lines: ChoiceLine[]): void {
  answer(LIST, () => ndjson(lines));
  openPage('/organizations/acme/projects/new', { '/api/session': noor() });
}
const radio = (name: string) => screen.findByRole<HTMLInputElement>('radio', { name });
const nameField = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Project name' });
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('choosing a repository', () => {
  test('shows them as they arrive, before the list has ended', async () => {
    let push: (line: ChoiceLine) => void = () => {};
    let close = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        push = (line) => controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
        close = () => controller.close();
      },
    });
    answer(LIST, new Response(body));
    openPage('/organizations/acme/projects/new', { '/api/session': noor() });
    await waitFor(() => expect(countOf(LIST)).toBe(1));
    expect(asked[0]?.headers.get('X-Requested-With')).toBe('semaphore');
    push(choice('acme/api'));
    expect(await radio('acme/api')).toBeDefined();
    expect(screen.getByText('Reading your workspaces… 1 so far.')).toBeDefined();
    push(choice('other/site'));
    expect(await radio('other/site')).toBeDefined();
    push(END);
    close();
    expect(await screen.findByText('2 repositories.')).toBeDefined();
  });

  test('one without admin right is shown with the reason and cannot be chosen', async () => {
    open([choice('acme/core', { addable: false, reason: 'no-admin-right' }), END]);
    const core = await radio('acme/core');
    expect(core.disabled).toBe(true);
    expect(document.getElementById(core.getAttribute('aria-describedby') ?? '')?.textContent).toContain(
      'You have no admin right on it',
    );
  });

  test('one that is used already says by which project, and can be chosen all the same', async () => {
    open([choice('acme/api', { projects: ['api', 'api-nightly'] }), END]);
    expect((await radio('acme/api')).disabled).toBe(false);
    expect(screen.getByText(/Used by api, api-nightly already/)).toBeDefined();
  });

  test('of two thousand at most a hundred are drawn, and the search finds the others', async () => {
    open([...Array.from({ length: 2_000 }, (_, i) => choice(`acme/r${String(i).padStart(4, '0')}`)), END]);
    expect(await screen.findByText('2000 repositories. 1900 more: refine the search.')).toBeDefined();
    expect(document.querySelectorAll('input[type=radio]')).toHaveLength(100);
    await userEvent.type(screen.getByRole('searchbox', { name: 'Search repositories' }), 'R1999');
    expect(await radio('acme/r1999')).toBeDefined();
    expect(document.querySelectorAll('input[type=radio]')).toHaveLength(1);
  });

  test('a workspace that cannot be read takes nothing from the others, and is asked again by hand', async () => {
    open([choice('acme/api'), { type: 'fault', workspace: 'slow', code: 'provider-timeout' }, END]);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('slow could not be read. Bitbucket did not answer in time.');
    expect(await radio('acme/api')).toBeDefined();
    answer(LIST, () => ndjson([choice('acme/api'), choice('slow/site'), END]));
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await radio('slow/site')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('a list that broke off says so', async () => {
    open([choice('acme/api')]);
    expect((await screen.findByRole('alert')).textContent).toContain('The list broke off');
  });

  test('without a connection to Bitbucket leads to the account page', async () => {
    answer(LIST, () => problem('grant-needed', 409));
    openPage('/organizations/acme/projects/new', { '/api/session': noor() });
    expect((await screen.findByRole('alert')).textContent).toContain('your own connection to Bitbucket');
    expect(screen.getByRole('link', { name: 'your account page' }).getAttribute('href')).toBe('/account');
  });

  test('what could not be asked can be tried again', async () => {
    answer(LIST, networkLoss);
    openPage('/organizations/acme/projects/new', { '/api/session': noor() });
    await screen.findByRole('alert');
    answer(LIST, () => ndjson([choice('acme/api'), END]));
    await press('Try again');
    expect(await radio('acme/api')).toBeDefined();
  });
});

describe('creating', () => {
  test('the name follows the repository until it is typed', async () => {
    open([choice('acme/api'), choice('acme/site'), END]);
    await userEvent.click(await radio('acme/api'));
    expect(nameField().value).toBe('api');
    await userEvent.click(await radio('acme/site'));
    expect(nameField().value).toBe('site');
    await userEvent.type(nameField(), '-2');
    await userEvent.click(await radio('acme/api'));
    expect(nameField().value).toBe('site-2');
  });

  test('ends on the Repository tab; sent again, the click carries the same key', async () => {
    open([choice('acme/api'), END]);
    answer(CREATE, networkLoss);
    await userEvent.click(await radio('acme/api'));
    await press('Create project');
    await screen.findByRole('alert');
    answer(CREATE, { name: 'api' });
    answer(`GET ${TAB}`, repositoryView());
    answer(`POST ${TAB}/check`, repositoryView());
    await press('Create project');
    expect(await screen.findByRole('region', { name: 'Deploy Key' })).toBeDefined();
    expect(window.location.pathname).toBe('/organizations/acme/projects/api/settings/repository');
    const sent = asked.filter(({ address }) => address === CREATE);
    expect(sent.map(({ body }) => body)).toEqual(
      Array.from({ length: 2 }, () => ({ repository: '{acme/api}', name: 'api' })),
    );
    expect(new Set(sent.map(({ headers }) => headers.get('Idempotency-Key'))).size).toBe(1);
    await waitFor(() => expect(countOf(`POST ${TAB}/check`)).toBe(1));
  });

  test('a name that is taken is said at the field, and another one is another click', async () => {
    open([choice('acme/api'), END]);
    answer(CREATE, () => problem('project-name-taken', 409));
    await userEvent.click(await radio('acme/api'));
    await press('Create project');
    await waitFor(() => expect(nameField().getAttribute('aria-invalid')).toBe('true'));
    await userEvent.type(nameField(), '2');
    await press('Create project');
    await waitFor(() => expect(countOf(CREATE)).toBe(2));
    const keys = asked
      .filter(({ address }) => address === CREATE)
      .map(({ headers }) => headers.get('Idempotency-Key'));
    expect(keys[0]).not.toBe(keys[1]);
  });
});
