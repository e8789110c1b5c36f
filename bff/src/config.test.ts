import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Environment, parseEncryptionKeys, readConfig } from './config.ts';

const key = () => randomBytes(32).toString('base64');
const KEY = key();

function accepted(env: Environment) {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.mistakes.join('\n'));
  return read.config;
}

function mistakes(env: Environment): string[] {
  const read = readConfig(env);
  return read.ok ? [] : read.mistakes;
}

describe('defaults', () => {
  test('an empty environment is a good one, and every variable has the default that the README names', () => {
    expect(accepted({})).toEqual({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      tls: null,
      publicUrl: 'http://localhost:3000',
      hooksUrl: 'http://localhost:3000',
      databaseUrl: null,
      dataDir: './.data',
      encryptionKeys: null,
      providers: {},
      ssh: {
        user: 'git',
        host: 'ssh.bitbucket.org',
        port: 22,
        hostKeys: [
          { type: 'ssh-ed25519', fingerprint: 'SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM' },
          { type: 'ecdsa-sha2-nistp256', fingerprint: 'SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0' },
          { type: 'ssh-rsa', fingerprint: 'SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E' },
        ],
      },
      runner: null,
      supportUrl: null,
      sandboxUrl: null,
      sweepInterval: 6 * 3_600_000,
      logLevel: 'info',
    });
  });

  test('providers default to their public addresses', () => {
    const { providers } = accepted({
      BITBUCKET_CLIENT_ID: 'b',
      BITBUCKET_CLIENT_SECRET: 'bs',
      GITHUB_CLIENT_ID: 'h',
      GITHUB_CLIENT_SECRET: 'hs',
      GITLAB_CLIENT_ID: 'l',
      GITLAB_CLIENT_SECRET: 'ls',
    });
    expect(providers).toEqual({
      bitbucket: {
        clientId: 'b',
        clientSecret: 'bs',
        webUrl: 'https://bitbucket.org',
        apiUrl: 'https://api.bitbucket.org/2.0',
      },
      github: {
        clientId: 'h',
        clientSecret: 'hs',
        webUrl: 'https://github.com',
        apiUrl: 'https://api.github.com',
      },
      gitlab: {
        clientId: 'l',
        clientSecret: 'ls',
        webUrl: 'https://gitlab.com',
        apiUrl: 'https://gitlab.com/api/v4',
      },
    });
  });

  test('PUBLIC_URL follows PORT unless it is set itself', () => {
    expect(accepted({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
    expect(accepted({ PORT: '8080', PUBLIC_URL: 'https://ci.example.com' }).publicUrl).toBe(
      'https://ci.example.com',
    );
  });

  test('in production the service listens on every address unless HOST says otherwise', () => {
    const production = { NODE_ENV: 'production', ENCRYPTION_KEYS: KEY };
    expect(accepted(production).host).toBe('0.0.0.0');
    expect(accepted({ ...production, HOST: '10.0.0.7' }).host).toBe('10.0.0.7');
  });

  test('an empty or blank variable counts as one that is not set', () => {
    const blank = Object.fromEntries(
      [
        'PORT',
        'HOST',
        'TLS_CERT',
        'TLS_KEY',
        'PUBLIC_URL',
        'DATABASE_URL',
        'DATA_DIR',
        'ENCRYPTION_KEYS',
        'BITBUCKET_CLIENT_ID',
        'BITBUCKET_SSH_HOST',
        'BITBUCKET_SSH_PORT',
        'BITBUCKET_SSH_KNOWN_HOSTS',
        'HOOKS_URL',
        'SUPPORT_URL',
        'SWEEP_INTERVAL',
        'LOG_LEVEL',
      ].map((name, index) => [name, index % 2 ? '' : '  ']),
    );
    expect(accepted(blank)).toEqual(accepted({}));
  });

  test("an address's trailing slash goes, its path stays", () => {
    const { providers } = accepted({
      GITLAB_CLIENT_ID: 'l',
      GITLAB_CLIENT_SECRET: 's',
      GITLAB_WEB_URL: 'https://code.example.com/gitlab//',
    });
    expect(providers.gitlab).toMatchObject({
      webUrl: 'https://code.example.com/gitlab',
      apiUrl: 'https://code.example.com/gitlab/api/v4',
    });
  });
});

describe('RUNNER_URL and RUNNER_SECRET', () => {
  const secret = 'sixteen letters!';

  test('are kept as they are, query included', () => {
    const env = { RUNNER_URL: 'https://runner.example.com/in?from=ci', RUNNER_SECRET: secret };
    expect(accepted(env).runner).toEqual({ url: 'https://runner.example.com/in?from=ci', secret });
  });

  test.each([
    ['only the address', { RUNNER_URL: 'https://runner.example.com' }, 'without RUNNER_SECRET'],
    ['only the secret', { RUNNER_SECRET: secret }, 'without RUNNER_URL'],
    [
      'a secret that can be guessed',
      { RUNNER_URL: 'https://r.example', RUNNER_SECRET: 'short' },
      'at least 16',
    ],
    ['no address', { RUNNER_URL: 'runner', RUNNER_SECRET: secret }, 'must be an http(s) address'],
    [
      'a password in it',
      { RUNNER_URL: 'https://a:b@r.example', RUNNER_SECRET: secret },
      'without credentials',
    ],
  ])('%s is a mistake, told without the secret', (_name, env, words) => {
    const told = mistakes(env);
    expect(told).toEqual([expect.stringContaining(words)]);
    if ('RUNNER_SECRET' in env) expect(told.join()).not.toContain(env.RUNNER_SECRET);
  });

  test('in production the address is https, except on this machine', () => {
    const production = { NODE_ENV: 'production', ENCRYPTION_KEYS: KEY, RUNNER_SECRET: secret };
    const told = (address: string) =>
      mistakes({ ...production, RUNNER_URL: address }).filter((each) => /RUNNER/.test(each));
    expect(told('http://runner.example.com')).toEqual([expect.stringContaining('https://')]);
    expect(told('http://127.0.0.1:4000')).toEqual([]);
  });
});

describe('HOOKS_URL', () => {
  test('follows PUBLIC_URL unless it is set itself; it may have a path', () => {
    expect(accepted({ PUBLIC_URL: 'https://ci.example.com' }).hooksUrl).toBe('https://ci.example.com');
    const env = { PUBLIC_URL: 'https://ci.example.com', HOOKS_URL: 'https://relay.example.com/ci/' };
    expect(accepted(env).hooksUrl).toBe('https://relay.example.com/ci');
    expect(accepted(env).publicUrl).toBe('https://ci.example.com');
  });

  test.each([
    'relay.example.com',
    'ftp://relay.example.com',
    'https://user:pass@relay.example.com',
    'https://relay.example.com/?a',
    'https://relay.example.com/#a',
  ])('%s is refused', (address) => {
    expect(mistakes({ HOOKS_URL: address })).toEqual([expect.stringContaining('HOOKS_URL must be')]);
  });
});

describe("Bitbucket's SSH server", () => {
  // A key that nothing uses.
  const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZHTSCgAREpaoJsoy/8617KnX2kBwJ8wFlEAIyIV07P';
  const PIN = { type: 'ssh-ed25519', fingerprint: 'SHA256:x3XG6e701Auw1fRAZnKZ+L80Si1imDTVLQahqj6hCQM' };
  const own = { BITBUCKET_SSH_HOST: 'git.example.com', BITBUCKET_SSH_KNOWN_HOSTS: '/etc/ci/known_hosts' };
  const withFile = (env: Environment, text: string) => readConfig(env, { readFile: () => text });

  test('a known_hosts file pins its keys instead of the published ones, also for a host of Bitbucket', () => {
    expect(withFile(own, `git.example.com ${LINE}`)).toMatchObject({
      ok: true,
      config: { ssh: { user: 'git', host: 'git.example.com', port: 22, hostKeys: [PIN] } },
    });
    const bitbucket = { BITBUCKET_SSH_KNOWN_HOSTS: '/etc/ci/known_hosts' };
    expect(withFile(bitbucket, `ssh.bitbucket.org ${LINE}`)).toMatchObject({
      config: { ssh: { hostKeys: [PIN] } },
    });
  });

  test('the host may say the user, and the port picks the lines of the file', () => {
    const env = { ...own, BITBUCKET_SSH_HOST: 'ci_runner@Git.Example.com', BITBUCKET_SSH_PORT: '2222' };
    expect(withFile(env, `[git.example.com]:2222 ${LINE}`)).toMatchObject({
      config: { ssh: { user: 'ci_runner', host: 'git.example.com', port: 2222, hostKeys: [PIN] } },
    });
  });

  test.each(['ssh.bitbucket.org', 'altssh.bitbucket.org', 'bitbucket.org'])(
    'the published keys hold for %s',
    (host) => {
      expect(accepted({ BITBUCKET_SSH_HOST: host }).ssh.hostKeys).toHaveLength(3);
    },
  );

  test('another host needs a file', () => {
    expect(mistakes({ BITBUCKET_SSH_HOST: 'git.example.com' })).toEqual([
      "BITBUCKET_SSH_HOST is not one of Bitbucket's: name a file with its keys in BITBUCKET_SSH_KNOWN_HOSTS.",
    ]);
  });

  test.each([
    '-oProxyCommand=x',
    '-x@git.example.com',
    'git.example.com:22',
    'ssh://git.example.com',
    'a b',
    '@host',
    'git@',
    'a@b@c',
    'host-',
    "x';id;'",
  ])('BITBUCKET_SSH_HOST=%s is refused, once', (host) => {
    expect(mistakes({ BITBUCKET_SSH_HOST: host })).toEqual([
      'BITBUCKET_SSH_HOST must be a host name, or user@host.',
    ]);
  });

  test('BITBUCKET_SSH_PORT is a port', () => {
    expect(mistakes({ BITBUCKET_SSH_PORT: 'ssh' })).toEqual([
      'BITBUCKET_SSH_PORT must be a number from 1 to 65535.',
    ]);
  });

  test('a file that cannot be read is a mistake, and so is one without a key for the host', () => {
    expect(mistakes({ BITBUCKET_SSH_KNOWN_HOSTS: '/nowhere/known_hosts' })).toEqual([
      'BITBUCKET_SSH_KNOWN_HOSTS names a file that cannot be read (ENOENT).',
    ]);
    for (const text of [
      '',
      `other.example.com ${LINE}`,
      `[git.example.com]:2222 ${LINE}`,
      `@revoked * ${LINE}`,
    ]) {
      const read = withFile(own, text);
      expect(read.ok ? [] : read.mistakes).toEqual([
        expect.stringMatching(/^BITBUCKET_SSH_KNOWN_HOSTS names a file without a usable key/),
      ]);
    }
  });
});

describe('mistakes', () => {
  test('every mistake is named at once', () => {
    const found = mistakes({
      PORT: '70000',
      PUBLIC_URL: 'ci.example.com',
      HOOKS_URL: 'hooks.example.com',
      BITBUCKET_SSH_HOST: 'not a host',
      BITBUCKET_SSH_PORT: '0',
      BITBUCKET_SSH_KNOWN_HOSTS: '/nowhere/known_hosts',
      DATABASE_URL: 'mysql://db.example.com',
      ENCRYPTION_KEYS: 'short',
      BITBUCKET_CLIENT_ID: 'id',
      GITHUB_CLIENT_SECRET: 'secret',
      GITLAB_WEB_URL: 'ftp://gitlab.example.com',
      SUPPORT_URL: 'javascript:alert(1)',
      SWEEP_INTERVAL: 'daily',
      LOG_LEVEL: 'loud',
    });
    for (const name of [
      'PORT',
      'PUBLIC_URL',
      'HOOKS_URL',
      'BITBUCKET_SSH_HOST',
      'BITBUCKET_SSH_PORT',
      'BITBUCKET_SSH_KNOWN_HOSTS',
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'BITBUCKET_CLIENT_ID',
      'GITHUB_CLIENT_SECRET',
      'GITLAB_WEB_URL',
      'SUPPORT_URL',
      'SWEEP_INTERVAL',
      'LOG_LEVEL',
    ]) {
      expect(
        found.filter((mistake) => mistake.startsWith(name)),
        name,
      ).toHaveLength(1);
    }
    expect(found).toHaveLength(14);
  });

  test.each([
    ['BITBUCKET', 'CLIENT_ID', 'CLIENT_SECRET'],
    ['BITBUCKET', 'CLIENT_SECRET', 'CLIENT_ID'],
    ['GITHUB', 'CLIENT_ID', 'CLIENT_SECRET'],
    ['GITHUB', 'CLIENT_SECRET', 'CLIENT_ID'],
    ['GITLAB', 'CLIENT_ID', 'CLIENT_SECRET'],
    ['GITLAB', 'CLIENT_SECRET', 'CLIENT_ID'],
  ])('a half-given client of %s is refused: %s without %s', (provider, given, missing) => {
    expect(mistakes({ [`${provider}_${given}`]: 'x' })).toEqual([
      `${provider}_${given} is set but ${provider}_${missing} is not: set both or neither.`,
    ]);
  });

  test.each(['0', '-1', '65536', '3000.5', '0x50', 'http', '1e3', '123456'])('PORT=%s is refused', (port) => {
    expect(mistakes({ PORT: port })).toEqual(['PORT must be a number from 1 to 65535.']);
  });

  test.each([
    'ci.example.com',
    'ftp://ci.example.com',
    'https://ci.example.com/app',
    'https://ci.example.com/?a=1',
    'https://ci.example.com/#top',
    'https://user@ci.example.com',
    'https://:pass@ci.example.com',
    'http://ci.example.com',
    'http://127.0.0.1.example.com',
  ])('PUBLIC_URL=%s is refused', (address) => {
    expect(mistakes({ PUBLIC_URL: address })).toEqual([expect.stringContaining('PUBLIC_URL must')]);
  });

  test.each([
    ['https://ci.example.com/', 'https://ci.example.com'],
    ['https://CI.example.com:443', 'https://ci.example.com'],
    ['https://ci.example.com:8443', 'https://ci.example.com:8443'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['http://localhost', 'http://localhost'],
  ])('PUBLIC_URL=%s becomes the origin %s', (address, origin) => {
    expect(accepted({ PUBLIC_URL: address }).publicUrl).toBe(origin);
  });

  test.each(['mysql://db', 'db.example.com', 'postgres', 'http://db.example.com'])(
    'DATABASE_URL=%s is refused',
    (address) => {
      expect(mistakes({ DATABASE_URL: address })).toEqual([expect.stringContaining('DATABASE_URL must')]);
    },
  );

  test.each(['postgres://u:p@db:5432/ci', 'postgresql://db/ci', 'postgres:///ci?host=%2Frun%2Fpg'])(
    'DATABASE_URL=%s is taken',
    (address) => {
      expect(accepted({ DATABASE_URL: address }).databaseUrl).toBe(address);
    },
  );

  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['6h', 21_600_000],
    ['1d', 86_400_000],
  ])('SWEEP_INTERVAL=%s is %d milliseconds', (text, ms) => {
    expect(accepted({ SWEEP_INTERVAL: text }).sweepInterval).toBe(ms);
  });

  test.each(['0s', '6', 'h', '-1h', '1.5h', '6 h', '6H', '6h30m', '1w', '99999999s'])(
    'SWEEP_INTERVAL=%s is refused',
    (text) => {
      expect(mistakes({ SWEEP_INTERVAL: text })).toEqual([expect.stringContaining('SWEEP_INTERVAL must')]);
    },
  );

  test.each(['https://help.example.com/ci', 'mailto:help@example.com'])(
    'SUPPORT_URL=%s is taken',
    (address) => {
      expect(accepted({ SUPPORT_URL: address }).supportUrl).toBe(address);
    },
  );

  test.each(['help', 'javascript:alert(1)', 'mailto:', 'mailto:nobody', 'data:text/html,x'])(
    'SUPPORT_URL=%s is refused',
    (address) => {
      expect(mistakes({ SUPPORT_URL: address })).toEqual([expect.stringContaining('SUPPORT_URL must')]);
    },
  );

  test.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])(
    'LOG_LEVEL=%s is taken',
    (level) => {
      expect(accepted({ LOG_LEVEL: level }).logLevel).toBe(level);
    },
  );
});

