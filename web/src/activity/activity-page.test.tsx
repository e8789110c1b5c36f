import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ActivityView, DeliveryDetail, DeliveryItem, OperationView, TroubleView } from 'bff';
import { describe, expect, test } from 'vitest';
import { answer, asked, countOf, problem } from '../../test/bff.ts';
import {
  activityView,
  delivery,
  gap,
  noor,
  operation,
  projectView,
  repositoryView,
  workflow,
} from '../../test/data.ts';
import { sources } from '../../test/events.ts';
import { openPage } from '../../test/page.tsx';

const PAGE = '/organizations/acme/projects/api';
const API = `/api${PAGE}` as const;
const LIST = `GET ${API}/activity` as const;

const open = (view: Partial<ActivityView> = {}, operations: OperationView[] = [], search = '') =>
  openPage(`${PAGE}${search}`, {
    '/api/session': noor(),
    [API]: projectView({ operations }),
    [`${API}/activity${/kind=operation/.test(search) ? '' : search}`]: activityView(view),
  });
const list = () => screen.getByRole('list', { name: 'Activity' });
const lines = () => [...list().children].map(({ textContent }) => textContent ?? '');
const press = (name: string | RegExp, place: { getByRole: typeof screen.getByRole } = screen) =>
  userEvent.click(place.getByRole('button', { name }));
const choose = (label: string, value: string) => userEvent.selectOptions(screen.getByLabelText(label), value);
const unavailable = {
  code: 'pipeline-file-unavailable',
  message: `Error: {"File '.semaphore/semaphore.yml' is not available", "Not Found"}`,
  cause: 'file-missing',
  finding: 'pipeline-file',
} as const;

/** Of the token owner, whom Noor is not. */
function trouble(changes: Partial<TroubleView> = {}): TroubleView {
  return {
    cause: 'grant-revoked',
    subject: 'token-owner',
    facts: {},
    owner: 'Ada Osei',
    you: false,
    ...changes,
  };
}

function detail(changes: Partial<DeliveryDetail> = {}): DeliveryDetail {
  return {
    ...delivery(),
    repository: 'acme/api',
    odd: 0,
    pullRequest: null,
    renamedFrom: null,
    size: 9_876,
    attempt: 2,
    requestId: 'f00d',
    webhook: 'Semaphore · acme/api',
    workedAt: '2026-11-20T10:00:01.000Z',
    ...changes,
  };
}

