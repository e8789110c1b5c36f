import { execFile } from 'node:child_process';
import { createPrivateKey, sign, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import ssh2 from 'ssh2';
import { expect, onTestFinished, test } from 'vitest';
import { createKeyPair, encodeKeyPair, fingerprintOf } from './key-pair.ts';

const run = promisify(execFile);

function parsed(privateKey: string) {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return key;
}

test('what we write, OpenSSH reads: the public key and the fingerprint are the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'key-pair-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (let round = 0; round < 20; round += 1) {
    const pair = createKeyPair();
    const file = join(folder, `key-${round}`);
    await writeFile(file, pair.privateKey, { mode: 0o600 });
    await writeFile(`${file}.pub`, `${pair.publicKey}\n`);
    expect((await run('ssh-keygen', ['-y', '-f', file])).stdout.trim()).toBe(pair.publicKey);
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${file}.pub`]);
    expect(stdout.split(' ')[1]).toBe(fingerprintOf(pair.publicKey));
  }
});

test('every pair is read by the client that logs in, and its two halves belong together', () => {
  const message = Buffer.from('who goes there');
  const seen = new Set<string>();
  for (let round = 0; round < 1_000; round += 1) {
    const { publicKey, privateKey } = createKeyPair();
    const key = parsed(privateKey);
    expect(`${key.type} ${key.getPublicSSH().toString('base64')}`).toBe(publicKey);
    const signature = key.sign(message);
    if (signature instanceof Error) throw signature;
    const other = ssh2.utils.parseKey(publicKey);
    if (other instanceof Error) throw other;
    expect(other.verify(message, signature)).toBe(true);
    seen.add(publicKey);
  }
  expect(seen.size).toBe(1_000);
});

test('any seed makes a key, also one with zeros at either end', () => {
  const seeds = fc.tuple(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constantFrom(0, 1, 2, 31),
    fc.boolean(),
  );
  fc.assert(
    fc.property(seeds, ([bytes, zeros, atEnd]) => {
      const seed = Buffer.from(bytes);
      if (atEnd) seed.fill(0, 32 - zeros);
      else seed.fill(0, 0, zeros);
      // PKCS #8 of an Ed25519 seed is a fixed beginning and the seed.
      const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
      const reference = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const point = Buffer.from(reference.export({ format: 'jwk' }).x ?? '', 'base64url');
      expect(point).toHaveLength(32);
      const { privateKey, publicKey } = encodeKeyPair(seed, point);
      const key = parsed(privateKey);
      expect(`${key.type} ${key.getPublicSSH().toString('base64')}`).toBe(publicKey);
      const message = Buffer.from('who goes there');
      const signature = key.sign(message);
      if (signature instanceof Error) throw signature;
      expect(signature).toEqual(sign(null, message, reference));
      expect(verify(null, message, reference, signature)).toBe(true);
    }),
    { examples: [[[new Uint8Array(32), 0, false]], [[new Uint8Array(32).fill(255), 31, true]]] },
  );
});

test('a public key is one line without a comment', () => {
  expect(createKeyPair().publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68}$/);
});

test('a comment and blanks around it change no fingerprint', () => {
  const { publicKey } = createKeyPair();
  expect(fingerprintOf(publicKey)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(fingerprintOf(` ${publicKey}\tci@example.com \n`)).toBe(fingerprintOf(publicKey));
  expect(fingerprintOf(createKeyPair().publicKey)).not.toBe(fingerprintOf(publicKey));
});
