import { createHash, randomBytes, randomUUID } from 'node:crypto';

export const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** A secret of exactly `length` URL-safe characters. */
export const secretOf = (length: number): string =>
  randomBytes(Math.ceil((length * 3) / 4))
    .toString('base64url')
    .slice(0, length);

export const bracedUuid = (): string => `{${randomUUID()}}`;
