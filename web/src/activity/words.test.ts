import type { DeliveryItem, WorkflowDetail } from 'bff';
import { describe, expect, test } from 'vitest';
import { eventWords, explainIgnored, explainLeftOut, explainProblem, originWords } from './words.ts';

type Problem = NonNullable<WorkflowDetail['problem']>;
type Unavailable = Extract<Problem, { code: 'pipeline-file-unavailable' }>;

/** One of every problem; one that is missing does not compile. */
const PROBLEMS: { [Code in Problem['code']]: Problem & { code: Code } } = {
  'pipeline-file-unavailable': {
    code: 'pipeline-file-unavailable',
    message: 'Error',
    cause: 'file-missing',
    finding: 'pipeline-file',
  },
  'provider-timeout': { code: 'provider-timeout' },
  'provider-unreachable': { code: 'provider-unreachable' },
  'provider-rate-limited': { code: 'provider-rate-limited' },
  'provider-error': { code: 'provider-error' },
  'provider-unexpected': { code: 'provider-unexpected' },
  'grant-doubtful': { code: 'grant-doubtful' },
  'refresh-under-way': { code: 'refresh-under-way' },
  'runner-unreachable': { code: 'runner-unreachable' },
  'runner-timeout': { code: 'runner-timeout' },
  'runner-refused': { code: 'runner-refused', status: 401 },
  'runner-rejected': { code: 'runner-rejected', status: 422, words: 'no such agent' },
};
const CAUSES: Record<Unavailable['cause'], true> = {
  'file-missing': true,
  'not-a-file': true,
  'commit-gone': true,
  'repository-gone': true,
  'no-access': true,
  'no-grant': true,
  'no-token-owner': true,
};
const REASONS: Record<NonNullable<DeliveryItem['reason']>, true> = {
  'not-json': true,
  'unexpected-shape': true,
  'unknown-event': true,
  'pull-request': true,
  'nothing-moved': true,
  'only-deletions': true,
  'left-out': true,
  repeated: true,
  'other-repository': true,
  'project-deleted': true,
};
const keys = <Key extends string>(of: Record<Key, unknown>) => Object.keys(of) as Key[];
const SENTENCE = /^[A-Z].*[.”]$/;

describe('words', () => {
  test.each(keys(PROBLEMS))('the problem %s is said in sentences', (code) => {
    expect(explainProblem(PROBLEMS[code])).toMatch(SENTENCE);
  });

  test.each(keys(CAUSES))('that the pipeline file is not available: %s', (cause) => {
    const problem = { ...PROBLEMS['pipeline-file-unavailable'], cause };
    expect(explainProblem(problem)).toMatch(SENTENCE);
  });

  test.each(keys(REASONS))('a delivery that came to nothing: %s', (reason) => {
    expect(explainIgnored(reason)).toMatch(SENTENCE);
  });

  test.each([
    ['branches-off', 'branch', 'the project does not run on branches.'],
    ['tags-off', 'tag', 'the project does not run on tags.'],
    ['not-in-whitelist', 'branch', 'the project runs only on the branches that its settings list.'],
    ['not-in-whitelist', 'tag', 'the project runs only on the tags that its settings list.'],
  ] as const)('a push that the settings leave out: %s, of a %s', (why, refType, words) =>
    expect(explainLeftOut(why, refType)).toBe(words),
  );

  test('what the runner said is passed on', () => {
    expect(explainProblem(PROBLEMS['runner-rejected'])).toBe(
      'The runner will not take this workflow. It answered 422. It said: “no such agent”',
    );
    expect(explainProblem({ code: 'runner-refused', status: null })).toBe('The runner did not take it.');
  });

  test.each([
    ['push', null, 'after a push'],
    ['gap', null, 'for a missed push, run by itself'],
    ['gap', 'Noor', 'for a missed push, run by Noor'],
    ['person', 'Noor', 'run by Noor'],
    ['person', null, 'run by somebody who is no longer here'],
  ] as const)('a workflow of origin %s, by %s: %s', (origin, by, words) =>
    expect(originWords({ origin, by })).toBe(words),
  );

  test('what a newer service says does not break the page', () => {
    expect(explainProblem({ code: 'new' } as unknown as Problem)).toMatch(SENTENCE);
    expect(explainIgnored('new' as 'repeated')).toMatch(SENTENCE);
    expect(eventWords('toString')).toBe('toString');
    expect(eventWords('pullrequest:created')).toBe('Pull request');
  });
});
