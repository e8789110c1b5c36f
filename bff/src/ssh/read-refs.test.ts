/** The proof by SSH: against the sandbox's real OpenSSH server, and against servers that behave as none should. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Counter, Histogram, Registry } from 'prom-client';
import ssh2, { type AuthContext, type ServerChannel, type Connection as Session } from 'ssh2';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { renameRepository } from '../../sandbox/play.ts';
import { findProgram } from '../../sandbox/ssh.ts';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.ts';
import type { DeployKey } from '../../sandbox/state.ts';
import { repositoryNamed } from '../../sandbox/world.ts';
import { readConfig, type SshConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { createKeyPair, fingerprintOf } from './key-pair.ts';
import { createSsh } from './read-refs.ts';

const run = promisify(execFile);
const REPOSITORY = 'harbour-works/pilot-api';
const NOT_ASSOCIATED =
  'repository access denied. deployment key is not associated with the requested repository.';
/** Milliseconds after which servers that never finish are given up. */
const SHORT = 300;
/** Milliseconds; for answers that have to come by themselves, on however slow a machine. */
const LONG = 60_000;

/** What is used in production, on other measures; collects its log. */
function sshTo(config: SshConfig, deadline = LONG) {
  const registers = [new Registry()];
  const lines: string[] = [];
  const calls = new Counter({
    name: 'calls',
    help: 'calls',
    labelNames: ['provider', 'what', 'outcome'],
    registers,
  });
  const seconds = new Histogram({ name: 'seconds', help: 's', labelNames: ['provider', 'what'], registers });
  const log = createLogger('trace', { write: (line) => void lines.push(line) });
  const ssh = createSsh(config, { log, calls, seconds, deadline });
  return { ...ssh, lines, metrics: () => registers[0]?.metrics() ?? '' };
}

