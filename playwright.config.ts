import { existsSync } from 'node:fs';
import { chromium, defineConfig } from '@playwright/test';

const json = process.env.PLAYWRIGHT_JSON;

/** The browser to use: the one named, else Playwright's own download (undefined: it finds that itself), else the system's. */
function browser(): string | undefined {
  const named = process.env.PW_CHROMIUM;
  if (named) return named;
  if (existsSync(chromium.executablePath())) return undefined;
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
}

const executablePath = browser();

export default defineConfig({
  testDir: 'e2e',
  // The pictures of the README are taken instead, not beside.
  testMatch: process.env.SCREENSHOTS === '1' ? 'screenshots.ts' : '*.spec.ts',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  // Two cores shared with others: only what never comes is late.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: json ? [['list'], ['json', { outputFile: json }]] : [['list']],
  use: {
    browserName: 'chromium',
    // Video would need an ffmpeg of Playwright's own, which a system browser does not bring.
    video: 'off',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