describe('the list', () => {
  test('says what was heard, what came of it and what was done, the newest first', () => {
    open({ items: [workflow(), delivery()] }, [
      operation({ startedAt: '2026-11-20T10:00:00.500Z' }),
      operation({ id: '2', startedAt: '2026-11-20T09:00:00.000Z', kind: 'create' }),
    ]);
    const [first, second, third, fourth] = lines();
    expect(first).toMatch(/^Handed overWorkflow for main0123456789ab · after a push/);
    expect(second).toMatch(/^DoneNoor Haddad repaired the deploy key/);
    expect(third).toMatch(/^DonePush by Tom Fern.*main to 0123456789ab “Mend the sail”/);
    expect(fourth).toMatch(/^DoneNoor Haddad created the project/);
  });

  test('a failed workflow says the exact message and leads to the finding that explains it', async () => {
    open({ items: [workflow({ state: 'failed', problem: unavailable })] });
    expect(screen.getByText(unavailable.message)).toBeDefined();
    answer(`POST ${API}/repository/check`, repositoryView());
    answer(`GET ${API}/repository`, repositoryView());
    await userEvent.click(screen.getByRole('link', { name: 'What explains it: Pipeline file' }));
    await waitFor(() => expect(document.activeElement?.id).toBe('pipeline-file'));
    expect(screen.getByRole('region', { name: 'Pipeline file' })).toBe(document.activeElement);
    await waitFor(() => expect(countOf(`POST ${API}/repository/check`)).toBe(1));
  });

  test('what keeps a workflow, and until when, is said', () => {
    open({
      items: [
        workflow({
          state: 'handing-over',
          problem: { code: 'runner-unreachable' },
          nextTryAt: '2026-11-20T10:05:00.000Z',
        }),
      ],
    });
    expect(lines()[0]).toContain(
      'The runner cannot be reached. It is tried again after 20 November 2026 at 10:05:00 UTC.',
    );
  });

  test.each([
    [false, 'waiting', 1],
    [false, 'failed', 0],
    [true, 'waiting', 0],
  ] as const)(
    'with a runner: %s, and a workflow %s: what to configure is said %i times',
    (runner, state, times) => {
      open({ runner, items: [workflow({ state })] });
      expect(screen.queryAllByText(/RUNNER_URL and RUNNER_SECRET/)).toHaveLength(times);
    },
  );

  test('why nothing came of a delivery is said', () => {
    open({ items: [delivery({ state: 'ignored', reason: 'repeated', workflows: [] })] });
    expect(lines()[0]).toContain('It told of what had been announced already.');
  });

  const topic = { ...delivery().moves[0], refName: 'topic', leftOut: 'not-in-whitelist' } as const;
  const tag = { ...delivery().moves[0], refType: 'tag', refName: 'v1', leftOut: 'tags-off' } as const;

  test('what the settings left out says why, and leads to them', () => {
    const moves = [tag] as DeliveryItem['moves'];
    open({ items: [delivery({ state: 'ignored', reason: 'left-out', workflows: [], moves })] });
    expect(lines()[0]).toContain('Left out: the project does not run on tags. General settings');
    const link = screen.getByRole('link', { name: 'General settings' });
    expect(link.getAttribute('href')).toBe(`${PAGE}/settings/general`);
  });

  test('of a push that started something, what was left out is named', () => {
    const moves = [...delivery().moves, topic, tag] as DeliveryItem['moves'];
    open({ items: [delivery({ moves })] });
    expect(lines()[0]).toContain(
      'Left out topic: the project runs only on the branches that its settings list.',
    );
    expect(lines()[0]).toContain('Left out v1: the project does not run on tags.');
    expect(lines()[0]).not.toMatch(/Left out[^:]*main/);
  });

  test('says so when nothing has happened yet, and what one can do', () => {
    open();
    expect(screen.getByText('Nothing has happened yet.')).toBeDefined();
    expect(screen.getByText(/^Bitbucket has delivered nothing yet\. Push to the repository/)).toBeDefined();
  });

  test('what comes by itself takes nobody’s place on the page', async () => {
    Object.defineProperty(navigator, 'userActivation', {
      configurable: true,
      value: { hasBeenActive: true },
    });
    open({ runner: false });
    act(() => (document.activeElement as HTMLElement).blur());
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ version: 8, runner: false, items: [workflow({ state: 'waiting' })] }));
    sources.at(-1)?.send('change', { version: 8 });
    await screen.findByText(/RUNNER_URL and RUNNER_SECRET/);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    expect(document.activeElement).toBe(document.body);
    Reflect.deleteProperty(navigator, 'userActivation');
  });

  test('of a project that is not there is as if it never was', async () => {
    answer(`GET ${API}`, () => problem('not-found', 404));
    answer(LIST, () => problem('not-found', 404));
    openPage(PAGE, { '/api/session': noor() });
    await waitFor(() => expect(sources).not.toEqual([]));
    act(() => sources.at(-1)?.fail());
    expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
  });
});

describe('what is wrong with the repository', () => {
  const said = () => screen.getByRole('region', { name: 'What is wrong' });

  test('is named with the way to what can be done', () => {
    open({ trouble: trouble() });
    expect(said().textContent).toBe('Ada Osei’s access was revoked at Bitbucket. See what to do');
    expect(within(said()).getByRole('link').getAttribute('href')).toBe(
      `${PAGE}/settings/repository#token-owner`,
    );
  });

  test('and that announcements may not come, where it is the webhook', () => {
    open({ trouble: trouble({ cause: 'webhook-inactive', subject: 'webhook' }) });
    expect(said().textContent).toContain(
      'The webhook is switched off at Bitbucket. Pushes may not be announced until that is mended.',
    );
  });

  test('of a repository that moved leads to where it stands', () => {
    open({
      trouble: trouble({ cause: 'repository-moved', subject: 'repository', facts: { movedTo: 'acme/new' } }),
    });
    expect(said().textContent).toContain('The repository acme/api is now acme/new.');
    expect(within(said()).getByRole('link').getAttribute('href')).toBe(`${PAGE}/settings/repository`);
  });
});

