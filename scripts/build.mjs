import { ensureInstalled, start } from './bootstrap.mjs';
import { buildIfStale } from './page.mjs';

await start(async () => {
  await ensureInstalled();
  await buildIfStale();
  return 0;
});