describe('a real OpenSSH server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'read-refs-'));
  let sandbox: RunningSandbox;
  let config: SshConfig;
  let nextId = 1;

  beforeAll(async () => {
    if (!findProgram('sshd'))
      throw new Error('These tests need OpenSSH server: apt-get install openssh-server');
    sandbox = await startSandbox({ dir: join(dir, 'sandbox'), publicUrl: 'http://localhost:3000' });
    config = configOf(sandbox);
  });
  afterAll(async () => {
    await sandbox?.close();
    await rm(dir, { recursive: true });
  });

  function configOf({ env }: RunningSandbox): SshConfig {
    const read = readConfig(env);
    if (!read.ok) throw new Error(read.mistakes.join('\n'));
    return read.config.ssh;
  }

  function install(key: string, repository = REPOSITORY): DeployKey {
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

  function remove(key: DeployKey) {
    sandbox.world.data.deployKeys = sandbox.world.data.deployKeys.filter((each) => each !== key);
    sandbox.world.changed();
  }

  const denied = () => `${config.user}@${config.host}: Permission denied (publickey).`;

  test('a key that is installed reads; once it is deleted, login is refused in words that git users know', async () => {
    const { publicKey, privateKey } = createKeyPair();
    const { readRefs } = sshTo(config);
    const ask = { fullName: REPOSITORY, privateKey };
    expect(await readRefs(ask)).toEqual({ kind: 'refused', words: denied() });
    const key = install(publicKey);
    expect(await readRefs(ask)).toEqual({ kind: 'reads' });
    remove(key);
    expect(await readRefs(ask)).toEqual({ kind: 'refused', words: denied() });
  });

  test('KS-06 the very pair that we make works in git over OpenSSH, and stops when the key is deleted', async () => {
    const { publicKey, privateKey } = createKeyPair();
    const file = join(dir, 'deploy-key');
    await writeFile(file, privateKey);
    await chmod(file, 0o600);
    if ('unavailable' in sandbox.ssh) throw new Error(sandbox.ssh.unavailable);
    const { knownHostsFile } = sandbox.ssh;
    const { readRefs, cloneUrl } = sshTo(config);
    const listRemote = () =>
      run('git', ['ls-remote', cloneUrl(REPOSITORY)], {
        cwd: dir,
        env: {
          PATH: process.env.PATH,
          HOME: dir,
          LC_ALL: 'C',
          GIT_SSH_VARIANT: 'ssh',
          GIT_SSH_COMMAND: [
            `ssh -F none -i ${file} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes`,
            `-o UserKnownHostsFile=${knownHostsFile} -o GlobalKnownHostsFile=/dev/null`,
          ].join(' '),
        },
      }).then(
        ({ stdout }) => stdout,
        (error: { stderr: string }) => `refused: ${error.stderr}`,
      );

    const key = install(publicKey);
    expect(await listRemote()).toMatch(/^[0-9a-f]{40}\tHEAD\n/);
    expect(await readRefs({ fullName: REPOSITORY, privateKey })).toEqual({ kind: 'reads' });
    remove(key);
    expect(await listRemote()).toContain(denied());
    expect(await readRefs({ fullName: REPOSITORY, privateKey })).toEqual({
      kind: 'refused',
      words: denied(),
    });
  });

  test('a key that is listed but stopped is refused', async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey).stopped = true;
    sandbox.world.changed();
    expect(await sshTo(config).readRefs({ fullName: REPOSITORY, privateKey })).toEqual({
      kind: 'refused',
      words: denied(),
    });
  });

  test("another repository is refused in the server's own words", async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey);
    const { readRefs } = sshTo(config);
    for (const fullName of [
      'harbour-works/charts',
      'nobody/nothing',
      "it's/quoted",
      `${REPOSITORY}'; id; '`,
    ]) {
      expect(await readRefs({ fullName, privateKey }), fullName).toEqual({
        kind: 'refused',
        words: NOT_ASSOCIATED,
      });
    }
  });

  test('after a rename the new name reads, and the old one only where git follows', async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey, 'tidemark/handbook');
    renameRepository(sandbox.world, repositoryNamed(sandbox.world, 'tidemark/handbook'), 'guide');
    const { readRefs } = sshTo(config);
    expect(await readRefs({ fullName: 'tidemark/guide', privateKey })).toEqual({ kind: 'reads' });
    expect(await readRefs({ fullName: 'tidemark/handbook', privateKey })).toMatchObject({ kind: 'refused' });
    sandbox.world.data.quirks.gitFollowsRename = true;
    sandbox.world.changed();
    onTestFinished(() => {
      sandbox.world.data.quirks.gitFollowsRename = false;
      sandbox.world.changed();
    });
    expect(await readRefs({ fullName: 'tidemark/handbook', privateKey })).toEqual({ kind: 'reads' });
  });

  test('an empty repository reads as well', async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey);
    const empty = join(dir, 'empty.git');
    await run('git', ['init', '--quiet', '--bare', empty]);
    const { stdout } = await run('git', ['upload-pack', '--http-backend-info-refs', empty], {
      encoding: 'buffer',
    });
    const { config: scripted } = await server({ exec: (channel) => channel.end(stdout) });
    expect(await sshTo(scripted).readRefs({ fullName: REPOSITORY, privateKey })).toEqual({ kind: 'reads' });
  });

  test("weather is nobody's proof", async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey);
    sandbox.faults.set('ssh:all', 'reset', { times: 1 });
    expect(await sshTo(config).readRefs({ fullName: REPOSITORY, privateKey })).toMatchObject({
      kind: 'unreachable',
    });
    sandbox.faults.set('ssh:all', 'hang', { times: 1 });
    expect(await sshTo(config, SHORT).readRefs({ fullName: REPOSITORY, privateKey })).toEqual({
      kind: 'unreachable',
      words: 'No complete answer within 0.3 s',
    });
    expect(await sshTo(config).readRefs({ fullName: REPOSITORY, privateKey })).toEqual({ kind: 'reads' });
  });

  test('many at once read, each by its own key', async () => {
    const { readRefs } = sshTo(config);
    const keys = Array.from({ length: 6 }, createKeyPair);
    for (const [index, { publicKey }] of keys.entries()) if (index % 2) install(publicKey);
    const proofs = await Promise.all(
      keys.map(({ privateKey }) => readRefs({ fullName: REPOSITORY, privateKey })),
    );
    expect(proofs.map(({ kind }) => kind)).toEqual(keys.map((_, index) => (index % 2 ? 'reads' : 'refused')));
  });

  test('a log line and a metric tell how it ended, and hold nothing of the key', async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey);
    const { readRefs, lines, metrics } = sshTo(config);
    await readRefs({ fullName: REPOSITORY, privateKey });
    await readRefs({ fullName: 'harbour-works/charts', privateKey });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ provider: 'bitbucket', what: 'SSH git-upload-pack', outcome: 'reads' }),
      expect.objectContaining({ outcome: 'refused' }),
    ]);
    expect(await metrics()).toContain('outcome="reads"} 1');
    for (const part of partsOf(privateKey)) expect(lines.join('')).not.toContain(part);
  });

  // Last, for it ends the trust that the others build on.
  test('a host key that is not the pinned one is refused, and named', async () => {
    const { publicKey, privateKey } = createKeyPair();
    install(publicKey);
    await sandbox.changeHostKey();
    const changed = await readFile(join(dir, 'sandbox', 'ssh', 'host_ed25519.pub'), 'utf8');
    expect(await sshTo(config).readRefs({ fullName: REPOSITORY, privateKey })).toEqual({
      kind: 'host-key-mismatch',
      presented: fingerprintOf(changed),
    });
    expect(configOf(sandbox)).toEqual(config);
  });
});

