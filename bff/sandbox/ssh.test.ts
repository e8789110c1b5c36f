import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { renameRepository } from './play.ts';
import { findProgram } from './ssh.ts';
import type { RunningSandbox } from './start.ts';
import { startSandbox } from './start.ts';
import type { DeployKey } from './state.ts';
import { repositoryNamed } from './world.ts';

// Real processes and sockets: slow machines may take their time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const run = promisify(execFile);
const dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-ssh-'));
let sandbox: RunningSandbox;
let nextId = 1;

beforeAll(async () => {
  if (!findProgram('sshd'))
    throw new Error('These tests need OpenSSH server: apt-get install openssh-server');
  sandbox = await startSandbox({ dir, publicUrl: 'http://localhost:3000' });
});
afterAll(async () => {
  await sandbox?.close();
  await rm(dir, { recursive: true });
});

/** A new key pair; its public line. */
async function keyPair(name: string): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path.join(dir, name)]);
  return (await readFile(path.join(dir, `${name}.pub`), 'utf8')).trim();
}

function install(repository: string, key: string): DeployKey {
  const made: DeployKey = {
    id: nextId++,
    repository: repositoryNamed(sandbox.world, repository).uuid,
    key,
    comment: '',
    label: 'test',
    createdOn: '2026-11-22T12:00:00.000000+00:00',
    lastUsed: null,
    addedBy: '',
    client: null,
    stopped: false,
  };
  sandbox.world.data.deployKeys.push(made);
  sandbox.world.changed();
  return made;
}

/** git over SSH with this key and the pinned host key: what it printed, or how it was refused. */
async function git(key: string, args: string[], repository: string, knownHosts?: string) {
  if ('unavailable' in sandbox.ssh) throw new Error(sandbox.ssh.unavailable);
  const { user, host, port, knownHostsFile } = sandbox.ssh;
  const ssh = [
    `ssh -F none -i ${path.join(dir, key)}`,
    '-o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes',
    `-o UserKnownHostsFile=${knownHosts ?? knownHostsFile} -o GlobalKnownHostsFile=/dev/null`,
  ].join(' ');
  try {
    const { stdout } = await run('git', [...args, `ssh://${user}@${host}:${port}/${repository}.git`], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, LC_ALL: 'C', GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'ssh' },
    });
    return stdout;
  } catch (error) {
    return `refused: ${(error as { stderr: string }).stderr}`;
  }
}

test('a key reads its repository until it is deleted', async () => {
  const key = install('harbour-works/pilot-api', await keyPair('first'));
  expect(await git('first', ['ls-remote'], 'harbour-works/pilot-api')).toContain(
    'refs/heads/feature/tide-tables',
  );
  sandbox.world.data.deployKeys = sandbox.world.data.deployKeys.filter((each) => each !== key);
  sandbox.world.changed();
  expect(await git('first', ['ls-remote'], 'harbour-works/pilot-api')).toContain(
    'Permission denied (publickey)',
  );
});

test('a stopped key is listed and refused', async () => {
  const key = install('harbour-works/pilot-api', await keyPair('stopped'));
  key.stopped = true;
  sandbox.world.changed();
  expect(await git('stopped', ['ls-remote'], 'harbour-works/pilot-api')).toContain(
    'Permission denied (publickey)',
  );
});

test('a key is no good on another repository, and good on two that have it', async () => {
  const line = await keyPair('second');
  install('harbour-works/pilot-api', line);
  expect(await git('second', ['ls-remote'], 'harbour-works/charts')).toContain(
    'repository access denied. deployment key is not associated with the requested repository.',
  );
  install('harbour-works/charts', line);
  expect(await git('second', ['ls-remote'], 'harbour-works/charts')).toContain('refs/heads/main');
  expect(await git('second', ['ls-remote'], 'harbour-works/pilot-api')).toContain('refs/heads/main');
});

test('a push is refused: deploy keys read only', async () => {
  install('harbour-works/pilot-api', await keyPair('pusher'));
  const clone = path.join(dir, 'clone');
  await run('git', ['init', '--quiet', clone]);
  const pushed = await git('pusher', ['-C', clone, 'push', '--all'], 'harbour-works/pilot-api');
  expect(pushed).toContain('repository access denied. access via a deployment key is read-only.');
});

test('after a rename the new name is served, and the old one only if the world is so', async () => {
  install('tidemark/handbook', await keyPair('renamed'));
  renameRepository(sandbox.world, repositoryNamed(sandbox.world, 'tidemark/handbook'), 'guide');
  expect(await git('renamed', ['ls-remote'], 'tidemark/guide')).toContain('refs/heads/main');
  expect(await git('renamed', ['ls-remote'], 'tidemark/handbook')).toContain('repository access denied');
  sandbox.world.data.quirks.gitFollowsRename = true;
  sandbox.world.changed();
  expect(await git('renamed', ['ls-remote'], 'tidemark/handbook')).toContain('refs/heads/main');
});

test('another host key than the pinned one stops the client', async () => {
  install('harbour-works/pilot-api', await keyPair('pinned'));
  const other = await keyPair('other-host');
  if ('unavailable' in sandbox.ssh) throw new Error(sandbox.ssh.unavailable);
  const wrong = path.join(dir, 'wrong_hosts');
  await writeFile(wrong, `[${sandbox.ssh.host}]:${sandbox.ssh.port} ${other}\n`);
  expect(await git('pinned', ['ls-remote'], 'harbour-works/pilot-api', wrong)).toContain(
    'Host key verification failed',
  );
});

test('SSH can fail like everything else', async () => {
  install('harbour-works/pilot-api', await keyPair('weather'));
  sandbox.faults.set('ssh:all', 'reset', { times: 1 });
  expect(await git('weather', ['ls-remote'], 'harbour-works/pilot-api')).toMatch(/reset|closed/i);
  expect(await git('weather', ['ls-remote'], 'harbour-works/pilot-api')).toContain('refs/heads/main');
});

test('a repository can be cloned whole', async () => {
  install('harbour-works/pilot-api', await keyPair('cloning'));
  expect(await git('cloning', ['clone', '-q'], 'harbour-works/pilot-api')).toBe('');
  expect(await readFile(path.join(dir, 'pilot-api', 'README.md'), 'utf8')).toContain('# Pilot API');
});

test('the product is told whom to log in as, for OpenSSH knows nobody called git here', () => {
  if ('unavailable' in sandbox.ssh) throw new Error(sandbox.ssh.unavailable);
  const { user, host, port, knownHostsFile } = sandbox.ssh;
  expect(sandbox.env).toMatchObject({
    BITBUCKET_SSH_HOST: user === 'git' ? host : `${user}@${host}`,
    BITBUCKET_SSH_PORT: String(port),
    BITBUCKET_SSH_KNOWN_HOSTS: knownHostsFile,
  });
});

test('after the host key changed, clients that know the old one stop', async () => {
  install('harbour-works/pilot-api', await keyPair('trusting'));
  await sandbox.changeHostKey();
  expect(await git('trusting', ['ls-remote'], 'harbour-works/pilot-api')).toContain(
    'Host key verification failed',
  );
});
