import { chmodSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, Failure } from './bootstrap.mjs';
import { run } from './run.mjs';

/** The programs that the tests use beside npm's packages, and the Debian package that brings each. */
const programs = /** @type {const} */ ([
  { name: 'git', debian: 'git' },
  { name: 'ssh', debian: 'openssh-client' },
  { name: 'ssh-keygen', debian: 'openssh-client' },
  { name: 'sshd', debian: 'openssh-server' },
]);

/** Directories of system programs that an ordinary person's PATH leaves out. */
const systemDirectories = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/sbin'];

/**
 * Makes sure that git and OpenSSH are there, installing what is missing where that can be done without asking.
 * @throws {Failure} naming what is missing when it cannot be installed from here
 */
export async function ensureTestTools() {
  const missing = programs.filter(({ name }) => !findProgram(name));
  if (missing.length === 0) return;
  await installDebianPackages([...new Set(missing.map(({ debian }) => debian))]);
  const still = programs.filter(({ name }) => !findProgram(name));
  if (still.length > 0) {
    throw new Failure(
      `The tests need ${still.map(({ name }) => name).join(', ')}; please install git and OpenSSH (client and server).`,
    );
  }
}

/**
 * Installs Debian packages as root; does nothing where that is not possible.
 * @param {string[]} packages
 */
export async function installDebianPackages(packages) {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return;
  console.log(`Installing ${packages.join(', ')} with apt-get…`);
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
  // Another installation may be under way.
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  // Debian asks this file before a package starts its service: only the programs are wanted, no system sshd.
  const policy = '/usr/sbin/policy-rc.d';
  const own = !existsSync(policy);
  const remove = () => rmSync(policy, { force: true });
  if (own) {
    process.once('exit', remove);
    writeFileSync(policy, '#!/bin/sh\nexit 101\n');
    chmodSync(policy, 0o755);
  }
  try {
    await run('apt-get', ['update', '-qq', ...wait], { env, quiet: true });
    const { code, output } = await run(
      'apt-get',
      ['install', '-y', '--no-install-recommends', ...wait, ...packages],
      {
        env,
        quiet: true,
      },
    );
    if (code !== 0) console.error(output.trim());
  } finally {
    if (own) remove();
    process.off('exit', remove);
  }
}

/**
 * @param {string} name
 * @returns {string | undefined} absolute path of the program on the PATH or among the system's programs
 */
export function findProgram(name) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...systemDirectories].filter(Boolean);
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.isFile() && (there.mode & 0o111) !== 0;
}
