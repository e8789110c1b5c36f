/**
 * @typedef {object} Counts what a step has to say
 * @property {number} passed
 * @property {string[]} failures one entry for each failed test
 */

/**
 * Counts the results of `vitest --reporter=json`.
 * @param {any} report undefined if there is none
 * @param {number} code the runner's exit status
 * @returns {Counts}
 */
export function vitestCounts(report, code) {
  let passed = 0;
  /** @type {string[]} */
  const failures = [];
  for (const file of report?.testResults ?? []) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else failures.push(`${test.fullName} (${test.status})`);
    }
    // A file that cannot even be loaded has no test to its name.
    if (file.status === 'failed' && file.assertionResults.length === 0)
      failures.push(`${file.name} (not run)`);
  }
  return complete(passed, failures, code);
}

/**
 * Counts the results of Playwright's JSON reporter.
 * @param {any} report undefined if there is none
 * @param {number} code the runner's exit status
 * @returns {Counts}
 */
export function playwrightCounts(report, code) {
  let passed = 0;
  /** @type {string[]} */
  const failures = [];
  /** @param {any} suite */
  const visit = (suite) => {
    for (const inner of suite.suites ?? []) visit(inner);
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        if (test.status === 'expected') passed += 1;
        else failures.push(`${spec.file}: ${spec.title} (${test.status})`);
      }
    }
  };
  for (const suite of report?.suites ?? []) visit(suite);
  for (const error of report?.errors ?? []) failures.push(String(error.message).split('\n')[0] ?? 'error');
  return complete(passed, failures, code);
}

/**
 * Counts the results of `node --test --test-reporter=tap`.
 * @param {string} output
 * @param {number} code the runner's exit status
 * @returns {Counts}
 */
export function tapCounts(output, code) {
  const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0);
  const failures = [...output.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name ?? '');
  for (const [, name] of output.matchAll(/^\s*ok \d+ - (.*) # (?:SKIP|TODO)/gm))
    failures.push(`${name} (skipped)`);
  return complete(passed, failures, code);
}

/**
 * A skipped test counts as failed above: it shows nothing. The same goes here for a runner that ran nothing or ended
 * badly without naming a test.
 * @param {number} passed
 * @param {string[]} failures
 * @param {number} code
 * @returns {Counts}
 */
function complete(passed, failures, code) {
  if (failures.length > 0) return { passed, failures };
  if (code !== 0) return { passed, failures: [`exit status ${code}`] };
  if (passed === 0) return { passed, failures: ['no test was executed'] };
  return { passed, failures };
}
