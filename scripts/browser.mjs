import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environment, Failure, root, runtime } from './bootstrap.mjs';
import { findProgram, installDebianPackages } from './requirements.mjs';
import { run } from './run.mjs';

const systemBrowsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macBrowsers = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Makes sure that there is a Chromium for the end-to-end tests, installing one where that can be done without asking.
 * @returns {Promise<string>} absolute path of its executable, for PW_CHROMIUM
 * @throws {Failure} naming what is missing
 */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;

  await installDebianPackages(['chromium']);
  const installed = await findBrowser();
  if (installed) return installed;

  console.log('Downloading a Chromium…');
  const cli = join(root, 'node_modules/@playwright/test/cli.js');
  const { output } = await run(runtime(), [cli, 'install', 'chromium'], { env: environment(), quiet: true });
  const downloaded = await findBrowser();
  if (downloaded) return downloaded;
  throw new Failure(
    `${output.trim()}\n\nThe end-to-end tests need a Chromium: install one, or name its executable in PW_CHROMIUM.`,
  );
}

/** @returns {Promise<string | undefined>} absolute path of the executable */
async function findBrowser() {
  const named = process.env.PW_CHROMIUM;
  if (named && !existsSync(named)) throw new Failure(`PW_CHROMIUM names ${named}, which does not exist.`);
  if (named) return named;
  // Imported late: before the packages are installed there is no Playwright.
  const { chromium } = await import('@playwright/test');
  const candidates = [chromium.executablePath(), ...systemBrowsers.map(findProgram), ...macBrowsers];
  return candidates.find((path) => path !== undefined && existsSync(path));
}