describe('what was done with the project', () => {
  const entries = (operations: OperationView[]) => {
    open({}, operations);
    return lines();
  };

  test('says who did what and what came of it', () => {
    const [failed, done, sweep] = entries([
      operation({
        id: '1',
        state: 'failed',
        done: [],
        problem: { code: 'verification-failed', message: 'What was made did not prove to work.' },
        steps: [{ subject: 'deploy-key', step: 'verify', state: 'failed' }],
      }),
      operation({ id: '2', kind: 'create', subjects: ['deploy-key', 'webhook'] }),
      operation({ id: '3', kind: 'sweep', by: null }),
    ]);
    expect(failed).toContain('FailedNoor Haddad repaired the deploy key');
    expect(failed).toContain('did not prove to work');
    expect(failed).toContain('This step did not succeed: Prove the new deploy key.');
    expect(done).toContain('DoneNoor Haddad created the project');
    expect(sweep).toContain('Semaphore cleaned up at Bitbucket');
  });

  test('what stayed behind is named', () => {
    const [entry] = entries([
      operation({ leftovers: [{ subject: 'webhook', title: 'Our hook', why: 'not-allowed' }] }),
    ]);
    expect(entry).toContain('The webhook “Our hook” could not be removed');
  });
});

describe('filters', () => {
  test('ask for what they say, stand in the address, and an impossible pair is not kept', async () => {
    open({ items: [delivery()] }, [operation()]);
    const held: string[] = [];
    answer(LIST, (search) => {
      held.push(search.toString());
      return activityView({ items: search.get('kind') === 'workflow' ? [workflow()] : [delivery()] });
    });
    await choose('Show', 'Deliveries');
    await choose('State', 'Ignored');
    await waitFor(() => expect(held).toContain('kind=delivery&state=ignored'));
    expect(window.location.search).toBe('?kind=delivery&state=ignored');
    await choose('Show', 'Workflows');
    expect(window.location.search).toBe('?kind=workflow');
    await waitFor(() => expect(lines()).toHaveLength(1));
    expect(lines()[0]).toContain('Workflow for main');
  });

  test('what was done with the project is a kind of its own, which nobody is asked for', async () => {
    open({ items: [delivery()], next: 'more' }, [operation()], '?kind=operation');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain('repaired the deploy key');
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
    await choose('State', 'Under way');
    expect(screen.getByText('Nothing fits these filters.')).toBeDefined();
    expect(asked).toEqual([]);
  });

  test('an address with filters opens with them', () => {
    open({ items: [workflow({ state: 'failed' })] }, [operation()], '?kind=workflow&state=failed');
    expect(lines()).toHaveLength(1);
    expect(screen.getByLabelText<HTMLSelectElement>('State').value).toBe('failed');
    expect(asked).toEqual([]);
  });
});

describe('more', () => {
  const below = workflow({ id: 'below', at: '2026-11-19T10:00:00.000Z', ref: { type: 'tag', name: 'v1' } });
  const old = operation({ startedAt: '2026-11-19T12:00:00.000Z' });

  test('comes below what is there, and what was done in between comes with it', async () => {
    open({ items: [workflow()], next: '1_x' }, [old]);
    expect(lines()).toHaveLength(1);
    answer(LIST, activityView({ items: [below] }));
    await press('Load more');
    await waitFor(() => expect(lines()).toHaveLength(3));
    expect(asked[0]?.search).toBe('?before=1_x');
    expect(lines()[1]).toContain('repaired');
    expect(lines()[2]).toContain('Workflow for tag v1');
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
  });

  test('stays when something new comes', async () => {
    open({ items: [workflow()], next: '1_x' });
    answer(LIST, activityView({ items: [below] }));
    await press('Load more');
    await waitFor(() => expect(lines()).toHaveLength(2));
    answer(`GET ${API}`, projectView());
    answer(LIST, (search) =>
      search.has('before')
        ? activityView({ version: 8, items: [workflow(), below] })
        : activityView({ version: 8, items: [workflow({ id: 'new' })], next: '2_x' }),
    );
    sources.at(-1)?.send('change', { version: 8 });
    await waitFor(() => expect(lines()).toHaveLength(3));
  });

  test('that cannot be had is said, and the list stays', async () => {
    open({ items: [workflow()], next: '1_x' });
    answer(LIST, () => problem('not-ready', 503));
    await press('Load more');
    expect((await screen.findByRole('alert')).textContent).toContain('cannot answer just now');
    expect(lines()).toHaveLength(1);
  });
});