/** Pieces of a private key that must stand nowhere, its header and the public half's beginning left out. */
function partsOf(privateKey: string): string[] {
  return privateKey
    .split('\n')
    .filter((line) => !line.startsWith('-----'))
    .flatMap((line) => line.match(/.{20}/g) ?? [])
    .slice(6);
}

type HostKeyKind = 'ed25519' | 'ecdsa' | 'rsa';

function hostKey(kind: HostKeyKind): string {
  if (kind === 'ed25519') return createKeyPair().privateKey;
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: kind === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' }).toString();
}

function pinOf(key: string) {
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  const publicKey = `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  return { type: parsed.type, fingerprint: fingerprintOf(publicKey) };
}

/** An SSH server that does as it is told; by default it lets everyone in. */
async function server(told: {
  hostKeys?: string[];
  login?: (context: AuthContext, client: Session, socket: Socket) => void;
  exec?: (channel: ServerChannel, socket: Socket) => void;
}) {
  const hostKeys = told.hostKeys ?? [hostKey('ed25519')];
  const seen = { logins: 0, commands: [] as string[] };
  const ssh = new ssh2.Server({ hostKeys });
  const listening = await listen((socket) => ssh.injectSocket(socket));
  ssh.on('connection', (client: Session) => {
    const socket = (client as unknown as { _sock: Socket })._sock;
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      seen.logins += 1;
      if (told.login) told.login(context, client, socket);
      else context.accept();
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, reject, { command }) => {
        seen.commands.push(command);
        if (told.exec) {
          const channel = acceptExec();
          channel.on('error', () => undefined);
          told.exec(channel, socket);
        } else reject();
      });
    });
  });
  const config: SshConfig = { ...listening.config, hostKeys: hostKeys.map(pinOf) };
  return { config, seen, open: listening.open };
}

async function closed(open: () => number) {
  await vi.waitFor(() => expect(open()).toBe(0), { timeout: LONG });
}

/** Listens on loopback until the test ends; `open` counts the connections that nobody has ended yet. */
async function listen(handle: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    handle(socket);
    // An end is seen only by who reads.
    socket.resume();
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => tcp.close(resolve));
  });
  const address = tcp.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const hostKeys = [{ type: 'ssh-ed25519', fingerprint: 'SHA256:whatever' }];
  return {
    config: { user: 'git', host: '127.0.0.1', port, hostKeys } satisfies SshConfig,
    open: () => sockets.size,
  };
}

const { privateKey } = createKeyPair();
const ASK = { fullName: REPOSITORY, privateKey };
const REFS = `003f${'6d1f5a0c'.repeat(5)} HEAD\0multi_ack side-x\n`;

describe('the host key', () => {
  test('is checked before anything is said about ours', async () => {
    const { config, seen, open } = await server({ exec: (channel) => channel.end(REFS) });
    const pinned = { ...config, hostKeys: [pinOf(hostKey('ed25519'))] };
    expect(await sshTo(pinned).readRefs(ASK)).toEqual({
      kind: 'host-key-mismatch',
      presented: config.hostKeys[0]?.fingerprint,
    });
    await closed(open);
    expect(seen).toEqual({ logins: 0, commands: [] });
  });

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'of the pinned type is asked for, where a server has several: %s',
    async (kind) => {
      const keys = { ed25519: hostKey('ed25519'), ecdsa: hostKey('ecdsa'), rsa: hostKey('rsa') };
      const { config } = await server({
        hostKeys: Object.values(keys),
        exec: (channel) => channel.end(REFS),
      });
      const pinned = { ...config, hostKeys: [pinOf(keys[kind])] };
      expect(await sshTo(pinned).readRefs(ASK)).toEqual({ kind: 'reads' });
    },
  );

  test.each([
    ['ed25519', 'ecdsa'],
    ['rsa', 'ed25519'],
    ['ecdsa', 'rsa'],
  ] as const)('is named when %s is pinned and the server has %s only', async (pinnedKind, offered) => {
    const { config, seen } = await server({ hostKeys: [hostKey(offered)] });
    const pinned = { ...config, hostKeys: [pinOf(hostKey(pinnedKind))] };
    expect(await sshTo(pinned).readRefs(ASK)).toEqual({
      kind: 'host-key-mismatch',
      presented: config.hostKeys[0]?.fingerprint,
    });
    expect(seen.logins).toBe(0);
  });

  test('no pins at all accept no host', async () => {
    const { config, seen } = await server({});
    expect(await sshTo({ ...config, hostKeys: [] }).readRefs(ASK)).toMatchObject({
      kind: 'host-key-mismatch',
    });
    expect(seen.logins).toBe(0);
  });
});

describe('a refusal', () => {
  test('of the login is one that the server really answered', async () => {
    const { config, open } = await server({ login: (context) => context.reject(['password']) });
    expect(await sshTo(config).readRefs(ASK)).toEqual({
      kind: 'refused',
      words: 'git@127.0.0.1: Permission denied (publickey).',
    });
    await closed(open);
  });

  test.each([
    ['on standard error', (channel: ServerChannel) => fail(channel, 'repository access denied.\n')],
    ["as git's own line", (channel: ServerChannel) => channel.end('0021ERR repository access denied.')],
  ])('of the repository comes %s', async (_name, exec) => {
    const { config, seen } = await server({ exec });
    expect(await sshTo(config).readRefs(ASK)).toEqual({
      kind: 'refused',
      words: 'repository access denied.',
    });
    expect(seen.commands).toEqual([`git-upload-pack '${REPOSITORY}.git'`]);
  });

  test('is shown without control characters, and not for ever', async () => {
    const { config } = await server({
      exec: (channel) => fail(channel, `\x1b[31mno\x07\r\n\u202eway\x00${'!'.repeat(9_000)}`),
    });
    const proof = await sshTo(config).readRefs(ASK);
    expect(proof).toEqual({ kind: 'refused', words: `[31mno way ${'!'.repeat(489)}` });
  });
});

function fail(channel: ServerChannel, words: string, status = 1) {
  channel.stderr.write(words);
  channel.exit(status);
  channel.end();
}

describe("nobody's proof, and the connection is closed", () => {
  const bye = (socket: Socket) => socket.resetAndDestroy();

  test('nothing listens', async () => {
    const { config } = await listen(() => undefined);
    const nobody = { ...config, port: await freePort() };
    expect(await sshTo(nobody).readRefs(ASK)).toEqual({ kind: 'unreachable', words: 'Connection refused' });
  });

  test('the name leads nowhere', async () => {
    const { config } = await listen(() => undefined);
    expect(await sshTo({ ...config, host: 'nowhere.invalid' }).readRefs(ASK)).toMatchObject({
      kind: 'unreachable',
      words: expect.stringMatching(/host name/),
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['an HTTP server', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['noise', (socket) => socket.end(Buffer.alloc(100_000, 0xa5))],
    ['a banner and then noise', (socket) => socket.end(`SSH-2.0-x\r\n${'\xff'.repeat(5_000)}`)],
    ['an old version of SSH', (socket) => socket.end('SSH-1.5-x\r\n')],
    ['a connection that ends at once', (socket) => socket.end()],
    ['a connection that is reset', bye],
    ['a reset after the banner', (socket) => socket.write('SSH-2.0-x\r\n', () => bye(socket))],
  ])('%s', async (_name, handle) => {
    const { config, open } = await listen(handle);
    expect(await sshTo(config).readRefs(ASK)).toMatchObject({ kind: 'unreachable' });
    await closed(open);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['silence', () => undefined],
    ['silence after the banner', (socket) => socket.write('SSH-2.0-x\r\n')],
    ['a slow drip', (socket) => drip(socket, 'SSH-2.0-OpenSSH_9.2'.repeat(40))],
    ['lines before the banner without an end', (socket) => drip(socket, 'hello\r\n'.repeat(400))],
  ])('%s, until the deadline', async (_name, handle) => {
    const { config, open } = await listen(handle);
    expect(await sshTo(config, SHORT).readRefs(ASK)).toEqual({
      kind: 'unreachable',
      words: 'No complete answer within 0.3 s',
    });
    await closed(open);
  });

  test.each<[string, Parameters<typeof server>[0]]>([
    ['a reset in the middle of the login', { login: (_context, _client, socket) => bye(socket) }],
    ['an end in the middle of the login', { login: (_context, client) => client.end() }],
    ['a server that runs no command', {}],
    ['a reset in place of an answer', { exec: (_channel, socket) => bye(socket) }],
    [
      'a reset in the middle of a line',
      { exec: (channel, socket) => channel.write(REFS.slice(0, 20), () => bye(socket)) },
    ],
    ['an end in the middle of a line', { exec: (channel) => channel.end(REFS.slice(0, 20)) }],
    ['an end without a word', { exec: (channel) => channel.end() }],
    [
      'success without a word',
      {
        exec: (channel) => {
          channel.exit(0);
          channel.end();
        },
      },
    ],
    ['a failure without a word', { exec: (channel) => fail(channel, ' \n', 128) }],
    [
      'a command that was killed',
      {
        exec: (channel) => {
          channel.stderr.write('oops');
          channel.exit('KILL', false);
          channel.end();
        },
      },
    ],
    ["a fault of the server's own", { exec: (channel) => fail(channel, 'Internal server error\n') }],
    ['maintenance', { exec: (channel) => fail(channel, 'Bitbucket is temporarily unavailable, try again.') }],
    ['a greeting in place of git', { exec: (channel) => channel.end('authenticated via a deploy key.\n') }],
    ['endless output', { exec: (channel) => flood(channel) }],
    ['endless complaints', { exec: (channel) => flood(channel.stderr as unknown as ServerChannel) }],
  ])('%s', async (_name, told) => {
    const { config, open } = await server(told);
    expect(await sshTo(config).readRefs(ASK)).toMatchObject({ kind: 'unreachable' });
    await closed(open);
  });

  test.each<[string, Parameters<typeof server>[0]]>([
    ['a login without an answer', { login: () => undefined }],
    ['a command without an answer', { exec: () => undefined }],
    ['a line that never ends', { exec: (channel) => channel.write(`fff0${'a'.repeat(60_000)}`) }],
    ['an answer by drips', { exec: (channel) => drip(channel, `fff0${'a'.repeat(60_000)}`) }],
  ])('%s, until the deadline', async (_name, told) => {
    const { config, open } = await server(told);
    expect(await sshTo(config, 2_000).readRefs(ASK)).toEqual({
      kind: 'unreachable',
      words: 'No complete answer within 2 s',
    });
    await closed(open);
  });

  function drip(to: Socket | ServerChannel, text: string) {
    let sent = 0;
    const timer = setInterval(() => to.write(text.charAt(sent++)), 20);
    to.on('close', () => clearInterval(timer));
    onTestFinished(() => clearInterval(timer));
  }

  function flood(channel: ServerChannel) {
    const piece = `fff0${'a'.repeat(30_000)}`;
    let left = 400;
    const more = () => {
      while (left-- > 0 && channel.write(piece));
      if (left > 0) channel.once('drain', more);
    };
    more();
  }

  async function freePort(): Promise<number> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    return typeof address === 'object' && address ? address.port : 0;
  }
});

test('after the refs are named, the connection is closed whatever more the server has to say', async () => {
  const { config, open } = await server({
    exec: (channel) => {
      channel.write(REFS);
      channel.write(Buffer.alloc(3_000_000, 0x61));
    },
  });
  expect(await sshTo(config).readRefs(ASK)).toEqual({ kind: 'reads' });
  await closed(open);
});

test('a private key that is none is a mistake of ours, told without its content', async () => {
  const { config, open } = await listen(() => undefined);
  const broken = privateKey.replace(/\n.{30}/, '\n');
  for (const notPrivate of [broken, createKeyPair().publicKey, '', 'hello']) {
    const { readRefs, lines } = sshTo(config);
    const error = await readRefs({ fullName: REPOSITORY, privateKey: notPrivate }).catch((e: unknown) => e);
    expect(error).toEqual(new Error('The private key cannot be read.'));
    expect(lines).toEqual([]);
  }
  expect(open()).toBe(0);
});

test('the clone URL is the short one on port 22, and names another port', () => {
  const config: SshConfig = { user: 'git', host: 'ssh.bitbucket.org', port: 22, hostKeys: [] };
  expect(sshTo(config).cloneUrl('acme/api')).toBe('git@ssh.bitbucket.org:acme/api.git');
  expect(sshTo({ ...config, host: 'altssh.bitbucket.org', port: 443 }).cloneUrl('acme/api')).toBe(
    'ssh://git@altssh.bitbucket.org:443/acme/api.git',
  );
  expect(sshTo({ ...config, user: 'ci', host: '10.0.0.7', port: 2222 }).cloneUrl('acme/api')).toBe(
    'ssh://ci@10.0.0.7:2222/acme/api.git',
  );
});