describe('production', () => {
  const production = { NODE_ENV: 'production', ENCRYPTION_KEYS: KEY };

  test('ENCRYPTION_KEYS is required there', () => {
    expect(mistakes({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^ENCRYPTION_KEYS is required in production/),
    ]);
  });

  test('the sandbox is refused there unless SANDBOX=1', () => {
    const sandboxed = { ...production, SANDBOX_URL: 'http://127.0.0.1:4000' };
    expect(mistakes(sandboxed)).toEqual([expect.stringContaining('SANDBOX=1')]);
    expect(mistakes({ ...sandboxed, SANDBOX: 'true' })).toHaveLength(1);
    expect(accepted({ ...sandboxed, SANDBOX: '1' }).sandboxUrl).toBe('http://127.0.0.1:4000');
    expect(accepted({ SANDBOX_URL: 'http://127.0.0.1:4000' }).sandboxUrl).toBe('http://127.0.0.1:4000');
  });

  test.each([
    'HOOKS_URL',
    'BITBUCKET_WEB_URL',
    'BITBUCKET_API_URL',
    'GITHUB_WEB_URL',
    'GITHUB_API_URL',
    'GITLAB_WEB_URL',
  ])('%s takes secrets over https only, except on loopback', (name) => {
    expect(mistakes({ ...production, [name]: 'http://code.example.com' })).toEqual([
      expect.stringContaining(`${name} must start with https://`),
    ]);
    expect(mistakes({ ...production, [name]: 'http://127.0.0.1:4000' })).toEqual([]);
    expect(mistakes({ ...production, [name]: 'https://code.example.com' })).toEqual([]);
  });

  test.each([
    'https://user:pass@code.example.com',
    'https://code.example.com/?a',
    'https://code.example.com/#a',
  ])('a provider address is refused with credentials, query or fragment: %s', (address) => {
    expect(mistakes({ BITBUCKET_API_URL: address })).toEqual([
      expect.stringContaining('BITBUCKET_API_URL must be'),
    ]);
  });
});

