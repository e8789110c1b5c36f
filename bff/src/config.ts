/**
 * The environment, read once: every variable, its default and every mistake in it.
 * Pure but for the files that variables name, so that a test can hold the table in the README against it; with tls.ts the
 * only file that knows variable names.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type HostKey, publishedHostKeys, readKnownHosts } from './ssh/host-keys.ts';
import { readTls, type Tls } from './tls.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The OAuth client of one provider and the addresses it is reached at (no trailing slashes). */
export type ProviderConfig = {
  clientId: string;
  clientSecret: string;
  webUrl: string;
  apiUrl: string;
};

/** Where deploy keys log in, as whom, and by which keys the server is known. */
export type SshConfig = { user: string; host: string; port: number; hostKeys: HostKey[] };

export type EncryptionKey = { id: string; bytes: Buffer };

export type Config = {
  production: boolean;
  port: number;
  host: string;
  /** Null: plain http, for localhost or behind a proxy that speaks https. */
  tls: Tls | null;
  /** Origin that browsers use, without a trailing slash. */
  publicUrl: string;
  /** Address that webhooks are delivered below, without a trailing slash; may hold a path. */
  hooksUrl: string;
  databaseUrl: string | null;
  dataDir: string;
  /** Null: not given, so the keys are made once in `dataDir` (never in production). */
  encryptionKeys: EncryptionKey[] | null;
  providers: { bitbucket?: ProviderConfig; github?: ProviderConfig; gitlab?: ProviderConfig };
  /** Bitbucket's SSH server. */
  ssh: SshConfig;
  /** Where workflows are handed over, and the secret that signs them; null: they wait. */
  runner: { url: string; secret: string } | null;
  supportUrl: string | null;
  /** Where the sandbox's own pages are; set by `npm start` when it plays the providers itself. */
  sandboxUrl: string | null;
  /** Milliseconds between two background looks at one connection. */
  sweepInterval: number;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
};

export type ConfigResult = { ok: true; config: Config } | { ok: false; mistakes: string[] };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const PROVIDERS = [
  {
    id: 'bitbucket',
    prefix: 'BITBUCKET',
    web: 'https://bitbucket.org',
    api: 'https://api.bitbucket.org/2.0',
  },
  { id: 'github', prefix: 'GITHUB', web: 'https://github.com', api: 'https://api.github.com' },
  // GitLab serves its API below its web address, so there is no variable for it.
  { id: 'gitlab', prefix: 'GITLAB', web: 'https://gitlab.com', api: null },
] as const;

/** What a configuration depends on beside the variables; tests bring their own. */
type Outside = {
  /** Reads a file that a variable names, and throws as Node.js does. */
  readFile(path: string): string;
  now(): Date;
};

const OUTSIDE: Outside = { readFile: (path) => readFileSync(path, 'utf8'), now: () => new Date() };

