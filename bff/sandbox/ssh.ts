import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Faults } from './faults.ts';
import type { Git } from './git.ts';
import type { SshAccess } from './place.ts';
import type { RequestLog } from './requests.ts';
import { digest } from './secrets.ts';
import type { World } from './world.ts';
import { fullName } from './world.ts';

const run = promisify(execFile);

export interface SshRoom {
  access: SshAccess;
  /** Serves under a new host key from the next login on, and tells nobody: the known_hosts file keeps the old one. */
  changeHostKey(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A real OpenSSH server on loopback whose keys are the world's deploy keys. Node.js listens and hands each connection to
 * an sshd of its own, so nothing outlives this process. Without sshd or git: says so, and nothing else is missing.
 * A port in use rejects with EADDRINUSE.
 */
export async function openSsh(options: {
  dir: string;
  host: string;
  port: number;
  world: World;
  git: Git;
  faults: Faults;
  requests: RequestLog;
}): Promise<SshRoom> {
  const { world } = options;
  const dir = path.resolve(options.dir);
  const without = (reason: string): SshRoom => ({
    access: { unavailable: reason },
    changeHostKey: () => Promise.reject(new Error(reason)),
    close: async () => undefined,
  });
  const sshd = findProgram('sshd');
  const git = findProgram('git');
  if (!git) return without('git is not installed on this machine, so there is nothing to serve over SSH.');
  if (!sshd) return without('OpenSSH server (sshd) is not installed on this machine; everything else works.');

  mkdirSync(path.join(dir, 'keys'), { recursive: true, mode: 0o700 });
  const hostKey = path.join(dir, 'host_ed25519');
  const config = path.join(dir, 'sshd_config');
  const authorizedKeys = path.join(dir, 'authorized_keys');
  const script = path.join(dir, 'serve');
  try {
    if (!existsSync(hostKey)) await makeHostKey(hostKey);
    // sshd separates its privileges only as root, and then insists on this directory.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    writeFileSync(script, serveScript(git), { mode: 0o700 });
    writeFileSync(authorizedKeys, '', { mode: 0o600 });
    writeFileSync(config, sshdConfig(hostKey, authorizedKeys), { mode: 0o600 });
    await run(sshd, ['-t', '-f', config]);
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return without(`sshd does not accept to run here: ${words}`);
  }

  const write = () => writeKeys(world, options.git, { dir, authorizedKeys, script });
  write();
  const stopWriting = world.onChange(write);

  const children = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const call = { service: 'ssh', part: 'ssh', method: 'CONNECT', path: '/' } as const;
    const fault = options.faults.strike(call);
    options.requests.add({
      ...call,
      status: null,
      bearer: false,
      grantType: null,
      fault: fault?.mode ?? null,
      at: world.now(),
    });
    socket.on('error', () => undefined);
    if (fault?.mode === 'hang') {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return;
    }
    if (fault) {
      socket.resetAndDestroy();
      return;
    }
    const child = spawn(sshd, ['-i', '-e', '-f', config], { stdio: [socket, socket, 'ignore'] });
    children.add(child);
    child.once('error', () => children.delete(child));
    child.once('close', () => children.delete(child));
    // The child has the connection now; this closes our end of it only.
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const [type, key] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ');
  const knownHosts = `[${options.host}]:${port} ${type} ${key?.trim()}\n`;
  const knownHostsFile = path.join(dir, 'known_hosts');
  writeFileSync(knownHostsFile, knownHosts);

  return {
    access: { host: options.host, port, user: os.userInfo().username, knownHosts, knownHostsFile },
    async changeHostKey() {
      const next = `${hostKey}.new`;
      rmSync(next, { force: true });
      await makeHostKey(next);
      // Moved into place: each login starts an sshd of its own, which reads the old key or the new one.
      renameSync(`${next}.pub`, `${hostKey}.pub`);
      renameSync(next, hostKey);
    },
    async close() {
      stopWriting();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      for (const child of children) child.kill();
      await closed;
    },
  };
}

/** The absolute path of a program: on PATH, or where servers are kept; sshd insists on being called by it. */
export function findProgram(name: string): string | null {
  const places = [
    ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean),
    '/usr/sbin',
    '/usr/local/sbin',
    '/sbin',
    '/usr/bin',
  ];
  for (const place of places) {
    const candidate = path.resolve(place, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here.
    }
  }
  return null;
}

async function makeHostKey(file: string): Promise<void> {
  const keygen = findProgram('ssh-keygen') ?? 'ssh-keygen';
  await run(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
}

function sshdConfig(hostKey: string, authorizedKeys: string): string {
  return `HostKey "${hostKey}"
AuthorizedKeysFile "${authorizedKeys.replaceAll('%', '%%')}"
PidFile none
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin forced-commands-only
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
HostbasedAuthentication no
PermitUserEnvironment no
PrintMotd no
PrintLastLog no
LogLevel QUIET
`;
}

/** Rewrites who may log in and what they may read. One line for each key; a key may stand on several repositories. */
function writeKeys(
  world: World,
  git: Git,
  files: { dir: string; authorizedKeys: string; script: string },
): void {
  const served = new Map<string, string[]>();
  for (const key of world.data.deployKeys) {
    const repository = world.data.repositories.find((each) => each.uuid === key.repository);
    const directory = repository && git.place(repository);
    if (key.stopped || !repository || !directory) continue;
    const names = [
      fullName(world, repository),
      ...(world.data.quirks.gitFollowsRename ? repository.formerNames : []),
    ];
    served.set(key.key, [...(served.get(key.key) ?? []), ...names.map((name) => `${name}\t${directory}`)]);
  }
  const lines: string[] = [];
  for (const [key, repositories] of served) {
    const list = path.join(files.dir, 'keys', digest(key).slice(0, 40));
    writeFileSync(list, `${repositories.join('\n')}\n`);
    const command = `${quoted(files.script)} ${quoted(list)}`.replace(/["\\]/g, '\\$&');
    lines.push(`restrict,command="${command}" ${key}\n`);
  }
  const text = lines.join('');
  if (existsSync(files.authorizedKeys) && readFileSync(files.authorizedKeys, 'utf8') === text) return;
  // Moved into place: a login meets the old keys or the new ones.
  writeFileSync(`${files.authorizedKeys}.new`, text, { mode: 0o600 });
  renameSync(`${files.authorizedKeys}.new`, files.authorizedKeys);
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What runs instead of a shell: reads go to git, everything else to Bitbucket's words of refusal. */
function serveScript(git: string): string {
  return `#!/bin/sh
# Runs for whoever logged in with a deploy key; $1 lists the repositories of that key, name and directory by tab.
set -f
refuse() {
  echo "$1" >&2
  exit 1
}
case \${SSH_ORIGINAL_COMMAND-} in
  git-upload-pack\\ * | 'git upload-pack '*) ;;
  git-receive-pack\\ * | 'git receive-pack '*)
    refuse 'repository access denied. access via a deployment key is read-only.' ;;
  '')
    echo 'authenticated via a deploy key.'
    echo
    echo 'You can use git to connect to Bitbucket. Shell access is disabled.'
    exit 0 ;;
  *) refuse 'Invalid command.' ;;
esac
asked=\${SSH_ORIGINAL_COMMAND#*upload-pack }
asked=\${asked#\\'}
asked=\${asked%\\'}
asked=\${asked#/}
asked=\${asked%/}
asked=\${asked%.git}
tab=$(printf '\\t')
# The list on a number of its own: what the client sends is git's to read.
while IFS=$tab read -r name directory <&3; do
  if [ "$name" = "$asked" ]; then
    GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
    export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
    exec ${quoted(git)} -c safe.directory='*' upload-pack "$directory" 3<&-
  fi
done 3<"$1"
refuse 'repository access denied. deployment key is not associated with the requested repository.'
`;
}
