import { ensureInstalled, start } from './bootstrap.mjs';
import { buildIfStale } from './page.mjs';

await start(async () => {
  await ensureInstalled();
  if (!(await buildIfStale())) console.log('The page is up to date.');
  return 0;
});
