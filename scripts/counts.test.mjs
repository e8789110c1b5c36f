import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playwrightCounts, tapCounts, vitestCounts } from './counts.mjs';

test('a runner that executed no test has failed', () => {
  assert.deepEqual(vitestCounts({ testResults: [] }, 0), { passed: 0, failures: ['no test was executed'] });
  assert.deepEqual(playwrightCounts({ suites: [] }, 0), { passed: 0, failures: ['no test was executed'] });
  assert.deepEqual(tapCounts('# pass 0\n', 0), { passed: 0, failures: ['no test was executed'] });
});

test('a runner that wrote no report has failed', () => {
  assert.deepEqual(vitestCounts(undefined, 1), { passed: 0, failures: ['exit status 1'] });
  assert.equal(playwrightCounts(undefined, 0).failures.length, 1);
});

test('a runner that fails after its tests passed has failed', () => {
  const report = {
    testResults: [{ status: 'passed', assertionResults: [{ status: 'passed', fullName: 'a' }] }],
  };
  assert.deepEqual(vitestCounts(report, 1), { passed: 1, failures: ['exit status 1'] });
});

test('a test file that cannot be loaded counts as one failure', () => {
  const report = { testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }] };
  assert.deepEqual(vitestCounts(report, 1), { passed: 0, failures: ['a.test.ts (not run)'] });
});

test('a skipped test counts as failed', () => {
  const results = [
    { status: 'passed', fullName: 'a' },
    { status: 'skipped', fullName: 'b' },
  ];
  assert.deepEqual(vitestCounts({ testResults: [{ status: 'passed', assertionResults: results }] }, 0), {
    passed: 1,
    failures: ['b (skipped)'],
  });
  assert.deepEqual(tapCounts('ok 1 - a\nok 2 - b # SKIP\n# pass 1\n', 0), {
    passed: 1,
    failures: ['b (skipped)'],
  });
});

test("Playwright's tests are counted in every suite within a suite", () => {
  const spec = (/** @type {string} */ status) => ({ file: 'a.spec.ts', title: 'x', tests: [{ status }] });
  const report = {
    suites: [{ specs: [spec('expected')], suites: [{ specs: [spec('expected'), spec('flaky')] }] }],
  };
  assert.deepEqual(playwrightCounts(report, 0), { passed: 2, failures: ['a.spec.ts: x (flaky)'] });
});
