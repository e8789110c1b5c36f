import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { answer, countOf } from '../../test/bff.ts';
import { noor, operation, repositoryView, withRows } from '../../test/data.ts';
import { showTab, sources } from '../../test/events.ts';
import { openPage } from '../../test/page.tsx';

const TAB = '/organizations/acme/projects/api/settings/repository';
const API = '/api/organizations/acme/projects/api/repository';
const CHECK = `POST ${API}/check` as const;

async function open(version = 7): Promise<void> {
  answer(CHECK, repositoryView({ version }));
  openPage(TAB, { '/api/session': noor(), [API]: repositoryView({ version }) });
  await waitFor(() => expect(countOf(CHECK)).toBe(1));
  await screen.findByText('Checked. Everything is healthy.');
}
const last = () => sources.at(-1);
const webhookIs = (name: string) =>
  waitFor(() =>
    expect(within(screen.getByRole('region', { name: 'Webhook' })).getByRole('img', { name })).toBeDefined(),
  );
const broken = (version: number) =>
  withRows({ webhook: { state: 'broken', cause: 'webhook-removed' } }, { version });

describe('an open tab', () => {
  test('shows what others change, as it comes', async () => {
    await open();
    expect(last()?.url).toBe(`${API}/events`);
    last()?.send('view', broken(8));
    await webhookIs('Broken');
    last()?.send('view', repositoryView({ version: 9 }));
    await webhookIs('Healthy');
  });

  test('never shows an older state over a newer one', async () => {
    await open();
    last()?.send('view', broken(12));
    await webhookIs('Broken');
    last()?.send('view', repositoryView({ version: 11 }));
    last()?.send('view', { ...broken(12), pipelineFile: 'marker.yml' });
    await webhookIs('Broken');
  });

  test('another project under the same name counts anew', async () => {
    await open();
    const other = broken(1);
    last()?.send('view', { ...other, project: { ...other.project, id: 'another' } });
    await webhookIs('Broken');
  });

  test('listens only while it is seen', async () => {
    await open();
    const open1 = sources.filter(({ readyState }) => readyState !== 2);
    expect(open1).toHaveLength(1);
    showTab(false);
    expect(sources.filter(({ readyState }) => readyState !== 2)).toHaveLength(0);
    showTab(true);
    expect(sources.filter(({ readyState }) => readyState !== 2)).toHaveLength(1);
  });

  test('asks every few seconds while no events come, and stops when they do', async () => {
    await open();
    answer(`GET ${API}`, broken(8));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    last()?.fail();
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    await webhookIs('Broken');
    expect(countOf(`GET ${API}`)).toBe(1);
  });

  test('an answer that was asked for does not replace what came newer meanwhile', async () => {
    await open();
    last()?.send('view', broken(20));
    await webhookIs('Broken');
    answer(`GET ${API}`, repositoryView({ version: 19 }));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    last()?.fail();
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    await waitFor(() => expect(countOf(`GET ${API}`)).toBe(1));
    await webhookIs('Broken');
  });

  test('a project that is deleted says what stayed behind', async () => {
    await open();
    last()?.send('gone', {
      operation: operation({
        kind: 'delete',
        leftovers: [{ subject: 'webhook', title: 'Semaphore · acme/api', why: 'no-access' }],
      }),
    });
    expect(await screen.findByRole('heading', { level: 1, name: 'api is deleted' })).toBeDefined();
    expect(screen.getByText(/^The webhook “Semaphore · acme\/api” could not be removed/)).toBeDefined();
  });

  test('one that could not be created says why', async () => {
    await open();
    last()?.send('gone', {
      operation: operation({
        kind: 'create',
        state: 'failed',
        problem: { code: 'not-admin', message: 'Nobody has admin right.' },
      }),
    });
    expect(await screen.findByRole('heading', { level: 1, name: 'api was not created' })).toBeDefined();
    expect(screen.getByRole('alert').textContent).toContain('admin right');
  });

  test('one that a person may not see any more is as if it were not there', async () => {
    await open();
    last()?.send('gone', { operation: null });
    expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page' })).toBeDefined();
  });
});
