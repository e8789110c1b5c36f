import { join } from 'node:path';
import { ensureInstalled, environment, root, runtime, start } from './bootstrap.mjs';
import { ensureBrowser } from './browser.mjs';
import { buildIfStale } from './page.mjs';
import { run } from './run.mjs';

await start(async () => {
  await ensureInstalled();
  await buildIfStale();
  const { code } = await run(runtime(), [join(root, 'node_modules/@playwright/test/cli.js'), 'test'], {
    cwd: root,
    env: environment({ SCREENSHOTS: '1', PW_CHROMIUM: await ensureBrowser() }),
  });
  return code;
});
