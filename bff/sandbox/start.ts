import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Send } from './bitbucket/deliveries.ts';
import { environment } from './environment.ts';
import { createGit, prepareRepositories } from './git.ts';
import type { Origins, SshAccess } from './place.ts';
import { newPublicKey } from './play-keys-and-hooks.ts';
import type { Sandbox } from './sandbox.ts';
import { createSandbox } from './sandbox.ts';
import { seedWorld } from './seed.ts';
import type { SshRoom } from './ssh.ts';
import { openSsh } from './ssh.ts';
import type { WorldData } from './state.ts';
import type { Fetch, Socketed } from './wire.ts';
import { createWorld } from './world.ts';

export interface SandboxPorts {
  bitbucket: number;
  api: number;
  github: number;
  gitlab: number;
  ssh: number;
}

export interface RunningSandbox extends Sandbox {
  /** What the product has to be configured with to meet this sandbox. */
  env: Record<string, string>;
  ssh: SshAccess;
  /** The SSH server shows a key that no known_hosts file names, from the next login on. */
  changeHostKey(): Promise<void>;
  /** Writes the state down and lets go of every port. */
  close(): Promise<void>;
}

/**
 * Serves the sandbox on loopback; port 0 is any free one. State lives in `dir` and is there again after a restart.
 * `publicUrl` is the product's address: the clients' callbacks are registered under it. `send` is how deliveries of
 * webhooks travel. A port in use rejects with EADDRINUSE.
 */
export async function startSandbox(options: {
  dir: string;
  host?: string;
  ports?: Partial<SandboxPorts>;
  publicUrl?: string;
  send?: Send;
}): Promise<RunningSandbox> {
  const host = options.host ?? '127.0.0.1';
  const ports: SandboxPorts = { bitbucket: 0, api: 0, github: 0, gitlab: 0, ssh: 0, ...options.ports };
  await mkdir(options.dir, { recursive: true });
  const stateFile = path.join(options.dir, 'world.json');
  const publicUrl = (options.publicUrl ?? 'http://localhost:3000').replace(/\/$/, '');
  const saved = await readState(stateFile);
  const world = createWorld(saved ? { saved } : { seed: seedWorld(publicUrl) });
  for (const client of world.data.clients) client.callback = `${publicUrl}/auth/${client.service}/callback`;

  const servers: Server[] = [];
  const doors: Partial<Record<'bitbucket' | 'api' | 'github' | 'gitlab', Fetch>> = {};
  const listen = async (name: 'bitbucket' | 'api' | 'github' | 'gitlab') => {
    const listener = getRequestListener(async (request, env) => {
      const door = doors[name];
      const socketed: Socketed = 'incoming' in env ? (env as Socketed) : {};
      return door ? door(request, socketed) : new Response('Starting', { status: 503 });
    });
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(ports[name], host, resolve);
    });
    return `http://${host}:${(server.address() as AddressInfo).port}`;
  };
  const closeServers = () =>
    Promise.all(
      servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  let origins: Origins;
  try {
    const github = await listen('github');
    origins = {
      bitbucket: await listen('bitbucket'),
      api: await listen('api'),
      github,
      githubApi: `${github}/api/v3`,
      gitlab: await listen('gitlab'),
    };
  } catch (error) {
    await closeServers();
    throw error;
  }

  const git = createGit(path.join(options.dir, 'git'));
  let ssh: SshAccess = { unavailable: 'Starting.' };
  const send: Send = options.send ?? ((request) => fetch(request));
  const sandbox = createSandbox({ world, origins, git, ssh: () => ssh, send });
  await prepareRepositories(git, world.data.repositories);
  let sshRoom: SshRoom;
  try {
    sshRoom = await openSsh({ dir: path.join(options.dir, 'ssh'), host, port: ports.ssh, git, ...sandbox });
  } catch (error) {
    await closeServers();
    throw error;
  }
  ssh = sshRoom.access;
  const guarded = (origin: string, door: Fetch): Fetch => {
    const expected = new URL(origin).host;
    // Another name that leads to loopback is somebody else's trick.
    return async (request, env) =>
      new URL(request.url).host === expected
        ? door(request, env)
        : new Response(`The sandbox answers at ${origin}/ only.\n`, { status: 421 });
  };
  doors.bitbucket = guarded(origins.bitbucket, sandbox.doors.bitbucket);
  doors.api = guarded(origins.api, sandbox.doors.api);
  doors.gitlab = guarded(origins.gitlab, sandbox.doors.gitlab);
  doors.github = guarded(origins.github, async (request, env) =>
    new URL(request.url).pathname.startsWith('/api/v3/')
      ? sandbox.doors.githubApi(request, env)
      : sandbox.doors.github(request, env),
  );

  const keeper = keepState(stateFile, () => world.data);
  const stopKeeping = world.onChange(keeper.soon);
  return {
    ...sandbox,
    ssh,
    env: { ...environment(world, origins, ssh), ...('unavailable' in ssh ? await nowhere(options.dir) : {}) },
    changeHostKey: sshRoom.changeHostKey,
    async close() {
      stopKeeping();
      await closeServers();
      await sshRoom.close();
      await keeper.now();
      await git.close();
    },
  };
}

/**
 * Without SSH of its own, the sandbox must not let the product try the real Bitbucket with pretended keys: it is sent to a
 * port of this machine where nobody listens, so SSH reads as not reachable.
 */
async function nowhere(dir: string): Promise<Record<string, string>> {
  const [host, port] = ['127.0.0.1', '1'];
  const file = path.join(dir, 'known_hosts');
  await writeFile(file, `[${host}]:${port} ${newPublicKey()}\n`);
  return {
    BITBUCKET_SSH_HOST: host,
    BITBUCKET_SSH_PORT: port,
    BITBUCKET_SSH_KNOWN_HOSTS: path.resolve(file),
  };
}

async function readState(file: string): Promise<WorldData | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const data = JSON.parse(text) as WorldData;
    return data.version === 1 ? data : undefined;
  } catch {
    // Kept for whoever wants to know; a sandbox that does not start helps nobody.
    await rename(file, `${file}.unreadable`);
    return undefined;
  }
}

/** Writes the state shortly after a change, whole or not at all. */
function keepState(file: string, read: () => WorldData) {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  const write = () => {
    timer = undefined;
    writing = writing.then(async () => {
      await writeFile(`${file}.new`, JSON.stringify(read()), { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
    return writing;
  };
  return {
    soon: () => {
      timer ??= setTimeout(() => void write(), 100);
    },
    now: () => {
      clearTimeout(timer);
      return write();
    },
  };
}
