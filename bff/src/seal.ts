/**
 * Secrets at rest: AES-256-GCM with the place (table, row, column) as associated data, so that a ciphertext copied to
 * another row does not open there. Written as `v1.<key id>.<base64url of nonce|tag|ciphertext>`.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from './config.ts';

/** Where a secret stands, as `table/row/column`. */
export type Place = `${string}/${string}/${string}`;

/** Thrown when a sealed text does not open: wrong place, changed bytes, or a key that is not given. */
export class SealError extends Error {
  override name = 'SealError';
}

export type Sealer = {
  seal(plaintext: string, place: Place): string;
  /** Throws `SealError`; its message names the place, never the content. */
  open(sealed: string, place: Place): string;
  /** The start of every text sealed with the newest key. */
  readonly newestPrefix: string;
};

const NONCE = 12;
const TAG = 16;

/** Makes the sealer; the first key seals, all of them open. */
export function createSealer(keys: readonly EncryptionKey[]): Sealer {
  const newest = keys[0];
  if (!newest) throw new Error('A sealer needs at least one key.');
  const byId = new Map(keys.map((key) => [key.id, key.bytes]));
  const newestPrefix = `v1.${newest.id}.`;

  return {
    newestPrefix,
    seal(plaintext, place) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', newest.bytes, nonce, { authTagLength: TAG });
      cipher.setAAD(Buffer.from(place));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return newestPrefix + Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url');
    },
    open(sealed, place) {
      const [version, keyId = '', payload = '', ...rest] = sealed.split('.');
      const key = byId.get(keyId);
      if (version !== 'v1' || rest.length > 0)
        throw new SealError(`${place} is not in a sealed form we know.`);
      if (!key)
        throw new SealError(`${place} was sealed with key ${keyId}, which is not among ENCRYPTION_KEYS.`);
      const bytes = Buffer.from(payload, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), {
          authTagLength: TAG,
        });
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        const plaintext = [decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()];
        return Buffer.concat(plaintext).toString('utf8');
      } catch {
        throw new SealError(`${place} does not open: it was changed, or belongs to another place.`);
      }
    },
  };
}
