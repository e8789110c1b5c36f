import type { Cause, Facts, SummaryView } from 'bff';
import { describe, expect, test } from 'vitest';
import { logLine, whatFirst, wordsFor } from './causes.ts';
import { type About, list } from './titles.ts';

/** Every cause; one that is missing does not compile. */
const CAUSES: Record<Cause, true> = {
  'no-owner': true,
  'not-connected': true,
  'grant-revoked': true,
  'grant-expired': true,
  'grant-unusable': true,
  'left-organization': true,
  'scope-missing': true,
  'no-admin-right': true,
  'repository-gone': true,
  'repository-moved': true,
  'key-missing': true,
  'key-removed': true,
  'key-lost-with-grant': true,
  'key-lost-with-right': true,
  'key-replaced': true,
  'ssh-refused': true,
  'host-key-mismatch': true,
  'webhook-missing': true,
  'webhook-removed': true,
  'webhook-inactive': true,
  'webhook-wrong-url': true,
  'webhook-missing-events': true,
  'webhook-without-secret': true,
  'webhook-not-allowed': true,
  'file-missing': true,
  'file-elsewhere': true,
  'branch-gone': true,
  'repository-empty': true,
  disconnected: true,
  'provider-timeout': true,
  'provider-unreachable': true,
  'provider-rate-limited': true,
  'provider-error': true,
  'provider-unexpected': true,
  'grant-doubtful': true,
  'refresh-under-way': true,
  'ssh-unreachable': true,
  'needs-token-owner': true,
  'never-checked': true,
};
const causes = Object.keys(CAUSES) as Cause[];

const ALL_FACTS: Facts = {
  missingScopes: ['webhook', 'repository:admin'],
  permission: 'write',
  presentedHostKey: 'SHA256:strange',
  foundUrl: 'https://elsewhere.example/hook',
  missingEvents: ['repo:push'],
  branch: 'main',
  foundOnBranches: ['develop', 'next'],
  foundAtPath: 'ci/semaphore.yml',
  brokenSubject: 'token-owner',
  movedTo: 'acme/new-name',
};

const about = (changes: Partial<About> = {}): About => ({
  facts: {},
  owner: 'Tom Fern',
  you: false,
  repository: 'acme/api',
  path: '.semaphore/semaphore.yml',
  ...changes,
});
const said = (cause: Cause, changes?: Partial<About>) =>
  Object.values(wordsFor(cause, about(changes))).join(' ');

describe('words for a cause', () => {
  const people: [string, Partial<About>][] = [
    ['another person', {}],
    ['the one who reads', { you: true }],
    ['nobody', { owner: null, path: null }],
  ];
  test.each(causes)('%s is said in sentences, with all facts and with none, about anyone', (cause) => {
    for (const [, who] of people) {
      for (const facts of [{}, ALL_FACTS]) {
        const { title, why, next } = wordsFor(cause, about({ ...who, facts }));
        for (const words of [title, why, next]) {
          expect(words).toMatch(/^.+[.”]$/s);
          expect(words).not.toMatch(/undefined|null|\[object|\.\.| {2}/);
        }
        expect(title).not.toMatch(/\. /);
      }
    }
  });

  test.each([
    'key-missing',
    'key-removed',
    'key-replaced',
    'key-lost-with-grant',
    'key-lost-with-right',
    'ssh-refused',
  ] as const)('%s says what git says of it', (cause) =>
    expect(said(cause)).toContain('git@bitbucket.org: Permission denied (publickey).'),
  );

  test('a repository that is not shown is not said to be deleted', () => {
    expect(said('repository-gone')).toContain('Bitbucket shows Tom Fern no repository acme/api any more.');
    expect(said('repository-gone')).toContain(
      'It was deleted, or their access was taken away; Bitbucket does not tell which.',
    );
  });

  test.each([
    ['no-admin-right', 'write access only'],
    ['scope-missing', 'webhook and repository:admin'],
    ['host-key-mismatch', 'SHA256:strange'],
    ['webhook-wrong-url', 'https://elsewhere.example/hook'],
    ['webhook-missing-events', 'repo:push'],
    ['file-missing', 'develop and next'],
    ['file-elsewhere', 'ci/semaphore.yml'],
    ['branch-gone', 'main'],
    ['disconnected', 'OAuth API token owner'],
    ['repository-moved', 'acme/new-name'],
  ] as const)('%s names what was found: %s', (cause, fact) => {
    expect(said(cause, { facts: ALL_FACTS })).toContain(fact);
  });

  test.each(causes.filter((cause) => /^(provider|ssh-unreachable|refresh)/.test(cause)))(
    '%s accuses nothing of the project',
    (cause) => expect(said(cause)).not.toMatch(/broken|revoked|removed|deleted/),
  );

  test('a cause of a newer service does not break the page', () => {
    expect(said('toString' as Cause)).toContain('Load the page again.');
  });
});

describe('what a job says', () => {
  test('stands at the pipeline file, with the path of the project', () => {
    expect(logLine('pipeline-file', '.semaphore/semaphore.yml')).toBe(
      `Error: {"File '.semaphore/semaphore.yml' is not available", "Not Found"}`,
    );
    expect(logLine('webhook', 'x')).toBeNull();
  });
});

describe('what to do first', () => {
  const summary = (changes: Partial<SummaryView>): SummaryView => ({
    cause: 'key-removed',
    subject: 'deploy-key',
    facts: {},
    mend: 'repair',
    you: true,
    people: [],
    ...changes,
  });
  test.each([
    [summary({}), 'First: press “Repair” below.'],
    [summary({ people: ['Ines'] }), 'First: press “Repair” below. Ines can do it too.'],
    [summary({ you: false, people: ['Ines', 'Tom'] }), 'First: ask Ines or Tom, who can repair it.'],
    [
      summary({ you: false, people: ['A', 'B', 'C', 'D', 'E'] }),
      'First: ask A, B, C or 2 more, who can repair it.',
    ],
    [summary({ you: false }), 'First: ask an owner or admin of the organization, who can repair it.'],
    [
      summary({ mend: 'at-provider', cause: 'no-admin-right' }),
      'First: an admin of the repository sets it right at Bitbucket.',
    ],
    [
      summary({ mend: 'at-provider', cause: 'host-key-mismatch' }),
      'First: have the person who runs this service look at it.',
    ],
    [
      summary({ mend: 'add-file', cause: 'file-missing', facts: { branch: 'main' } }),
      'First: push the file to main, which anyone with write access to the repository can do.',
    ],
  ])('%o: %s', (given, words) => expect(whatFirst(given)).toBe(words));

  test('names in a list', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => list(names))).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });
});
