import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment, Failure, root, runtime, seconds } from './bootstrap.mjs';
import { run } from './run.mjs';

const stamp = join(root, 'node_modules', '.web-build');
/** What the built page is made of. Of the BFF it takes only types, which leave no trace. */
const inputs = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/vite.config.ts',
  'web/package.json',
  'pnpm-lock.yaml',
];

/**
 * Builds the single-page app into web/dist unless it is there already and none of its sources changed.
 * @returns {Promise<boolean>} whether there was something to build
 * @throws {Failure} when the build fails, with what Vite said
 */
export async function buildIfStale() {
  const wanted = fingerprint();
  if (isBuilt() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;

  console.log('Building the page…');
  const began = Date.now();
  const vite = join(root, 'web/node_modules/vite/bin/vite.js');
  const { code, output } = await run(runtime(), [vite, 'build'], {
    cwd: join(root, 'web'),
    env: environment({ NODE_ENV: 'production' }),
    quiet: true,
  });
  if (code !== 0) throw new Failure(`${output.trim()}\n\nThe page could not be built (see above).`);
  writeFileSync(stamp, wanted);
  console.log(`Built in ${seconds(Date.now() - began)}.`);
  return true;
}

/** Whether there is a built page, be it of older sources. */
export function isBuilt() {
  return existsSync(join(root, 'web/dist/index.html'));
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesOf(input)) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * The files at a path, in a fixed order; none if there is nothing.
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  const there = statSync(join(root, path), { throwIfNoEntry: false });
  if (!there) return [];
  if (there.isFile()) return [path];
  const names = readdirSync(join(root, path)).sort();
  return names.flatMap((name) => filesOf(join(path, name)));
}