describe('ENCRYPTION_KEYS', () => {
  test('the first of several comes first, each with an id of its own', () => {
    const [first, second] = [key(), key()];
    const keys = accepted({ ENCRYPTION_KEYS: ` ${first} , ${second} ` }).encryptionKeys;
    expect(keys?.map(({ bytes }) => bytes.toString('base64'))).toEqual([first, second]);
    expect(new Set(keys?.map(({ id }) => id)).size).toBe(2);
  });

  test('an id says nothing of its key', () => {
    const [parsed] = parseEncryptionKeys(KEY) as { id: string }[];
    expect(parsed?.id).toMatch(/^[0-9a-f]{8}$/);
    expect(Buffer.from(KEY, 'base64').toString('hex')).not.toContain(parsed?.id);
  });

  const nearlyKey = randomBytes(31).toString('base64');
  test.each([
    ['not base64', `${KEY.slice(0, -3)}!!=`, 1],
    ['31 bytes', nearlyKey, 1],
    ['33 bytes', randomBytes(33).toString('base64'), 1],
    ['hexadecimal', randomBytes(32).toString('hex'), 1],
    ['all zero', Buffer.alloc(32).toString('base64'), 1],
    ['one byte repeated', Buffer.alloc(32, 'a').toString('base64'), 1],
    ['the same one twice', `${KEY},${KEY}`, 2],
    ['an empty place in the list', `${KEY},`, 2],
    ['a good one before a bad one', `${KEY},${nearlyKey}`, 2],
  ])('KS-04 refused: %s', (_name, text, place) => {
    const found = mistakes({ ENCRYPTION_KEYS: text });
    expect(found).toEqual([expect.stringContaining(`ENCRYPTION_KEYS: key ${place}`)]);
    for (const part of text.split(',').filter(Boolean)) expect(found.join()).not.toContain(part);
  });

  test('any 32 random bytes are a key', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((array) => new Set(array).size >= 8);
    fc.assert(
      fc.property(bytes, (array) => {
        const [parsed] = parseEncryptionKeys(Buffer.from(array).toString('base64')) as { bytes: Buffer }[];
        expect(parsed?.bytes.equals(array)).toBe(true);
      }),
    );
  });
});

test('no mistake repeats a value: any of them can be a secret', () => {
  const canary = 'cAnArY-7f3e';
  const names = [
    'PORT',
    'PUBLIC_URL',
    'HOOKS_URL',
    'DATABASE_URL',
    'ENCRYPTION_KEYS',
    'BITBUCKET_CLIENT_SECRET',
    'BITBUCKET_SSH_HOST',
    'BITBUCKET_SSH_PORT',
    'BITBUCKET_SSH_KNOWN_HOSTS',
    'BITBUCKET_WEB_URL',
    'BITBUCKET_API_URL',
    'GITHUB_CLIENT_SECRET',
    'GITHUB_WEB_URL',
    'GITHUB_API_URL',
    'GITLAB_CLIENT_SECRET',
    'GITLAB_WEB_URL',
    'SUPPORT_URL',
    'SANDBOX_URL',
    'SWEEP_INTERVAL',
    'LOG_LEVEL',
  ];
  for (const value of [canary, `mysql://user:${canary}@db`, `https://user:${canary}@example.com/x`]) {
    const found = mistakes(Object.fromEntries(names.map((name) => [name, value])));
    expect(found.length).toBeGreaterThanOrEqual(14);
    expect(found.join('\n')).not.toContain(canary);
  }
});
