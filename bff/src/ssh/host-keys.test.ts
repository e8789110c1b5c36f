import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { publishedHostKeys, readKnownHosts } from './host-keys.ts';

// Two keys that nothing uses, and their fingerprints as `ssh-keygen -l` printed them.
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZHTSCgAREpaoJsoy/8617KnX2kBwJ8wFlEAIyIV07P';
const ED25519_PIN = {
  type: 'ssh-ed25519',
  fingerprint: 'SHA256:x3XG6e701Auw1fRAZnKZ+L80Si1imDTVLQahqj6hCQM',
};
const ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEn+2kceR5NT/+sRbRfZPdlEqO2LtPUVbmcRV9Unviq5MLypnHzw2qPw+AeANRmeqn3clsvtixVAgEY5unFfemk=';
const ECDSA_PIN = {
  type: 'ecdsa-sha2-nistp256',
  fingerprint: 'SHA256:Cw3cZYJcHpME328jKPn+PyXGZ1/pOu40lH9V3645mpc',
};
// What `ssh-keygen -H` made of git.example.com and [git.example.com]:2222.
const HASHED = `|1|MMYwBrDG2uNwmsSpOvW6IwAOHcM=|Us9uwQDb96oBzQhXSyml2ldyV74= ${ED25519}`;
const HASHED_PORT = `|1|ZYddpzlYSTMXXzudBBhMVVmoSm8=|w271nCWLMrq5n4QFPdPuc6RrEcs= ${ECDSA}`;

const HOST = 'git.example.com';

describe('the keys of a known_hosts file', () => {
  test.each([
    ['the name', `${HOST} ${ED25519}`],
    ['a comment at the end', `${HOST} ${ED25519} our own server`],
    ['tabs, spaces and a carriage return', `  ${HOST}\t ${ED25519} \r`],
    ['a list of names', `other.example.com,${HOST},10.0.0.7 ${ED25519}`],
    ['a name in capitals', `Git.Example.COM ${ED25519}`],
    ['a wildcard', `*.example.com ${ED25519}`],
    ['a wildcard for one character', `gi?.example.com ${ED25519}`],
    ['a hash', HASHED],
    ['the same key twice', `${HOST} ${ED25519}\n${HASHED}`],
    ['a line among others', `# ours\n\nother.example.com ${ECDSA}\n${HOST} ${ED25519}\n`],
  ])('found by %s', (_name, text) => {
    expect(readKnownHosts(text, HOST, 22)).toEqual([ED25519_PIN]);
  });

  test.each([
    ['another name', `other.example.com ${ED25519}`],
    ['a name that ends alike', `not${HOST} ${ED25519}`],
    ['a dot that stands for itself', `gitxexample.com ${ED25519}`],
    ['a negated name', `*.example.com,!${HOST} ${ED25519}`],
    ['a negated name before the wildcard', `!${HOST},*.example.com ${ED25519}`],
    ['a comment', `# ${HOST} ${ED25519}`],
    ['a line cut short', `${HOST} ssh-ed25519`],
    ['a key cut short', `${HOST} ssh-ed25519 AAAA`],
    ['a key of another type than it says', `${HOST} ssh-rsa ${ED25519.split(' ')[1]}`],
    ['a type that nobody can check', `${HOST} ssh-dss AAAAB3NzaC1kc3MAAACB`],
    ['a certificate authority', `@cert-authority ${HOST} ${ED25519}`],
    ['a revoked key', `@revoked ${HOST} ${ED25519}`],
    ['a revoked key that another line still names', `${HOST} ${ED25519}\n@revoked * ${ED25519}`],
    ['the hash of another name', HASHED_PORT],
    ['a hash of an unknown kind', HASHED.replace('|1|', '|2|')],
    ['nothing', ''],
    ['no text at all', '\0\x01\x02\xff'],
  ])('none for %s', (_name, text) => {
    expect(readKnownHosts(text, HOST, 22)).toEqual([]);
  });

  test('every key of the host counts, whatever its type', () => {
    expect(readKnownHosts(`${HOST} ${ED25519}\n${HOST} ${ECDSA}`, HOST, 22)).toEqual([
      ED25519_PIN,
      ECDSA_PIN,
    ]);
  });

  test('on a port of its own, lines with that port come before lines without one', () => {
    const both = `${HOST} ${ED25519}\n[${HOST}]:2222 ${ECDSA}`;
    expect(readKnownHosts(both, HOST, 2222)).toEqual([ECDSA_PIN]);
    expect(readKnownHosts(both, HOST, 22)).toEqual([ED25519_PIN]);
    expect(readKnownHosts(both, HOST, 2223)).toEqual([ED25519_PIN]);
    expect(readKnownHosts(HASHED_PORT, HOST, 2222)).toEqual([ECDSA_PIN]);
    expect(readKnownHosts(`[*.example.com]:2222 ${ECDSA}`, HOST, 2222)).toEqual([ECDSA_PIN]);
    expect(readKnownHosts(`[${HOST}]:2222 ${ECDSA}`, HOST, 22)).toEqual([]);
  });

  test('a key that is revoked for the host is revoked on every port', () => {
    expect(readKnownHosts(`[${HOST}]:2222 ${ECDSA}\n@revoked ${HOST} ${ECDSA}`, HOST, 2222)).toEqual([]);
  });

  test('a hash is that of the name with a salt', () => {
    const salt = Buffer.from('salt salt salt salt!');
    const hash = createHmac('sha1', salt).update('other.example.com').digest('base64');
    const text = `|1|${salt.toString('base64')}|${hash} ${ECDSA}`;
    expect(readKnownHosts(text, 'other.example.com', 22)).toEqual([ECDSA_PIN]);
    expect(readKnownHosts(text, HOST, 22)).toEqual([]);
  });
});

test("Bitbucket's published keys hold for its own hosts only", () => {
  for (const host of ['ssh.bitbucket.org', 'bitbucket.org', 'altssh.bitbucket.org']) {
    expect(publishedHostKeys(host)).toHaveLength(3);
  }
  for (const host of ['example.com', 'bitbucket.org.example.com', 'evilbitbucket.org', '']) {
    expect(publishedHostKeys(host)).toEqual([]);
  }
});
