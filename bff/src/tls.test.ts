import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../test/certificate.ts';
import { type Environment, readConfig } from './config.ts';

const NAMED = { TLS_CERT: '/etc/ci/cert.pem', TLS_KEY: '/etc/ci/key.pem' };
const DAY = 86_400_000;

type Files = { cert: string; key: string };
const read = ({ cert, key }: Files, env: Environment = NAMED, now = new Date()) =>
  readConfig(env, {
    readFile: (path) => {
      if (path === NAMED.TLS_CERT) return cert;
      if (path === NAMED.TLS_KEY) return key;
      throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    },
    now: () => now,
  });

function mistakes(files: Files, env: Environment = NAMED, now = new Date()): string[] {
  const result = read(files, env, now);
  return result.ok ? [] : result.mistakes;
}

describe('TLS_CERT and TLS_KEY', () => {
  test('are kept as they are, and the public address is https then', () => {
    const files = selfSigned();
    expect(read(files)).toMatchObject({
      ok: true,
      config: { tls: files, publicUrl: 'https://localhost:3000', hooksUrl: 'https://localhost:3000' },
    });
  });

  test('a chain is kept whole: the first certificate is the one that the key belongs to', () => {
    const [own, above] = [selfSigned(), selfSigned()];
    const chain = { cert: own.cert + above.cert, key: own.key };
    expect(read(chain)).toMatchObject({ config: { tls: chain } });
    expect(mistakes({ cert: above.cert + own.cert, key: own.key })).toEqual([
      'TLS_KEY is not the private key of the first certificate in TLS_CERT.',
    ]);
  });

  test.each([
    ['TLS_CERT', 'TLS_KEY'],
    ['TLS_KEY', 'TLS_CERT'],
  ] as const)('%s without %s is a mistake', (given, missing) => {
    expect(mistakes(selfSigned(), { [given]: NAMED[given] })).toEqual([
      `${given} is set but ${missing} is not: set both or neither.`,
    ]);
  });

  test('files that cannot be read are mistakes, each by itself', () => {
    const env = { TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/nowhere/key.pem' };
    expect(mistakes(selfSigned(), env)).toEqual([
      'TLS_CERT names a file that cannot be read (ENOENT).',
      'TLS_KEY names a file that cannot be read (ENOENT).',
    ]);
  });

  test.each([
    ['nothing', ''],
    ['words', 'a certificate'],
    ['a certificate of nothing', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['the key', selfSigned().key],
  ])('a certificate file with %s is a mistake', (_what, cert) => {
    expect(mistakes({ cert, key: selfSigned().key })).toEqual([
      'TLS_CERT must name a file with a certificate in PEM form.',
    ]);
  });

  test.each([
    ['nothing', ''],
    ['words', 'a key'],
    ['a key of nothing', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['the certificate', selfSigned().cert],
  ])('a key file with %s is a mistake', (_what, key) => {
    expect(mistakes({ cert: selfSigned().cert, key })).toEqual([
      'TLS_KEY must name a file with a private key in PEM form.',
    ]);
  });

  test('a key with a passphrase is a mistake: nobody is there to type it', () => {
    const { cert, key } = selfSigned();
    const locked = createPrivateKey(key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    });
    expect(mistakes({ cert, key: locked.toString() })).toEqual([
      'TLS_KEY names a private key with a passphrase: give one without.',
    ]);
  });

  test('the key of another certificate is a mistake', () => {
    expect(mistakes({ cert: selfSigned().cert, key: selfSigned().key })).toEqual([
      'TLS_KEY is not the private key of the first certificate in TLS_CERT.',
    ]);
  });

  test('a certificate is a mistake before its first day and after its last', () => {
    const [from, to] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z')];
    const files = selfSigned({ from, to });
    expect(mistakes(files, NAMED, new Date(+from - 1))).toEqual([
      'TLS_CERT names a certificate that is not valid before 2026-03-01T00:00:00.000Z.',
    ]);
    expect(mistakes(files, NAMED, from)).toEqual([]);
    expect(mistakes(files, NAMED, to)).toEqual([]);
    expect(mistakes(files, NAMED, new Date(+to + DAY))).toEqual([
      'TLS_CERT names a certificate that expired on 2026-06-01T00:00:00.000Z.',
    ]);
  });

  test('a broken certificate further down is a mistake', () => {
    const { cert, key } = selfSigned();
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(mistakes({ cert: cert + broken, key })).toEqual([
      expect.stringMatching(/^TLS_CERT and TLS_KEY cannot be used( \(\w+\))?\.$/),
    ]);
  });

  test('a key that is too weak for anybody is a mistake', () => {
    const files = selfSigned({ key: generateKeyPairSync('rsa', { modulusLength: 512 }) });
    expect(mistakes(files)).toEqual([expect.stringMatching(/^TLS_CERT and TLS_KEY cannot be used/)]);
  });

  test('with them, PUBLIC_URL over plain http is a mistake, for nobody could come', () => {
    const files = selfSigned();
    expect(mistakes(files, { ...NAMED, PUBLIC_URL: 'http://localhost:3000' })).toEqual([
      expect.stringMatching(/^PUBLIC_URL must start with https:\/\/ when TLS_CERT is set/),
    ]);
    expect(mistakes(files, { ...NAMED, PUBLIC_URL: 'https://ci.example.com' })).toEqual([]);
    expect(mistakes(files, { ...NAMED, PUBLIC_URL: 'nonsense' })).toHaveLength(1);
  });

  test('no mistake says a word of the key', () => {
    const { key } = selfSigned();
    const secret = key.split('\n')[1] ?? '';
    for (const files of [
      { cert: key, key },
      { cert: selfSigned().cert, key },
      { cert: selfSigned().cert, key: key.replace('-----BEGIN', '----BEGIN') },
      { cert: 'x', key: `${secret}\n` },
    ]) {
      const told = mistakes(files).join('\n');
      expect(told).not.toBe('');
      expect(told).not.toContain(secret);
    }
  });
});