describe('live', () => {
  test('a push shows without a reload', async () => {
    open();
    expect(sources.at(-1)?.url).toBe(`${API}/activity/events`);
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ version: 8, items: [delivery()] }));
    sources.at(-1)?.send('change', { version: 8 });
    await waitFor(() => expect(lines()).toHaveLength(1));
  });

  test('what the page knows already is not asked for', async () => {
    open({ items: [delivery()] });
    sources.at(-1)?.send('change', { version: 7 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toEqual([]);
  });

  test('of a project that was deleted a moment ago what became of it is said', async () => {
    answer(`GET ${API}`, () => problem('not-found', 404));
    answer(LIST, () => problem('not-found', 404));
    openPage(PAGE, { '/api/session': noor() });
    await waitFor(() => expect(sources).not.toEqual([]));
    act(() => sources.at(-1)?.send('gone', { operation: operation({ kind: 'delete' }) }));
    expect(await screen.findByRole('heading', { level: 1, name: 'api is deleted' })).toBeDefined();
  });

  test('a project that is deleted meanwhile says so', async () => {
    open();
    sources.at(-1)?.send('gone', { operation: operation({ kind: 'delete' }) });
    expect(await screen.findByRole('heading', { level: 1, name: 'api is deleted' })).toBeDefined();
  });
});

describe('details', () => {
  test('of a delivery: its facts, and the way to its workflow and back', async () => {
    answer(`GET ${API}/deliveries/${delivery().id}`, detail());
    answer(`GET ${API}/workflows/${workflow().id}`, workflow());
    open({ items: [delivery()] });
    await press('Push by Tom Fern');
    const dialog = await screen.findByRole('dialog', { name: 'Delivery: Push' });
    for (const fact of ['repo:push', 'acme/api', '9.9 kB', 'Bitbucket’s 2. try got through', 'f00d']) {
      expect(dialog.textContent).toContain(fact);
    }
    expect(window.location.search).toBe(`?delivery=${delivery().id}`);
    await press('Workflow for main: handed over', within(dialog));
    const other = await screen.findByRole('dialog', { name: 'Workflow for main' });
    expect(within(other).getByRole('link', { name: workflow().commit.hash })).toBeDefined();
    await press('The delivery that announced it', within(other));
    await press('Close', within(await screen.findByRole('dialog', { name: 'Delivery: Push' })));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(window.location.search).toBe('');
  });

  test('of a workflow that waits say what to configure', async () => {
    const waiting = workflow({ state: 'waiting', finishedAt: null });
    answer(`GET ${API}/workflows/${waiting.id}`, waiting);
    open({ runner: false, items: [waiting] });
    await press('Workflow for main');
    const dialog = await screen.findByRole('dialog', { name: 'Workflow for main' });
    expect(dialog.textContent).toContain('Waiting for a runner');
    expect(dialog.textContent).toContain('RUNNER_URL and RUNNER_SECRET');
  });

  test('that are not kept any more say so', async () => {
    answer(`GET ${API}/deliveries/x`, () => problem('not-found', 404));
    openPage(`${PAGE}?delivery=x`, {
      '/api/session': noor(),
      [API]: projectView(),
      [`${API}/activity`]: activityView(),
    });
    expect((await screen.findByRole('alert')).textContent).toContain('not kept any more');
  });
});

