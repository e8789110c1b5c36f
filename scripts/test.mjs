import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, environment, Failure, root, runtime, seconds, start } from './bootstrap.mjs';
import { ensureBrowser } from './browser.mjs';
import { playwrightCounts, tapCounts, vitestCounts } from './counts.mjs';
import { buildIfStale } from './page.mjs';
import { ensureTestTools } from './requirements.mjs';
import { run } from './run.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */

/** The reports that the test runners write for counting. */
const reports = mkdtempSync(join(tmpdir(), 'reports-'));
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));

/** Everything that has to hold, in order. A step without counts of its own is one test. */
const steps = [
  { name: 'install', execute: ensureInstalled },
  { name: 'build the page', execute: async () => void (await buildIfStale()) },
  { name: 'format and lint', execute: tool('@biomejs/biome/bin/biome', ['ci', '--error-on-warnings']) },
  { name: 'types: scripts', execute: tool('typescript/bin/tsc', ['-p', 'scripts']) },
  { name: 'types: bff', execute: tool('typescript/bin/tsc', ['-p', 'bff']) },
  { name: 'types: web', execute: tool('typescript/bin/tsc', ['-p', 'web']) },
  { name: 'types: e2e', execute: tool('typescript/bin/tsc', ['-p', 'e2e']) },
  {
    name: 'import directions',
    execute: tool('dependency-cruiser/bin/dependency-cruiser.mjs', [
      'bff',
      'web',
      'e2e',
      '--output-type',
      'err-long',
    ]),
  },
  { name: 'unused code', execute: tool('knip/bin/knip.js', ['--no-progress']) },
  { name: 'tools of the tests', execute: ensureTestTools },
  { name: 'tests: scripts', execute: nodeTests },
  { name: 'tests: bff', execute: () => vitest('bff') },
  { name: 'tests: web', execute: () => vitest('web') },
  { name: 'end-to-end', execute: endToEnd },
];

await start(async () => {
  const began = Date.now();
  const total = { passed: 0, failed: 0 };
  /** @type {string[]} */
  const failures = [];
  for (const { name, execute } of steps) {
    console.log(`\n── ${name}`);
    const stepBegan = Date.now();
    const counts = await countsOf(name, execute);
    total.passed += counts.passed;
    total.failed += counts.failures.length;
    failures.push(...counts.failures.map((failure) => `${name}: ${failure}`));
    const words = counts.failures.length === 0 ? 'ok' : 'FAILED';
    console.log(`── ${name}: ${words} (${seconds(Date.now() - stepBegan)})`);
    // Without packages nothing else can say anything.
    if (name === 'install' && counts.failures.length > 0) break;
  }
  console.log(`\nAll of it took ${seconds(Date.now() - began)}.`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return failures.length === 0 ? 0 : 1;
});

/**
 * @param {string} name
 * @param {() => Promise<Counts | void>} execute
 * @returns {Promise<Counts>}
 */
async function countsOf(name, execute) {
  try {
    return (await execute()) ?? { passed: 1, failures: [] };
  } catch (error) {
    // A step that breaks in a way nobody foresaw must not hide what the others have to say.
    console.error(error instanceof Failure ? error.message : error);
    return { passed: 0, failures: [`${name} could not be carried out`] };
  }
}

/**
 * A tool that passes or fails as a whole.
 * @param {string} script below node_modules
 * @param {string[]} args
 * @returns {() => Promise<Counts>}
 */
function tool(script, args) {
  return async () => {
    const { code } = await run(runtime(), [join(root, 'node_modules', script), ...args], {
      cwd: root,
      env: environment({ CI: 'true' }),
    });
    return code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`exit status ${code}`] };
  };
}

/** The tests of these scripts, on the Node.js that runs them: in a fresh clone the one that the machine brought. */
async function nodeTests() {
  const directory = join(root, 'scripts');
  const files = readdirSync(directory).filter((name) => name.endsWith('.test.mjs'));
  const { code, output } = await run(process.execPath, ['--test', '--test-reporter=tap', ...files], {
    cwd: directory,
    env: environment({ CI: 'true' }),
    quiet: true,
  });
  console.log(output.trim());
  return tapCounts(output, code);
}

/**
 * @param {string} directory the package whose tests to run
 * @returns {Promise<Counts>}
 */
async function vitest(directory) {
  const report = join(reports, `${directory}.json`);
  const cli = join(root, directory, 'node_modules/vitest/vitest.mjs');
  const { code } = await run(
    runtime(),
    [cli, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: join(root, directory), env: environment({ CI: 'true' }) },
  );
  return vitestCounts(read(report), code);
}

/** @returns {Promise<Counts>} */
async function endToEnd() {
  const browser = await ensureBrowser();
  const report = join(reports, 'e2e.json');
  const { code } = await run(runtime(), [join(root, 'node_modules/@playwright/test/cli.js'), 'test'], {
    cwd: root,
    env: environment({ CI: 'true', PW_CHROMIUM: browser, PLAYWRIGHT_JSON: report }),
  });
  return playwrightCounts(read(report), code);
}

/**
 * @param {string} report path of a JSON file
 * @returns {any} undefined if the runner did not come as far as writing it
 */
function read(report) {
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
}
