import { describe, expect, test } from 'vitest';
import { draftOf, runsOnOf, wordsOfPullRequests } from './runs-on.ts';

describe('what starts workflows', () => {
  test.each([
    { runOn: [], whitelist: { branches: [], tags: [] } },
    { runOn: ['tags', 'branches'], whitelist: { branches: ['main', '/^a b$/'], tags: ['v1'] } },
    {
      runOn: ['branches', 'pull_requests', 'draft_pull_requests'],
      whitelist: { branches: [], tags: ['v1'] },
    },
  ] satisfies Parameters<typeof draftOf>[0][])('%j is kept when nothing is changed', (kept) => {
    expect(runsOnOf(draftOf(kept), kept)).toEqual(kept);
  });

  test('blank lines and blanks around a name are no part of it', () => {
    const draft = { branches: { on: true, only: '\r\n main \r\n\n/^x/' }, tags: { on: false, only: '  ' } };
    expect(runsOnOf(draft, { runOn: [] })).toEqual({
      runOn: ['branches'],
      whitelist: { branches: ['main', '/^x/'], tags: [] },
    });
  });

  test('kinds of pull requests are named, each', () => {
    expect(wordsOfPullRequests({ runOn: ['tags', 'branches'] })).toBeNull();
    expect(
      wordsOfPullRequests({ runOn: ['pull_requests', 'forked_pull_requests', 'draft_pull_requests'] }),
    ).toBe(
      'The command line also set pull requests, pull requests of forks and drafts of pull requests. They start nothing here; the pushes to their branches do.',
    );
  });
});