describe('missed pushes', () => {
  test('are shown with what is proved, and run', async () => {
    open({ gaps: [gap()] });
    const section = await screen.findByRole('region', { name: 'Missed pushes' });
    expect(section.textContent).toContain(
      'Pushes to main were not announced to us between 20 November 2026 at 08:00:00 UTC and 20 November 2026 at 09:00:00 UTC.',
    );
    answer(`POST ${API}/gaps/${gap().id}/run`, { id: workflow().id });
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ version: 8, items: [workflow({ origin: 'gap', by: 'Noor Haddad' })] }));
    await press('Run main', within(section));
    expect(await screen.findByText('A workflow for main is requested.')).toBeDefined();
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Missed pushes' })).toBeNull());
    expect(lines()[0]).toContain('for a missed push, run by Noor Haddad');
  });

  test('one that somebody else ran a moment ago goes with the words for that', async () => {
    open({ gaps: [gap(), gap({ id: 'other', branch: 'next' })] });
    answer(`POST ${API}/gaps/${gap().id}/run`, () => problem('not-found', 404));
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ gaps: [gap({ id: 'other', branch: 'next' })] }));
    await screen.findByRole('region', { name: 'Missed pushes' });
    await press('Run main');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Run main' })).toBeNull());
    expect(screen.getByRole('button', { name: 'Run next' })).toBeDefined();
  });

  test('run by themselves once the webhook is repaired, which is said where they stand', async () => {
    open({ gaps: [gap()], trouble: trouble({ cause: 'webhook-removed', subject: 'webhook' }) });
    const section = await screen.findByRole('region', { name: 'Missed pushes' });
    expect(section.textContent).toContain('“Repair” of the webhook also runs what was missed, by itself.');
  });

  test.each([
    [[], /^The branches are compared\. Nothing is known to be missed/],
    [[gap()], 'The branches are compared. What was missed stands above.'],
  ])('can be looked for, and what came of it is said', async (gaps, words) => {
    answer(`POST ${API}/activity/check`, {});
    open({ comparedAt: '2026-11-20T09:00:00.000Z' });
    await press('Check for missed pushes');
    expect(await screen.findByText(/as soon as Bitbucket answers\.$/)).toBeDefined();
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ version: 8, gaps, comparedAt: '2026-11-20T10:00:00.000Z' }));
    sources.at(-1)?.send('change', { version: 8 });
    expect(await screen.findByText(words)).toBeDefined();
  });
});

describe('“Run”', () => {
  const dialog = () => screen.findByRole('dialog', { name: 'Run a branch?' });

  test('requests the head of the branch that is named, with a key of its own', async () => {
    open();
    await press('Run…');
    const field = within(await dialog()).getByLabelText<HTMLInputElement>('Branch');
    expect(field.value).toBe('main');
    await userEvent.clear(field);
    await userEvent.type(field, 'next');
    answer(`POST ${API}/workflows`, { id: workflow().id });
    answer(`GET ${API}`, projectView());
    answer(LIST, activityView({ version: 8, items: [workflow({ origin: 'person', by: 'Noor Haddad' })] }));
    await press('Run', within(await dialog()));
    expect(await screen.findByText('A workflow for next is requested.')).toBeDefined();
    const sent = asked.find(({ address }) => address === `POST ${API}/workflows`);
    expect(sent?.body).toEqual({ branch: 'next' });
    expect(sent?.headers.get('Idempotency-Key')).toBeTruthy();
    await waitFor(() => expect(lines()[0]).toContain('run by Noor Haddad'));
  });

  test('a branch that is not there is said at its field', async () => {
    open({ items: [workflow({ state: 'failed', problem: unavailable })] });
    answer(`POST ${API}/workflows`, () => problem('not-found', 404, 'Bitbucket shows no branch main.'));
    await press('Run main again…');
    await press('Run', within(await dialog()));
    await waitFor(async () => {
      const field = within(await dialog()).getByLabelText('Branch');
      expect(field.getAttribute('aria-invalid')).toBe('true');
    });
    expect((await dialog()).textContent).toContain('Bitbucket shows no branch main.');
  });

  test('when the token owner’s access does not work, that is said, and not that it were one’s own', async () => {
    open();
    await press('Run…');
    answer(`POST ${API}/workflows`, () => problem('grant-needed', 409));
    await press('Run', within(await dialog()));
    const alert = await within(await dialog()).findByRole('alert');
    expect(alert.textContent).toContain('Bitbucket is asked with the token owner’s access');
    expect(within(alert).getByRole('link').getAttribute('href')).toBe(
      `${PAGE}/settings/repository#token-owner`,
    );
  });

  test('a member looks and does not run', async () => {
    open({ canRun: false, gaps: [gap()], items: [workflow({ state: 'failed', problem: unavailable })] });
    expect(await screen.findByText(/An owner or an admin of the organization can run/)).toBeDefined();
    expect(screen.queryByRole('button', { name: /^Run/ })).toBeNull();
  });
});