/** Turns the environment into the configuration, or names every mistake in it (never a secret's value). */
export function readConfig(env: Environment, outside: Partial<Outside> = {}): ConfigResult {
  const { readFile, now } = { ...OUTSIDE, ...outside };
  const mistakes: string[] = [];
  const value = (name: string) => env[name]?.trim() || undefined;
  /** The text of the file that a variable names; null: none is named, or it is among the mistakes. */
  const file = (name: string) => {
    const path = value(name);
    if (!path) return null;
    try {
      return readFile(path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
      mistakes.push(`${name} names a file that cannot be read${code}.`);
      return null;
    }
  };

  const production = value('NODE_ENV') === 'production';
  const port = readPort('PORT', value('PORT') ?? '3000', 3000, mistakes);
  const tls = readTls({ value, file, now: now() }, mistakes);
  const publicUrl = readPublicUrl(
    value('PUBLIC_URL'),
    { port, tls: value('TLS_CERT') !== undefined },
    mistakes,
  );
  const givenHooksUrl = value('HOOKS_URL');

  const providers: Config['providers'] = {};
  for (const { id, prefix, web, api } of PROVIDERS) {
    const clientId = value(`${prefix}_CLIENT_ID`);
    const clientSecret = value(`${prefix}_CLIENT_SECRET`);
    const webUrl = readAddress(`${prefix}_WEB_URL`, value(`${prefix}_WEB_URL`) ?? web, production, mistakes);
    const apiUrl = api
      ? readAddress(`${prefix}_API_URL`, value(`${prefix}_API_URL`) ?? api, production, mistakes)
      : `${webUrl}/api/v4`;
    if (clientId && clientSecret) providers[id] = { clientId, clientSecret, webUrl, apiUrl };
    else if (clientId || clientSecret) {
      const [given, missing] = clientId ? ['CLIENT_ID', 'CLIENT_SECRET'] : ['CLIENT_SECRET', 'CLIENT_ID'];
      mistakes.push(`${prefix}_${given} is set but ${prefix}_${missing} is not: set both or neither.`);
    }
  }

  const databaseUrl = value('DATABASE_URL') ?? null;
  if (databaseUrl && !/^postgres(ql)?:$/.test(protocolOf(databaseUrl))) {
    mistakes.push('DATABASE_URL must look like postgres://user:password@host:5432/database.');
  }

  const sandboxUrl = value('SANDBOX_URL')
    ? readAddress('SANDBOX_URL', value('SANDBOX_URL') as string, false, mistakes)
    : null;
  if (production && sandboxUrl && value('SANDBOX') !== '1') {
    mistakes.push('The sandbox is not for production (NODE_ENV=production): set SANDBOX=1 if you mean it.');
  }

  const logLevel = value('LOG_LEVEL') ?? 'info';
  if (!isLogLevel(logLevel)) mistakes.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`);

  const config: Config = {
    production,
    port,
    host: value('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    tls,
    publicUrl,
    hooksUrl: givenHooksUrl ? readAddress('HOOKS_URL', givenHooksUrl, production, mistakes) : publicUrl,
    databaseUrl,
    dataDir: value('DATA_DIR') ?? './.data',
    encryptionKeys: readEncryptionKeys(value('ENCRYPTION_KEYS'), production, mistakes),
    providers,
    ssh: readSsh(value, file, mistakes),
    runner: readRunner(value, production, mistakes),
    supportUrl: readSupportUrl(value('SUPPORT_URL'), mistakes),
    sandboxUrl,
    sweepInterval: readDuration('SWEEP_INTERVAL', value('SWEEP_INTERVAL') ?? '6h', mistakes),
    logLevel: isLogLevel(logLevel) ? logLevel : 'info',
  };
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, config };
}

/** Reads comma-separated base64 keys of 32 bytes; a key's id is the start of its SHA-256. */
export function parseEncryptionKeys(text: string): EncryptionKey[] | string {
  const keys: EncryptionKey[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const bytes = Buffer.from(part.trim(), 'base64');
    const canonical = bytes.toString('base64').replace(/=+$/, '') === part.trim().replace(/=+$/, '');
    const place = `ENCRYPTION_KEYS: key ${index + 1}`;
    if (bytes.length !== 32 || !canonical) {
      return `${place} is not 32 bytes in base64 (make one with: openssl rand -base64 32).`;
    }
    if (new Set(bytes).size < 8) return `${place} is not random (make one with: openssl rand -base64 32).`;
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    if (keys.some((key) => key.id === id)) return `${place} is given twice.`;
    keys.push({ id, bytes });
  }
  return keys;
}

function readEncryptionKeys(text: string | undefined, production: boolean, mistakes: string[]) {
  if (!text) {
    if (production) {
      mistakes.push('ENCRYPTION_KEYS is required in production (make one with: openssl rand -base64 32).');
    }
    return null;
  }
  const keys = parseEncryptionKeys(text);
  if (typeof keys !== 'string') return keys;
  mistakes.push(keys);
  return null;
}

/** Short ones can be guessed from one signed request. */
const SHORTEST_SECRET = 16;

function readRunner(
  value: (name: string) => string | undefined,
  production: boolean,
  mistakes: string[],
): Config['runner'] {
  const url = value('RUNNER_URL');
  const secret = value('RUNNER_SECRET');
  if (!url && !secret) return null;
  if (!url) mistakes.push('RUNNER_SECRET is given without RUNNER_URL: give both, or neither.');
  if (!secret) mistakes.push('RUNNER_URL is given without RUNNER_SECRET: give both, or neither.');
  if (secret && secret.length < SHORTEST_SECRET) {
    mistakes.push(
      `RUNNER_SECRET needs at least ${SHORTEST_SECRET} characters (make one with: openssl rand -base64 32).`,
    );
  }
  const address = url ? readRunnerUrl(url, production, mistakes) : '';
  return { url: address, secret: secret ?? '' };
}

/** The address as it is, to the letter: its path and query are the runner's. */
function readRunnerUrl(text: string, production: boolean, mistakes: string[]): string {
  const url = parseUrl(text);
  if (!url || url.hash || url.username || url.password) {
    mistakes.push('RUNNER_URL must be an http(s) address without credentials or fragment.');
    return 'http://localhost';
  }
  if (production && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    mistakes.push('RUNNER_URL must start with https:// in production: what travels to it is confidential.');
  }
  return url.href;
}

function readSsh(
  value: (name: string) => string | undefined,
  file: (name: string) => string | null,
  mistakes: string[],
): SshConfig {
  const before = mistakes.length;
  const target = /^(?:([a-z0-9_][a-z0-9._-]*)@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)$/i.exec(
    value('BITBUCKET_SSH_HOST') ?? 'ssh.bitbucket.org',
  );
  if (!target) mistakes.push('BITBUCKET_SSH_HOST must be a host name, or user@host.');
  const user = target?.[1] ?? 'git';
  const host = target?.[2]?.toLowerCase() ?? '';
  const port = readPort('BITBUCKET_SSH_PORT', value('BITBUCKET_SSH_PORT') ?? '22', 22, mistakes);
  if (!value('BITBUCKET_SSH_KNOWN_HOSTS')) {
    const hostKeys = publishedHostKeys(host);
    if (target && hostKeys.length === 0) {
      mistakes.push(
        "BITBUCKET_SSH_HOST is not one of Bitbucket's: name a file with its keys in BITBUCKET_SSH_KNOWN_HOSTS.",
      );
    }
    return { user, host, port, hostKeys };
  }
  const text = file('BITBUCKET_SSH_KNOWN_HOSTS');
  if (text === null) return { user, host, port, hostKeys: [] };
  const hostKeys = readKnownHosts(text, host, port);
  // With a mistaken host or port nobody can say which keys there should be.
  if (hostKeys.length === 0 && mistakes.length === before) {
    mistakes.push(
      'BITBUCKET_SSH_KNOWN_HOSTS names a file without a usable key for BITBUCKET_SSH_HOST at BITBUCKET_SSH_PORT (make one with: ssh-keyscan -p PORT HOST).',
    );
  }
  return { user, host, port, hostKeys };
}

function readPort(name: string, text: string, otherwise: number, mistakes: string[]): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  mistakes.push(`${name} must be a number from 1 to 65535.`);
  return otherwise;
}

function readDuration(name: string, text: string, mistakes: string[]): number {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text);
  if (match && Number(match[1]) > 0) return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  mistakes.push(`${name} must be a whole number with a unit, like 30s, 15m, 6h or 1d.`);
  return UNITS.h;
}

function readPublicUrl(
  given: string | undefined,
  { port, tls }: { port: number; tls: boolean },
  mistakes: string[],
): string {
  const url = parseUrl(given ?? `${tls ? 'https' : 'http'}://localhost:${port}`);
  if (url?.pathname !== '/' || url.search || url.hash || url.username || url.password) {
    mistakes.push('PUBLIC_URL must be an origin like https://ci.example.com, without a path.');
    return 'http://localhost:3000';
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    // Session cookies carry Secure and the __Host- prefix: over plain http nobody could stay logged in.
    mistakes.push('PUBLIC_URL must start with https:// (plain http works on localhost only).');
  } else if (url.protocol === 'http:' && tls) {
    mistakes.push(
      'PUBLIC_URL must start with https:// when TLS_CERT is set: nobody is served without TLS then.',
    );
  }
  return url.origin;
}

function readAddress(name: string, text: string, production: boolean, mistakes: string[]): string {
  const url = parseUrl(text);
  if (!url || url.search || url.hash || url.username || url.password) {
    mistakes.push(`${name} must be an http(s) address without credentials, query or fragment.`);
    return 'http://localhost';
  }
  if (production && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    mistakes.push(`${name} must start with https:// in production: what travels to it is confidential.`);
  }
  return url.href.replace(/\/+$/, '');
}

function readSupportUrl(text: string | undefined, mistakes: string[]): string | null {
  if (!text) return null;
  if (/^mailto:[^\s@]+@[^\s@]+$/.test(text)) return text;
  const url = parseUrl(text);
  if (!url) mistakes.push('SUPPORT_URL must be an http(s) address or mailto:someone@example.com.');
  return url?.href ?? null;
}

function parseUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

/** Whether a URL's host name means this machine to a browser. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function isLogLevel(text: string): text is Config['logLevel'] {
  return (LOG_LEVELS as readonly string[]).includes(text);
}
