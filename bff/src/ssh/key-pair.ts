/** Makes the key pair of a project's deploy key. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { fingerprintOfBlob } from './host-keys.ts';

const TYPE = 'ssh-ed25519';
/** The unencrypted part of a key file is filled up to this. */
const BLOCK = 8;

export type KeyPair = {
  /** `ssh-ed25519 AAAA…`, one line without a comment. */
  publicKey: string;
  /** PEM in OpenSSH's own format, without a passphrase: OpenSSH up to 9.2 at least reads no other for Ed25519. */
  privateKey: string;
};

/** A new Ed25519 key pair. */
export function createKeyPair(): KeyPair {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (!jwk.d || !jwk.x) throw new Error('Node.js exported an Ed25519 key without its two parts');
  return encodeKeyPair(Buffer.from(jwk.d, 'base64url'), Buffer.from(jwk.x, 'base64url'));
}

/** The pair of a seed and its public point, both of 32 bytes. */
export function encodeKeyPair(seed: Buffer, point: Buffer): KeyPair {
  const blob = Buffer.concat([field(TYPE), field(point)]);
  // Twice the same number, by which a reader sees that it decrypted well.
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    field(TYPE),
    field(point),
    field(Buffer.concat([seed, point])),
    field(''),
  ]);
  const padding = Buffer.from(Array.from({ length: -secret.length & (BLOCK - 1) }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    publicKey: `${TYPE} ${blob.toString('base64')}`,
    privateKey: [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      ...lines,
      '-----END OPENSSH PRIVATE KEY-----',
      '',
    ].join('\n'),
  };
}

/** `SHA256:…` of a public key line, as OpenSSH prints it; a comment at its end changes nothing. */
export function fingerprintOf(publicKey: string): string {
  return fingerprintOfBlob(Buffer.from(publicKey.trim().split(/\s+/)[1] ?? '', 'base64'));
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
